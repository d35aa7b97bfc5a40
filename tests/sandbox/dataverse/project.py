"""$select and $expand: a row → the JSON that shows it."""
import dataclasses
import fnmatch

from . import errors
from ..odata import evaluate
from ..odata.parse import parse


@dataclasses.dataclass
class View:
    table: object
    columns: tuple                           # what is shown
    all: bool                                # no $select
    expansions: list                         # (nav, lookup column or None, child column or None, View, filter, order, top)

    @property
    def has_collections(self):
        return any(expansion.child for expansion in self.expansions)


@dataclasses.dataclass
class Expansion:
    nav: str
    view: View
    lookup: object = None                    # single-valued: our column
    child: str = None                        # collection-valued: the child's lookup column
    judge: object = None
    orderby: tuple = ()
    top: int = None


def view_of(call, table, options):
    select = parse("select", options["$select"])[0] if "$select" in options else ()
    expand, literals = parse("expand", options["$expand"]) if "$expand" in options else ((), [])
    return build_view(call, table, select, expand, literals)


def build_view(call, table, select, expand, literals):
    columns = []
    for name in select:
        column = table.column_of(name)
        if column is None:
            raise evaluate.UnknownProperty(name, table.type_name)
        columns.append(column)
    expansions = [build_expansion(call, table, nav, dict(options), literals) for nav, options in expand]
    return View(table, tuple(columns) or table.columns, not columns, expansions)


def build_expansion(call, table, nav, options, literals):
    if nav in table.by_nav:
        column, targets = table.by_nav[nav]
        target, child = targets[0], None
    elif nav in table.by_child:
        target, child = table.by_child[nav]
        column = None
    else:
        raise evaluate.UnknownProperty(nav, table.type_name)
    target = call.org.tables.get(target)
    if target is None:
        raise evaluate.UnknownProperty(nav, table.type_name)
    call.need("Read", target)
    view = build_view(call, target, options.get("$select", ()), options.get("$expand", ()), literals)
    judge = None
    if "$filter" in options:
        judge = evaluate.build(options["$filter"], evaluate.Scope(target, literals, {}))
    if not child and ({"$filter", "$orderby", "$top"} & options.keys()):
        raise errors.bad_query(f"Only $select and $expand are supported in $expand of the single-valued '{nav}'.")
    for name, _ in options.get("$orderby", ()):
        if target.column_of(name) is None:
            raise evaluate.UnknownProperty(name, target.type_name)
    return Expansion(nav, view, column, child, judge, options.get("$orderby", ()), options.get("$top"))


def context(call, table, view, options):
    shown = options.get("$select", "")
    parts = [] if view.all else shown.replace(" ", "").split(",")
    parts += [f"{e.nav}({','.join(c.property for c in e.view.columns) if not e.view.all else ''})" for e in view.expansions]
    return f"{call.root}/$metadata#{table.set}{'(' + ','.join(parts) + ')' if parts else ''}"


def project(call, view, row):
    body = {"@odata.etag": f'W/"{row["@version"]}"'}
    patterns = annotation_patterns(call)
    for column in view.columns:
        value = row[column.name]
        body[column.property] = value[1] if column.lookup and value else value
        if patterns and value is not None:
            annotate(call, body, column, value, patterns)
    body.setdefault(view.table.key, row[view.table.key])
    for expansion in view.expansions:
        body[expansion.nav] = expanded(call, expansion, view.table, row)
    return body


def expanded(call, expansion, table, row):
    if expansion.child:
        return children(call, expansion, (table.name, row[table.key]))
    value = row[expansion.lookup.name]
    if value is None or value[0] != expansion.view.table.name:
        return None
    target = call.org.store.get(*value)
    return project(call, expansion.view, target) if target else None


def children(call, expansion, parent):
    from .read import sort_key
    rows = [row for row in call.org.store.rows[expansion.view.table.name].values()
            if row[expansion.child] == parent and (expansion.judge is None or expansion.judge(row))]
    for name, descending in reversed(expansion.orderby):
        key = expansion.view.table.column_of(name).key
        rows.sort(key=lambda found, key=key: sort_key(found[key]), reverse=descending)
    return [project(call, expansion.view, found) for found in rows[:expansion.top]]


def annotation_patterns(call):
    wanted = call.preferences.get("odata.include-annotations")
    return [pattern.strip() for pattern in wanted.split(",")] if wanted else ()


def annotate(call, body, column, value, patterns):
    def add(name, said):
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
            body[f"{column.property}@{name}"] = said

    if column.lookup:
        target = call.org.store.get(*value)
        nav = next((nav for nav, target_table in column.navs if target_table == value[0]), column.name)
        add("Microsoft.Dynamics.CRM.associatednavigationproperty", nav)
        add("Microsoft.Dynamics.CRM.lookuplogicalname", value[0])
        if target:
            add("OData.Community.Display.V1.FormattedValue", display_name(target))
    elif column.kind == "picklist":
        add("OData.Community.Display.V1.FormattedValue", dict(column.options).get(value, str(value)))
    elif column.kind in ("datetime", "boolean", "integer"):
        add("OData.Community.Display.V1.FormattedValue", {True: "Yes", False: "No"}.get(value, str(value)))


def display_name(row):
    return next((row[name] for name in ("fullname", "name", "subject", "title") if row.get(name)), "")
