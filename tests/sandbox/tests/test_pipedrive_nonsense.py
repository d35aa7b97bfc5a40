"""Whatever a client sends, the answer is one of the vendor's, never a fault of the simulator."""
import json
import random
import urllib.parse

import pytest

VALUES = (None, True, 0, 7, 52, -1, 10 ** 30, 1.5, "", "x", "é😀", "2026-09-30", "09:30", "2026-09-30 10:00:00", "call", [], [None], [{}], {},
          [{"person_id": 7}], [{"person_id": None}], [{"value": "a@b.test"}], [{"value": None}], "\x00", "adf21080-0e10-11eb-879b-05d71fb426ec")
TEXTS = ("", "x", "1", "7", "-1", "9" * 20, "true", "2026-09-30T10:00:00Z", "0001-01-01T00:00:00+14:00", "add_time DESC", "id asc,x",
         "eyJ4IjotMX0=", "eyJ4IjoiYSJ9", "name", "open,deleted", "%", "note,person")
BODIES = {"/v1/notes": ("content", "person_id", "deal_id", "org_id", "lead_id", "user_id", "add_time", "pinned_to_deal_flag", "x"),
          "/v2/persons": ("name", "emails", "phones", "owner_id", "org_id", "visible_to", "label_ids", "marketing_status", "add_time", "im"),
          "/v2/activities": ("subject", "type", "due_date", "due_time", "duration", "participants", "attendees", "deal_id", "location", "note")}
LISTS = {"/v1/notes": ("person_id", "sort", "start", "limit", "updated_since", "start_date", "lead_id"),
         "/v2/persons/search": ("term", "fields", "exact_match", "limit", "cursor"), "/v2/deals": ("person_id", "status", "cursor", "ids"),
         "/v2/activities": ("person_id", "done", "updated_since", "sort_by", "lead_id"), "/v1/recents": ("since_timestamp", "items", "start")}
IDS = ("7", "20", "52", "800", "999", "9" * 20, "-1", "x", "")
NOTHING = (b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 50_000)


def some(chance, names, values):
    return {name: chance.choice(values) for name in chance.sample(names, chance.randint(0, min(4, len(names))))}


@pytest.mark.parametrize("seed", range(4))
def test_nonsense_is_answered(acme, seed):
    chance = random.Random(seed)
    for _ in range(400):
        if chance.random() < 0.5:
            path = chance.choice(sorted(LISTS))
            reply = acme.send("GET", f"{path}?{urllib.parse.urlencode(some(chance, LISTS[path], TEXTS))}")
        else:
            path = chance.choice(sorted(BODIES))
            method = chance.choice(("POST", "PUT", "PATCH", "DELETE"))
            body = chance.choice(NOTHING) if chance.random() < 0.1 else json.dumps(some(chance, BODIES[path], VALUES)).encode()
            reply = acme.send(method, path if method == "POST" else f"{path}/{chance.choice(IDS)}", body)
        assert reply.status < 500 or reply.status == 501, (path, reply.status)
        assert reply.headers["Content-Type"].startswith("application/json")
