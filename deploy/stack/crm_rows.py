"""The simulated CRMs' records in one shape, whichever vendor they are of: what a session left, and the people.

A record is {"kind", "on", "deal", "text"}, `on` the id of what it hangs on, an activity has {"type", "subject", "due", "duration",
"participants", "done"}, too, the one it is of first; a person is {"id", "name", "emails", "phones"}.
"""

from . import crm_writes
from .http import get_json


def dynamics365(rows):
    records = [{"kind": "note", "on": row.get("_objectid_value"), "text": row.get("notetext") or ""} for row in rows("annotations")]
    people = [{"id": row["contactid"], "name": row.get("fullname"), "emails": [(row.get("emailaddress1") or "").lower()],
               "phones": [row[each] for each in ("mobilephone", "telephone1") if row.get(each)]} for row in rows("contacts")]
    return {"records": records, "people": people}


def pipedrive(rows):
    records = [{"kind": "note", "on": text_of(row["person_id"]), "deal": text_of(row["deal_id"]), "text": row["content"]}
               for row in rows("notes") if row["active_flag"]]
    records += [activity(row) for row in rows("activities") if not row["is_deleted"]]
    people = [{"id": text_of(row["id"]), "name": row["name"], "emails": [each["value"].lower() for each in row["emails"]],
               "phones": [each["value"] for each in row["phones"]]} for row in rows("persons") if not row["is_deleted"]]
    return {"records": records, "people": people}


def activity(row):
    people = sorted(row["participants"], key=lambda each: not each["primary"])
    return {"kind": "activity", "on": text_of(row["person_id"]), "deal": text_of(row["deal_id"]), "type": row["type"],
            "subject": row["subject"], "due": f"{row['due_date']}T{row['due_time']}Z", "duration": row["duration"], "done": row["done"],
            "participants": [text_of(each["person_id"]) for each in people], "text": row["note"] or ""}


def text_of(number):
    return None if number is None else str(number)


VENDORS = {"dynamics365": dynamics365, "pipedrive": pipedrive}


def look(sandbox, crms):
    """crms: tenant → {vendor: organisation or company of the sandbox}."""
    found = {}
    for tenant, orgs in crms.items():
        found[tenant] = {}
        for vendor, org in orgs.items():
            rows = lambda table, org=org: get_json(f"{sandbox}/_control/rows/{org}/{table}")["rows"]
            found[tenant][vendor] = {**VENDORS[vendor](rows), "writes": crm_writes.look(sandbox, org)}
    return found
