"""EntityDefinitions: what a connector reads to learn lengths and choices."""
from . import errors
from .answer import ok
from .schema import stable_id
from ..odata.options import split
from ..odata.parse import parse

CASTS = {"string": "StringAttributeMetadata", "memo": "MemoAttributeMetadata", "picklist": "PicklistAttributeMetadata",
         "integer": "IntegerAttributeMetadata", "boolean": "BooleanAttributeMetadata", "datetime": "DateTimeAttributeMetadata",
         "double": "DoubleAttributeMetadata", "lookup": "LookupAttributeMetadata", "guid": "AttributeMetadata"}
PREFIX = "Microsoft.Dynamics.CRM."


def answer(call, parts):
    if call.method != "GET":
        raise errors.wrong_method(call.method)
    options, _ = split(call.query)
    table = definition(call, parts[0][1])
    rest = parts[1:]
    if not rest:
        shown = {"LogicalName": table.name, "EntitySetName": table.set, "PrimaryIdAttribute": table.key,
                 "ObjectTypeCode": table.code, "SchemaName": table.name.capitalize()}
        return shaped(call, "EntityDefinitions/$entity", shown, options, stable_id("table", table.name))
    if rest[0][0] != "Attributes":
        raise errors.missing_segment(rest[0][0])
    cast = cast_of(rest[1][0]) if len(rest) > 1 else None
    if len(rest) > 2:
        raise errors.missing_segment(rest[2][0])
    if rest[0][1] is None:
        return attributes(call, table, cast, options)
    column = attribute(table, rest[0][1])
    if cast and CASTS[column.kind] != cast:
        raise errors.Refused(404, "0x80060888", f"The attribute '{column.name}' of '{table.name}' is no {cast}.")
    where = f"EntityDefinitions('{table.name}')/Attributes{'/' + PREFIX + cast if cast else ''}/$entity"
    return shaped(call, where, described(table, column, options, cast), options, metadata_id(table, column))


def definition(call, key):
    name = logical_name(key)
    if name not in call.org.tables:
        raise errors.Refused(404, "0x80060888", f"Could not find an entity with specified entity name: {name}.")
    return call.org.tables[name]


def attribute(table, key):
    name = logical_name(key)
    if name not in table.by_name:
        raise errors.Refused(404, "0x80060888", f"Could not find an attribute with specified name: {name} for entity: "
                             f"{table.name}.")
    return table.by_name[name]


def logical_name(key):
    if key is None or not key.startswith("LogicalName='") or not key.endswith("'"):
        raise errors.bad_query("Metadata are addressed by LogicalName='…' here.")
    return key[len("LogicalName='"):-1]


def cast_of(segment):
    name = segment.removeprefix(PREFIX)
    if not segment.startswith(PREFIX) or name not in CASTS.values():
        raise errors.missing_segment(segment)
    return name


def metadata_id(table, column):
    return stable_id("column", table.name, column.name)


def attributes(call, table, cast, options):
    """All columns of a kind at once, optionally `$filter=LogicalName eq 'a' or …`."""
    wanted = None
    if "$filter" in options:
        tree, literals = parse("filter", options["$filter"])
        parts = tree[1] if tree[0] == "or" else (tree,)
        if any(part[:3] != ("compare", "eq", "LogicalName") or part[3][0] != "string" for part in parts):
            raise errors.bad_query("Only LogicalName eq '…' is supported in a filter on attributes.")
        wanted = {literals[part[3][1]] for part in parts}
    value = [{**picked(described(table, column, options, cast), options), "MetadataId": metadata_id(table, column)}
             for column in table.columns
             if (cast is None or CASTS[column.kind] == cast) and (wanted is None or column.name in wanted)]
    where = f"EntityDefinitions('{table.name}')/Attributes{'/' + PREFIX + cast if cast else ''}"
    return ok({"@odata.context": f"{call.root}/$metadata#{where}", "value": value})


def described(table, column, options, cast):
    shown = {"LogicalName": column.name, "EntityLogicalName": table.name, "AttributeType": column.kind.capitalize(),
             "IsValidForCreate": column.creatable, "IsValidForUpdate": column.updatable, "IsValidForRead": True}
    if cast in ("StringAttributeMetadata", "MemoAttributeMetadata"):
        shown["MaxLength"] = column.max
    if cast == "PicklistAttributeMetadata" and options.get("$expand", "").partition("(")[0] in ("OptionSet", "GlobalOptionSet"):
        shown["OptionSet"] = {"MetadataId": stable_id("options", table.name, column.name), "Options": [
            {"Value": value, "Label": {"LocalizedLabels": [], "UserLocalizedLabel": {"Label": label, "LanguageCode": 1033}}}
            for value, label in column.options]}
    return shown


def picked(shown, options):
    if "$select" not in options:
        return shown
    names = parse("select", options["$select"])[0]
    for name in names:
        if name not in shown and name != "MetadataId":
            raise errors.bad_query(f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.AttributeMetadata'.")
    return {name: value for name, value in shown.items() if name in names or name == "OptionSet"}


def shaped(call, where, shown, options, metadata):
    return ok({"@odata.context": f"{call.root}/$metadata#{where}", **picked(shown, options), "MetadataId": metadata})
