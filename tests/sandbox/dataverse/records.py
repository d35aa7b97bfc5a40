"""What the pages show of an organisation, as values: each record with its notes."""

SHOWN = ("contact", "account", "appointment", "incident")


def org_state(org):
    notes = {}
    for row in org.store.rows["annotation"].values():
        notes.setdefault(row["objectid"], []).append(note(row))
    state = {"organization_id": org.id, "tenant": org.tenant, "host": org.host, "notes": len(org.store.rows["annotation"])}
    for name in SHOWN:
        table = org.tables[name]
        state[table.set] = [{**record(org, name, row), "notes": notes.get((name, row[table.key]), [])}
                            for row in org.store.rows[name].values()]
    return state


def note(row):
    return {"id": row["annotationid"], "subject": row["subject"], "notetext": row["notetext"], "createdon": row["createdon"],
            "modifiedon": row["modifiedon"]}


def record(org, name, row):
    shown = {"id": row[org.tables[name].key], "active": row["statecode"] == 0}
    if name == "contact":
        parent = org.store.get(*row["parentcustomerid"]) if row["parentcustomerid"] else None
        shown.update(name=row["fullname"], mail=row["emailaddress1"], mobile=row["mobilephone"], phone=row["telephone1"],
                     company=(parent.get("name") or parent.get("fullname")) if parent else None)
    elif name == "account":
        shown.update(name=row["name"], mail=row["emailaddress1"], phone=row["telephone1"])
    elif name == "appointment":
        shown.update(name=row["subject"], start=row["scheduledstart"], end=row["scheduledend"], join_url=row["onlinemeetingjoinurl"],
                     active=row["statecode"] != 2)
    else:
        shown.update(name=row["title"], ticket=row["ticketnumber"], description=row["description"])
    return shown
