"""SQL's LIKE, which shines through Dataverse's string functions: % any run, _ one character, [ab] one of, [^ab] none of.

A pattern is cut at its percent signs into pieces of fixed width. Finding each piece as far left as possible is enough, so that a
hostile pattern costs no more than a kind one; one regular expression with many `.*` in it would not end.
"""
import functools
import re


class Like:
    def __init__(self, pieces):
        """[(expression of a piece, its width)]"""
        self.pieces = pieces

    def matches(self, text):
        """Whether the whole text fits."""
        (first, width), *rest = self.pieces
        if not rest:
            return first.fullmatch(text) is not None
        if not first.match(text):
            return False
        at = width
        for piece, width in rest[:-1]:
            found = piece.search(text, at)
            if not found:
                return False
            at = found.end()
        last, width = rest[-1]
        return len(text) - width >= at and last.match(text, len(text) - width) is not None


@functools.lru_cache(maxsize=1024)
def like(pattern):
    pieces, out, width, at = [], [], 0, 0

    def finish():
        pieces.append((re.compile("".join(out), re.IGNORECASE | re.DOTALL), width))

    while at < len(pattern):
        character = pattern[at]
        closing = pattern.find("]", at + 2) if character == "[" else -1
        if character == "%":
            finish()
            out, width = [], -1
        elif character == "_":
            out.append(".")
        elif closing > 0:
            out.append(_set(pattern[at + 1:closing]))
            at = closing
        else:
            out.append(re.escape(character))
        at += 1
        width += 1
    finish()
    return Like(pieces)


def _set(inside):
    negated = inside.startswith("^") and len(inside) > 1
    members = inside[1:] if negated else inside
    # A range such as [0-9] keeps its dash; everything else loses its meaning for re.
    escaped = "".join(c if c == "-" else re.escape(c) for c in members)
    return f"[{'^' if negated else ''}{escaped}]"
