"""Sessions to send: small, valid, each with a link of its own by which its notes are found."""

import datetime
import itertools
import zlib

# Contacts of the sandbox's demo world, for each tenant; every one belongs to an account.
PEOPLE = {
    "contoso": ["maja.lindqvist@northwind.example", "johan.berg@northwind.example", "sara.nyman@northwind.example"],
    "fabrikam": ["maja.lindqvist@northwind.example"],
    "tailwind": ["maja.lindqvist@northwind.example"],
    "wingtip": ["sven.alm@alpine.example"],
    "litware": ["maja.lindqvist@northwind.example"],
}
NINA = "nina.roos@freelance.example"  # contoso's, with no account: her session leaves one note
numbers = itertools.count(1)


def link_of(session_id):
    return f"https://meet.example/s/{session_id}"


def session(session_id=None, tenant="contoso", email=None, text="All went well.", revision=None, **fields):
    """A meeting of an hour, yesterday, with one external participant, in every revision the same. The sources of contoso and tailwind state revisions."""
    session_id = session_id or f"s{next(numbers)}"
    ended = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(days=1)
    started = ended - datetime.timedelta(hours=1)
    made = {
        "session_id": session_id,
        "channel": "meeting",
        "title": f"Meeting {session_id}",
        "started_at": started.isoformat().replace("+00:00", "Z"),
        "ended_at": ended.isoformat().replace("+00:00", "Z"),
        "session_url": link_of(session_id),
        "presenter": f"host@{tenant}.example",
        "participants": [
            {"name": "Host", "email": f"host@{tenant}.example", "role": "host"},
            {"name": "Guest", "email": email or PEOPLE[tenant][zlib.crc32(session_id.encode()) % len(PEOPLE[tenant])]},
        ],
        "summary": {"text": text, "format": "plain"},
    }
    if tenant in ("contoso", "tailwind"):
        made["revision"] = revision or 1
    return {**made, **fields}
