"""One call → one answer: which function carries out which operation."""
import json

from . import activities, deals, notes, persons, recents, search, users
from .answer import BAD, Refused
from .call import Call
from .check import check_body, read_query

HANDLERS = {
    "GET /users/me": users.me, "GET /users": users.many, "GET /activityTypes": activities.types,
    "GET /notes": notes.many, "POST /notes": notes.create, "GET /notes/{id}": notes.one, "PUT /notes/{id}": notes.update,
    "DELETE /notes/{id}": notes.delete, "PUT /persons/{id}/merge": persons.merge, "GET /persons/search": search.persons,
    "GET /persons": persons.many, "POST /persons": persons.create, "GET /persons/{id}": persons.one,
    "PATCH /persons/{id}": persons.update, "DELETE /persons/{id}": persons.delete, "GET /deals": deals.many,
    "GET /deals/archived": deals.archived, "GET /deals/{id}": deals.one, "GET /activities": activities.many,
    "POST /activities": activities.create, "GET /activities/{id}": activities.one, "PATCH /activities/{id}": activities.update,
    "DELETE /activities/{id}": activities.delete, "GET /itemSearch": search.items, "GET /recents": recents.many,
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
