"""Compares what a sample's file expects with the sandbox's records and with control's story: two witnesses that share nothing."""

NOTE_COLUMNS = {"contact": "contacts", "account": "accounts", "appointment": "appointments"}


def link_of(sample):
    return sample["steps"][0]["session_url"]


def notes_of(sample, notes):
    """The notes of this session in the CRM: each links to the session's own page."""
    return [note for note in notes if f'"{link_of(sample)}"' in (note.get("notetext") or "")]


def wanted_target(record, contacts):
    if "id" in record:
        return record["id"]
    found = [each["contactid"] for each in contacts if (each.get("emailaddress1") or "").lower() == record["email"]]
    return found[0] if len(found) == 1 else f"(there are {len(found)} contacts with {record['email']})"


def compare_records(sample, notes, contacts):
    """What is wrong in the CRM; nothing if all is as expected."""
    wrong = []
    expected = sample["expect"]
    own = notes_of(sample, notes)
    left = list(own)
    for record in expected["records"]:
        target = wanted_target(record, contacts)
        found = [note for note in left if note.get("_objectid_value") == target]
        if not found:
            wrong.append(f"no note on {record['on']} {target}")
            continue
        left.remove(found[0])
        for text in record.get("contains", []):
            if text not in found[0]["notetext"]:
                wrong.append(f"the note on {record['on']} {target} lacks {text!r}")
    for note in left:
        wrong.append(f"a note that nobody expects, on {note.get('_objectid_value')}")
    for note in own:
        for text in expected.get("never", []):
            if text in note["notetext"]:
                wrong.append(f"the note on {note.get('_objectid_value')} holds {text!r}")
    for email in expected.get("created_contacts", []):
        count = sum(1 for each in contacts if (each.get("emailaddress1") or "").lower() == email)
        if count != 1:
            wrong.append(f"{count} contacts with {email} instead of one")
    return wrong


def units_of(story):
    return story.get("units", [])


def settled(story):
    """Whether every unit of the session's newest revision has ended or waits for a person."""
    units = units_of(story)
    return bool(units) and all(unit.get("state") in ("written", "nothing to write", "dead", "blocked") for unit in units)


def compare_story(sample, story):
    wrong = []
    expected = sample["expect"]
    units = units_of(story)
    if len(units) != 1:
        return [f"the story tells of {len(units)} units instead of one"]
    unit = units[0]
    if unit.get("reason") != expected["outcome"]:
        wrong.append(f"the story says {unit.get('reason')!r} instead of {expected['outcome']!r}")
    told = " ".join([unit.get("detail", "")] + [each.get("found", "") for each in unit.get("evidence", [])])
    if expected.get("detail") and expected["detail"] not in told:
        wrong.append(f"the story's reason does not say {expected['detail']!r}: {told!r}")
    artifacts = [each for each in unit.get("artifacts", []) if each.get("kind") == "note" and each.get("crm_id")]
    if len(artifacts) != len(expected["records"]):
        wrong.append(f"the story tells of {len(artifacts)} notes instead of {len(expected['records'])}")
    for what in expected.get("left_out", []):
        if not any(what in each.get("what", "") and each.get("reason") for each in unit.get("left_out", [])):
            wrong.append(f"the story does not say why {what!r} was left out")
    if expected.get("ambiguous") and not any(each.get("ambiguous") for each in unit.get("matches", [])):
        wrong.append("the story does not name the rivals")
    return wrong
