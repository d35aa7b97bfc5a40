"""The simulated CRMs' records in one shape, whichever vendor they are of: what a session left, and the people.

A record is {"kind", "on", "deal", "type", "text"}, `on` the id of what it hangs on; a person is {"id", "emails"}.
"""

from . import crm_writes
from .http import get_json


def dynamics365(rows):
    records = [{"kind": "note", "on": row.get("_objectid_value"), "text": row.get("notetext") or ""} for row in rows("annotations")]
    people = [{"id": row["contactid"], "emails": [(row.get("emailaddress1") or "").lower()]} for row in rows("contacts")]
    return {"records": records, "people": people}


def pipedrive(rows):
    records = [{"kind": "note", "on": text_of(row["person_id"]), "deal": text_of(row["deal_id"]), "text": row["content"]}
               for row in rows("notes") if row["active_flag"]]
    records += [{"kind": "activity", "on": text_of(row["person_id"]), "deal": text_of(row["deal_id"]), "type": row["type"],
                 "text": row["note"] or ""} for row in rows("activities") if not row["is_deleted"]]
    people = [{"id": text_of(row["id"]), "emails": [each["value"].lower() for each in row["emails"]]}
              for row in rows("persons") if not row["is_deleted"]]
    return {"records": records, "people": people}


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
