"""Searching: an index that lags behind the writes, and knows only what the user may see."""
import hashlib
import re

from .answer import invalid, ok
from .call import is_deleted
from .paging import by_cursor
from .persons import texts

FIELDS = ("name", "email", "phone", "notes", "custom_fields")
EXACT, PART = 0.92, 0.51


def persons(call):
    found = hits(call)
    if "organization_id" in call.query:
        found = [(score, row) for score, row in found if row["org_id"] == call.query["organization_id"]]
    page, additional = by_cursor(found, call.query)
    return ok({"items": [{"result_score": score, "item": shown(call.company, row)} for score, row in page]}, additional)


def items(call):
    """Only persons are in the index of this company."""
    kinds = call.query.get("item_types", ["person"])
    found = hits(call) if "person" in kinds else []
    page, additional = by_cursor(found, call.query, 100)
    listed = [{"result_score": score, "item": shown(call.company, row)} for score, row in page]
    return ok({"items": listed, "related_items": []}, additional)


def hits(call):
    """(score, person), best first; equal scores in an order that means nothing."""
    term, exact = call.query["term"].strip(), call.query.get("exact_match", False)
    if len(term) < (1 if exact else 2):
        raise invalid("term", "too short")
    fields = call.query.get("fields", FIELDS)
    for field in fields:
        if field not in FIELDS:
            raise invalid("fields", f"This value should be one of {', '.join(FIELDS)}.")
    company, seen = call.company, call.now - call.company.switches["indexLag"]
    found = []
    for row_id in candidates(company, term.casefold(), fields, exact):
        row = company.table("persons").as_of(row_id, seen)
        score = score_of(company, row, term.casefold(), fields, exact) if row and not is_deleted(row) else 0
        if score and company.sees(call.user, company.table("persons").get(row_id)):
            found.append((score, row))
    return sorted(found, key=lambda hit: (-hit[0], shuffled(company.switches["seed"], hit[1]["id"])))


def candidates(company, term, fields, exact):
    if not exact:
        return company.table("persons").rows
    return sorted({row_id for field in fields for row_id in company.folded.get((field, term), ())})


def score_of(company, row, term, fields, exact):
    digits = re.sub(r"\D", "", term) if company.switches["searchDigits"] and not exact else ""
    best = 0
    for field, text in texts(row):
        if field not in fields:
            continue
        text = text.casefold()
        if text == term:
            return EXACT
        in_digits = field == "phone" and len(digits) >= 2 and digits in re.sub(r"\D", "", text)
        if not exact and (term in text or in_digits):
            best = PART
    return best


def shuffled(seed, row_id):
    return hashlib.sha256(f"{seed}/{row_id}".encode()).digest()


def shown(company, row):
    organization = company.table("organizations").get(row["org_id"])
    return {"id": row["id"], "type": "person", "name": row["name"], "phones": [item["value"] for item in row["phones"]],
            "emails": [item["value"] for item in row["emails"]], "visible_to": row["visible_to"], "owner": {"id": row["owner_id"]},
            "organization": {"id": organization["id"], "name": organization["name"], "address": None} if organization else None,
            "custom_fields": [], "notes": []}
