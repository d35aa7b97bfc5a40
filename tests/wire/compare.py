"""What may not change between releases, since the last one's processes run beside this one's."""


def broken(released, now):
    """A sentence for each promise of the last release that this one does not keep. Both as shapes() makes them."""
    found = []
    for name, was in released.items():
        if name not in now:
            found.append(f"{name} is gone")
            continue
        found += [f"{name}: {wrong}" for number, what in was.items() if (wrong := _wrong(number, what, now[name]))]
    return found


def _wrong(number, was, fields):
    now = fields.get(number)
    if now == was:
        return None
    if was == "reserved":
        return f"{number} was reserved and is used again, by {now}" if now else f"{number} is reserved no more"
    if now == "reserved":
        return None  # taken out as it should be
    moved = [other for other, what in fields.items() if what.split(" ")[0] == was.split(" ")[0] and other != number]
    if moved and isinstance(number, int):
        return f"{was} had the number {number} and has {moved[0]}"
    if now is None:
        return f"{number} ({was}) is gone; reserve its number"
    return f"{number} was {was} and is {now}"
