"""SQL's LIKE, which shines through Dataverse's string functions: % any run, _ one character, [ab] one of, [^ab] none of."""
import functools
import re


@functools.lru_cache(maxsize=1024)
def like(pattern):
    """A compiled expression that matches a whole value."""
    out, at = [], 0
    while at < len(pattern):
        character = pattern[at]
        closing = pattern.find("]", at + 2) if character == "[" else -1
        if character == "%":
            out.append(".*")
        elif character == "_":
            out.append(".")
        elif closing > 0:
            out.append(_set(pattern[at + 1:closing]))
            at = closing
        else:
            out.append(re.escape(character))
        at += 1
    return re.compile("".join(out), re.IGNORECASE | re.DOTALL)


def _set(inside):
    negated = inside.startswith("^") and len(inside) > 1
    members = inside[1:] if negated else inside
    # A range such as [0-9] keeps its dash; everything else loses its meaning for re.
    escaped = "".join(c if c == "-" else re.escape(c) for c in members)
    return f"[{'^' if negated else ''}{escaped}]"
