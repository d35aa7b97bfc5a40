"""Text of a query option → a small tree. Trees are cached by shape: the text without its literals."""
import functools
import json
import pathlib
import re

from lark import Lark, Transformer
from lark.exceptions import UnexpectedInput

# Double-quoted strings stand only inside In(...)'s JSON array; a single quote within one does not open a literal.
LITERAL = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"\\]|\\.)*)\"")


class SyntaxProblem(ValueError):
    pass


class _Tree(Transformer):
    """Plain tuples, so that a tree may be shared between requests."""

    def NAME(self, token):
        return str(token)

    OPERATOR = FUNCTION = DIRECTION = QUALIFIED = NAME

    def filter(self, items):
        return items[0]

    def disjunction(self, items):
        return ("or", tuple(items))

    def conjunction(self, items):
        return ("and", tuple(items))

    def negation(self, items):
        return ("not", items[0])

    def comparison(self, items):
        name, operator, literal = items
        return ("compare", operator, name, literal)

    def call(self, items):
        function, name, literal = items
        return ("call", function, name, literal)

    def membership(self, items):
        function, first, name, second, *values = items
        return ("in", function, first, name, second, tuple(values))

    def literal(self, items):
        return items[0]

    def string(self, items):
        return ("string", int(items[0][1:-1]))

    quoted = string

    def guid(self, items):
        return ("guid", str(items[0]).lower())

    def datetime(self, items):
        return ("datetime", str(items[0]))

    def integer(self, items):
        return ("integer", int(items[0]))

    def decimal(self, items):
        return ("decimal", float(items[0]))

    def alias(self, items):
        return ("alias", str(items[0]))

    def null(self, _):
        return ("null", None)

    def true(self, _):
        return ("boolean", True)

    def false(self, _):
        return ("boolean", False)

    def select(self, items):
        return tuple(items)                      # empty: the star

    def orderby(self, items):
        return tuple(items)

    def order(self, items):
        return (items[0], items[1] == "desc")

    def expand(self, items):
        return tuple(items)

    def expansion(self, items):
        return (items[0], tuple(option for option in items[1:] if option is not None))

    def inner_select(self, items):
        return ("$select", items[0])

    def inner_filter(self, items):
        return ("$filter", items[0])

    def inner_orderby(self, items):
        return ("$orderby", items[0])

    def inner_top(self, items):
        return ("$top", int(items[0]))

    def inner_expand(self, items):
        return ("$expand", items[0])


_lark = Lark((pathlib.Path(__file__).parent / "grammar.lark").read_text(), parser="lalr", transformer=_Tree(),
             start=["filter", "select", "orderby", "expand", "literal"], maybe_placeholders=True)


@functools.lru_cache(maxsize=4096)
def _parse_shape(start, shape):
    return _lark.parse(shape, start=start)


def _take_literals(text):
    values = []

    def replace(match):
        single, double = match.groups()
        if single is not None:
            values.append(single.replace("''", "'"))
            return f"'{len(values) - 1}'"
        try:
            values.append(json.loads(match.group()))
        except ValueError:
            raise SyntaxProblem(f"Syntax error at position {match.start()} in '{text}'.") from None
        return f'"{len(values) - 1}"'

    return LITERAL.sub(replace, text), values


def parse(start, text):
    """→ (tree, literals). Raises SyntaxProblem with the vendor's sentence and the position in the text as sent."""
    shape, values = _take_literals(text)
    if "'" in LITERAL.sub("", text):
        raise SyntaxProblem(f"There is an unterminated literal at position {len(text)} in '{text}'.")
    try:
        return _parse_shape(start, shape), values
    except UnexpectedInput as problem:
        at = problem.pos_in_stream if isinstance(problem.pos_in_stream, int) and problem.pos_in_stream >= 0 else len(shape)
        raise SyntaxProblem(f"Syntax error at position {_original_position(text, at)} in '{text}'.") from None


def _original_position(text, position):
    shrunk = number = 0
    for match in LITERAL.finditer(text):
        placeholder = len(str(number)) + 2
        if match.start() - shrunk >= position:
            break
        shrunk += len(match.group()) - placeholder
        number += 1
    return min(position + shrunk, len(text))
