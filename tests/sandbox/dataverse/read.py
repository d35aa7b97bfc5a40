"""GET of rows: which, in which order, how many."""
import base64
import json

from . import errors
from .answer import Answer, BASIC, ok
from .project import context, project, view_of
from ..odata import evaluate
from ..odata.options import natural, split
from ..odata.parse import parse
from ..odata.values import is_guid

PAGE_CAP = 5000


def row_id_of(table, key):
    """The GUID in parentheses; alternate keys exist for none of our tables."""
    if key.startswith(f"{table.key}="):
        key = key[len(table.key) + 1:]
    if is_guid(key):
        return key.lower()
    if "=" in key:
        raise errors.Refused(400, "0x80060891", f"The specified key attributes are not a defined key for the {table.name} entity.")
    raise errors.bad_query(f"Bad Request - Error in query syntax: '{key}' is no key of type Edm.Guid.")


def fetch(call, table, row_id):
    row = call.org.store.get(table.name, row_id)
    if row is None:
        raise errors.missing_row(table.name, row_id)
    return row


def etag(row):
    return f'W/"{row["@version"]}"'


def one(call, table, row_id):
    call.need("Read", table)
    options, _ = split(call.query)
    refuse(options, "$filter", "$orderby", "$top", "$count", "$skiptoken")
    view = view_of(call, table, options)
    row = fetch(call, table, row_id)
    if call.headers.get("if-none-match") == etag(row):
        return Answer(304, {**BASIC, "ETag": etag(row)})
    body = {"@odata.context": f"{context(call, table, view, options)}/$entity", **project(call, view, row)}
    return ok(body, headers={"ETag": etag(row), **applied(call, "odata.include-annotations")})


def many(call, table, only=None):
    """`only` narrows to the children of a row: a function(row) → bool."""
    call.need("Read", table)
    options, aliases = split(call.query)
    view = view_of(call, table, options)
    top, size = natural(options, "$top"), page_size(call)
    if options.get("$count", "false") not in ("true", "false"):
        raise errors.bad_query(f"Invalid value '{options['$count']}' for $count query option found.")
    if top is not None and view.has_collections:
        raise errors.bad_query("$top is not supported together with $expand of a collection-valued navigation property.")
    rows = order(table, select_rows(call, table, options, aliases, only), options)
    start = skip_of(options)
    total, limit = len(rows), size or PAGE_CAP
    if top is not None and not size:                 # $top is ignored when a page size is asked for
        rows = rows[:top]
    page = rows[start:start + limit]
    body = {"@odata.context": context(call, table, view, options)}
    if options.get("$count") == "true":
        body["@odata.count"] = min(total, PAGE_CAP)
    body["value"] = [project(call, view, row) for row in page]
    if start + limit < len(rows):
        body["@odata.nextLink"] = next_link(call, start + limit)
    return ok(body, headers=applied(call, "odata.maxpagesize", "odata.include-annotations"))


def count(call, table):
    call.need("Read", table)
    options, aliases = split(call.query)
    refuse(options, "$select", "$expand", "$orderby", "$top", "$count", "$skiptoken")
    found = len(select_rows(call, table, options, aliases, None))
    return Answer(200, {**BASIC, "Content-Type": "text/plain"}, str(min(found, PAGE_CAP)).encode())


def refuse(options, *names):
    for name in names:
        if name in options:
            raise errors.bad_query(f"The query parameter '{name}' is not supported.")


def select_rows(call, table, options, aliases, only):
    judge, candidates = None, None
    if "$filter" in options:
        tree, literals = parse("filter", options["$filter"])
        scope = evaluate.Scope(table, literals, aliases)
        judge = evaluate.build(tree, scope)
        candidates = indexed(call.org.store, table, tree, scope)
    rows = call.org.store.rows[table.name].values() if candidates is None else candidates
    return [row for row in rows if (judge is None or judge(row)) and (only is None or only(row))]


def indexed(store, table, tree, scope):
    """The few rows that a text comparison at the top of the filter leaves, or None."""
    for part in tree[1] if tree[0] == "and" else (tree,):
        wanted = evaluate.equal_strings(part, scope) if part[0] in ("or", "compare") else None
        if wanted:
            return store.with_text(table.name, *wanted)
    return None


def order(table, rows, options):
    if "$orderby" not in options:
        return rows
    tree, _ = parse("orderby", options["$orderby"])
    for name, descending in reversed(tree):
        column = table.column_of(name)
        if column is None:
            raise evaluate.UnknownProperty(name, table.type_name)
        rows = sorted(rows, key=lambda row, key=column.key: sort_key(row[key]), reverse=descending)
    return rows


def sort_key(value):
    if value is None:                                # SQL puts null first
        return (0,)
    return (1, value.casefold() if isinstance(value, str) else value)


def page_size(call):
    text = call.preferences.get("odata.maxpagesize")
    if text is None:
        return None
    if not text.isdigit() or int(text) < 1:
        raise errors.bad_query(f"The value '{text}' of the preference odata.maxpagesize is not a positive integer.")
    return min(int(text), PAGE_CAP)


def skip_of(options):
    if "$skiptoken" not in options:
        return 0
    try:
        start = json.loads(base64.urlsafe_b64decode(options["$skiptoken"].encode("ascii")))["from"]
    except (ValueError, KeyError, TypeError):
        raise errors.bad_query("The paging cookie is malformed.") from None
    return start


def next_link(call, start):
    token = base64.urlsafe_b64encode(json.dumps({"from": start}).encode()).decode().replace("=", "%3D")
    kept = [pair for pair in call.query.split("&") if pair and not pair.startswith(("$skiptoken=", "%24skiptoken="))]
    return f"{call.root}{call.path}?{'&'.join([*kept, f'$skiptoken={token}'])}"


def applied(call, *names):
    said = []
    for name in names:
        if name in call.preferences:
            value = call.preferences[name]
            said.append(f'{name}="{value}"' if name == "odata.include-annotations" else f"{name}={value}")
    return {"Preference-Applied": ",".join(said)} if said else {}
