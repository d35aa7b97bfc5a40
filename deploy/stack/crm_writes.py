"""What the CRMs were asked to write, by the sandbox's journal: a runner that does everything twice may leave the same records.

A write is {"what", "record", "text"}: what it did (create, update, delete) to which record (kind and id), or how it was refused.
"""

from collections import Counter

from .http import get_json

KINDS = {"annotation": "note", "notes": "note", "activities": "activity", "contact": "person", "persons": "person"}


def look(sandbox, org):
    """Everything since the sandbox began; a batch's operations one by one."""
    found = get_json(f"{sandbox}/_control/journal?org={org}&kind=write", timeout=60)
    return [write for entry in found["entries"] for write in writes_of(entry)]


def writes_of(entry):
    text = " ".join(strings(entry["body"]))
    if not entry["effects"]:
        return [{"what": f"{entry['method']}, answered with {entry['status']},", "record": ("nothing", None), "text": text}]
    return [{"what": verb, "record": (KINDS.get(table, table), str(row_id)), "text": text} for verb, table, row_id in entry["effects"]]


def strings(value):
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for each in inner for text in strings(each)]


def about(text, writes):
    """The writes that hold this text, and those to the records that one of them created: a DELETE holds nothing."""
    created = {each["record"] for each in writes if each["what"] == "create" and text in each["text"]}
    return [each for each in writes if text in each["text"] or each["record"] in created]


def compare(link, expected, edits, writes):
    """What is wrong with a session's records: each is created once, and updated once by each edit of the session."""
    found = Counter((each["what"], each["record"][0]) for each in about(f'"{link}"', writes))
    due = Counter()
    for record in expected["records"]:
        due.update({("create", record["kind"]): 1, ("update", record["kind"]): edits})
    wrong = [f"{found[each]} × {each[0]} {each[1]} instead of {due[each]}" for each in sorted({*found, *due}) if found[each] != due[each]]
    return wrong


def compare_texts(link, never, writes):
    """What must not have been sent for a session. The records do not tell: a CRM may keep a text without what is dangerous in it."""
    return [f"{each['what']} {each['record'][0]} was sent with {text!r}"
            for each in about(f'"{link}"', writes) for text in never if text in each["text"]]


def compare_person(email, sessions, writes):
    """A created person is created once. Where several sessions came at once, each may have created one; all but one are gone again."""
    whats = Counter(each["what"] for each in about(email, writes) if each["record"][0] == "person")
    created, deleted = whats.pop("create", 0), whats.pop("delete", 0)
    if 1 <= created <= sessions and created - deleted == 1 and not whats:
        return []
    told = [f"{count} × {what}" for what, count in (("create", created), ("delete", deleted), *whats.items()) if count]
    return [f"to the person with {email}: {', '.join(told) or 'no write'} by {sessions} session{'s' if sessions > 1 else ''}"]


def unexplained(texts, writes):
    """The writes that are about none of these texts."""
    known = {id(each) for text in texts for each in about(text, writes)}
    return [each for each in writes if id(each) not in known]
