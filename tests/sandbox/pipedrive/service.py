"""One call → one answer: which function carries out which operation."""
import json

from . import activities, deals, notes, persons, search, times, users
from .answer import BAD, Refused, invalid, ok
from .check import check_body, read_query
from .call import Call
from .paging import by_offset

HANDLERS = {
    "GET /users/me": users.me, "GET /users": users.many, "GET /activityTypes": activities.types,
    "GET /notes": notes.many, "POST /notes": notes.create, "GET /notes/{id}": notes.one, "PUT /notes/{id}": notes.update,
    "DELETE /notes/{id}": notes.delete, "PUT /persons/{id}/merge": persons.merge, "GET /persons/search": search.persons,
    "GET /persons": persons.many, "POST /persons": persons.create, "GET /persons/{id}": persons.one,
    "PATCH /persons/{id}": persons.update, "DELETE /persons/{id}": persons.delete, "GET /deals": deals.many,
    "GET /deals/archived": deals.archived, "GET /deals/{id}": deals.one, "GET /activities": activities.many,
    "POST /activities": activities.create, "GET /activities/{id}": activities.one, "PATCH /activities/{id}": activities.update,
    "DELETE /activities/{id}": activities.delete, "GET /itemSearch": search.items,
}


def answer(company, user, operation, row_id, request, now):
    """Never raises for anything a client can send."""
    try:
        query = read_query(operation, request.query, company.switches["unknownQuery400"]) if operation.body is None else {}
        body = read_body(operation, request, company.switches["unknownBodyKeys400"])
        return HANDLERS[operation.name](Call(company, user, operation, row_id, query, body, now))
    except Refused as refusal:
        return refusal.answer()


def read_body(operation, request, strict):
    if operation.body is None:
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Unsupported media type: the body should be application/json")
    try:
        body = json.loads(request.body.decode("utf-8"), parse_constant=lambda _: 1 / 0)
    except (ValueError, RecursionError, ZeroDivisionError):
        raise Refused(400, "The request body is not valid JSON", BAD) from None
    check_body(operation, body, strict)
    return body


def recents(call):
    """What was written since then, oldest first, of the kinds that are simulated."""
    since = times.read(call.query["since_timestamp"])
    if since is None:
        raise invalid("since_timestamp", "This value is not a valid datetime.")
    company = call.company
    views = {"note": ("notes", lambda row: notes.shown(company, row, call.user)), "person": ("persons", persons.shown),
             "deal": ("deals", deals.shown), "activity": ("activities", activities.shown)}
    found = []
    for item in call.query.get("items", views):
        if item in views:
            table, view = views[item]
            rows = [row for row in company.table(table).rows.values() if row["update_time"] >= since and company.sees(call.user, row)]
            found += [(row["update_time"], {"item": item, "id": row["id"], "data": view(row)}) for row in rows]
    found.sort(key=lambda each: each[0])
    page, additional = by_offset(found, call.query)
    last = times.v1(page[-1][0]) if page else None
    return ok([item for _, item in page] or None,
              {"since_timestamp": call.query["since_timestamp"], "last_timestamp_on_page": last, **additional})


HANDLERS["GET /recents"] = recents
