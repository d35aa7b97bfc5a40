"""A parsed filter + a table's columns → a function that judges rows.

The table is anything with `type_name` and `column_of(name)` → object with `key` (in the row) and `edm`, or None.
"""
import operator as operators

from .like import like
from .parse import SyntaxProblem, parse
from .values import normal_datetime

COMPARE = {"gt": operators.gt, "ge": operators.ge, "lt": operators.lt, "le": operators.le}
EDM = {"string": "Edm.String", "guid": "Edm.Guid", "datetime": "Edm.DateTimeOffset", "integer": "Edm.Int32",
       "decimal": "Edm.Decimal", "boolean": "Edm.Boolean"}
NUMBERS = {"Edm.Int32", "Edm.Double", "Edm.Decimal", "Edm.Int64"}


class UnknownProperty(ValueError):
    def __init__(self, name, type_name):
        super().__init__(f"Could not find a property named '{name}' on type '{type_name}'.")


class Scope:
    """What the leaves of one filter refer to."""

    def __init__(self, table, literals, aliases):
        self.table, self.literals, self.aliases = table, literals, aliases

    def column(self, name):
        column = self.table.column_of(name)
        if column is None:
            raise UnknownProperty(name, self.table.type_name)
        return column

    def value(self, literal):
        kind, value = literal
        if kind == "string":
            return kind, self.literals[value]
        if kind == "alias":
            if value not in self.aliases:
                return "null", None                 # OData 4.01: an alias without a value is null
            tree, literals = parse("literal", self.aliases[value])
            return Scope(self.table, literals, {}).value(tree)
        if kind == "datetime":
            try:
                return kind, normal_datetime(value)
            except ValueError:
                raise SyntaxProblem(f"Unrecognized 'Edm.DateTimeOffset' literal '{value}'.") from None
        return literal


def build(tree, scope):
    """→ function(row) → bool."""
    kind = tree[0]
    if kind == "and":
        parts = [build(part, scope) for part in tree[1]]
        return lambda row: all(part(row) for part in parts)
    if kind == "or":
        return _disjunction(tree[1], scope)
    if kind == "not":
        part = build(tree[1], scope)
        return lambda row: not part(row)
    if kind == "compare":
        return _comparison(tree, scope)
    if kind == "call":
        return _call(tree, scope)
    return _membership(tree, scope)


def _disjunction(parts, scope):
    wanted = equal_strings(("or", parts), scope)
    if wanted:                                      # one look-up instead of twenty comparisons a row
        key, values = wanted
        return lambda row: row[key] is not None and row[key].casefold() in values
    built = [build(part, scope) for part in parts]
    return lambda row: any(part(row) for part in built)


def equal_strings(tree, scope):
    """(row key, case-folded values) if the tree is `a eq 'x' or a eq 'y' …` over one text column, else None."""
    parts = tree[1] if tree[0] == "or" else (tree,)
    names = {part[2] for part in parts if part[0] == "compare" and part[1] == "eq" and part[3][0] == "string"}
    if len(names) != 1 or any(part[0] != "compare" or part[1] != "eq" or part[3][0] != "string" for part in parts):
        return None
    column = scope.column(names.pop())
    if column.edm != "Edm.String":
        return None
    return column.key, frozenset(scope.literals[part[3][1]].casefold() for part in parts)


def _comparison(tree, scope):
    _, operator, name, literal = tree
    column = scope.column(name)
    kind, value = scope.value(literal)
    key = column.key
    if kind == "null":
        if operator not in ("eq", "ne"):
            raise SyntaxProblem(f"The operator '{operator}' can not be used with null.")
        return (lambda row: row[key] is None) if operator == "eq" else (lambda row: row[key] is not None)
    edm = EDM[kind]
    if edm != column.edm and not (edm in NUMBERS and column.edm in NUMBERS):
        word = {"eq": "Equal", "ne": "NotEqual", "gt": "GreaterThan", "ge": "GreaterThanOrEqual", "lt": "LessThan",
                "le": "LessThanOrEqual"}[operator]
        raise SyntaxProblem(f"A binary operator with incompatible types was detected. Found operand types "
                            f"'{column.edm}' and '{edm}' for operator kind '{word}'.")
    read = _reader(column)
    if kind == "string":
        value = value.casefold()
    if operator == "eq":
        return lambda row: read(row) == value
    if operator == "ne":                            # Dataverse counts an empty column as "not equal"
        return lambda row: read(row) != value
    compare = COMPARE[operator]

    def judge(row):
        found = read(row)
        return found is not None and compare(found, value)
    return judge


def _reader(column):
    key = column.key
    if column.edm == "Edm.String":
        return lambda row: row[key].casefold() if row[key] is not None else None
    if column.lookup:
        return lambda row: row[key][1] if row[key] is not None else None
    return lambda row: row[key]


def _call(tree, scope):
    _, function, name, literal = tree
    column = scope.column(name)
    kind, value = scope.value(literal)
    if column.edm != "Edm.String" or kind != "string":
        raise SyntaxProblem(f"No function signature for the function with name '{function}' matches the specified "
                            f"arguments. The function signatures considered are: {function}(Edm.String Nullable=true, "
                            f"Edm.String Nullable=true).")
    pattern = like({"contains": f"%{value}%", "startswith": f"{value}%", "endswith": f"%{value}"}[function])
    key = column.key
    return lambda row: row[key] is not None and pattern.matches(row[key])


def _membership(tree, scope):
    _, function, first, name, second, values = tree
    if not function.endswith(".In") or (first, second) != ("PropertyName", "PropertyValues"):
        raise SyntaxProblem(f"An unknown function with name '{function}' was found. This may also be a function import "
                            f"or a key lookup on a navigation property, which is not allowed.")
    column = scope.column(scope.literals[name[1]])
    wanted = frozenset(str(scope.literals[value[1]]).casefold() for value in values)
    read = _reader(column)

    def judge(row):
        found = read(row)
        return found is not None and str(found).casefold() in wanted
    return judge
