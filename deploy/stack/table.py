"""Tables whose columns line up, also with wide characters in them."""

import unicodedata


def width(text):
    total = 0
    for char in text:
        if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn"):
            continue
        total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total


def pad(text, to):
    return text + " " * max(0, to - width(text))


def lines(head, rows):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(width(cell) for cell in column) for column in zip(head, *rows)]
    form = lambda row: "  ".join(pad(cell, to) for cell, to in zip(row, widths)).rstrip()
    return [form(head), form(["-" * to for to in widths])] + [form(row) for row in rows]
