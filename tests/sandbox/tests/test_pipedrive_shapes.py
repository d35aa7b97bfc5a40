"""Every simulated call against what the vendor's documents say of it (pipedrive_shapes.json: names, types, costs, scopes).

The documents name few members as nullable that are null in practice: null says nothing here.
"""
import json
import pathlib
import sys

import pytest
from company import Company, refreshed

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from sandbox.pipedrive.contract import OPERATIONS  # noqa: E402  what is compared with the documents is the simulator's own table

SHAPES = json.loads((HERE / "pipedrive_shapes.json").read_text())
# The documents' word for what the simulator takes more strictly.
PLAINLY = {"uuid": "string", "date": "string", "moment": "string", "flag": "number", "object": "object"}
TYPES = {"string": str, "boolean": bool, "object": dict}
CALLS = [
    ("GET /users/me", "/v1/users/me", None), ("GET /users", "/v1/users", None), ("GET /activityTypes", "/v1/activityTypes", None),
    ("POST /notes", "/v1/notes", {"content": "<p>x</p>", "person_id": 7, "deal_id": 52, "org_id": 4, "pinned_to_deal_flag": 1}),
    ("GET /notes", "/v1/notes?person_id=7&limit=1", None), ("GET /notes/{id}", "/v1/notes/800", None),
    ("PUT /notes/{id}", "/v1/notes/800", {"content": "<p>y</p>"}), ("DELETE /notes/{id}", "/v1/notes/800", None),
    ("GET /persons/search", "/v2/persons/search?term=doe&limit=1", None), ("GET /itemSearch", "/v2/itemSearch?term=doe", None),
    ("POST /persons", "/v2/persons", {"name": "Ola Nord", "emails": [{"value": "ola@nord.test"}], "phones": [{"value": "+47"}], "org_id": 4}),
    ("GET /persons", "/v2/persons?limit=1", None), ("GET /persons/{id}", "/v2/persons/7", None),
    ("PATCH /persons/{id}", "/v2/persons/7", {"name": "Jane Roe"}), ("DELETE /persons/{id}", "/v2/persons/19", None),
    ("PUT /persons/{id}/merge", "/v1/persons/21/merge", {"merge_with_id": 20}),
    ("GET /deals", "/v2/deals?status=open,won,lost", None), ("GET /deals/archived", "/v2/deals/archived", None),
    ("GET /deals/{id}", "/v2/deals/50", None),
    ("POST /activities", "/v2/activities",
     {"subject": "x", "type": "call", "due_date": "2026-09-30", "due_time": "09:30", "duration": "00:45", "done": True, "deal_id": 52,
      "participants": [{"person_id": 7, "primary": True}], "attendees": [{"email": "a@b.test"}], "note": "<p>x</p>",
      "location": {"value": "Tallinn"}, "priority": 1, "public_description": "x"}),
    ("GET /activities", "/v2/activities?include_fields=attendees", None), ("GET /activities/{id}", "/v2/activities/1", None),
    ("PATCH /activities/{id}", "/v2/activities/1", {"subject": "y"}), ("DELETE /activities/{id}", "/v2/activities/1", None),
]
IN_EXAMPLES_ONLY = ("item.organization.address", "data.creator_user_id", "data[].creator_user_id")   # not in the schemas
WITHOUT_A_DOCUMENT = {"GET /recents"}       # whose answer has a shape for each kind of item


def differences(shape, found, place):
    """Where what was answered is of another shape; null is of every shape."""
    if isinstance(shape, dict) and isinstance(found, dict):
        return [each for name, inner in found.items() for each in
                (differences(shape[name], inner, f"{place}.{name}") if name in shape else unknown(f"{place}.{name}"))]
    if isinstance(shape, list) and isinstance(found, list):
        return [each for inner in found for each in differences(shape[0], inner, f"{place}[]")]
    return [] if found is None or fits(shape, found) else [f"{place} is {found!r} and not {shape}"]


def unknown(place):
    return [] if place.endswith(IN_EXAMPLES_ONLY) else [f"{place} is not documented"]


def fits(kind, found):
    if kind in ("integer", "number"):
        return isinstance(found, int if kind == "integer" else (int, float)) and not isinstance(found, bool)
    return isinstance(kind, str) and isinstance(found, TYPES[kind])


def flat(kind):
    """A type of the simulator's contract as the documents would say it."""
    if isinstance(kind, set):
        return "string"
    if isinstance(kind, list):
        return [flat(kind[0])]
    if isinstance(kind, dict):
        return {name: flat(inner) for name, inner in kind.items()}
    return PLAINLY.get(kind, kind)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_what_the_simulator_takes_is_what_is_documented(operation):
    if operation.name in WITHOUT_A_DOCUMENT:
        return
    said = SHAPES[operation.name]
    assert (operation.version, operation.cost, set(operation.scopes)) == (said["version"], said["cost"], set(said["scopes"]))
    assert flat(operation.query) == said["query"]
    assert flat(operation.body) == said["body"]


def test_every_simulated_call_is_tried():
    assert {name for name, _, _ in CALLS} == {each.name for each in OPERATIONS} - WITHOUT_A_DOCUMENT == set(SHAPES)


@pytest.mark.parametrize("name, path, body", CALLS, ids=[name for name, _, _ in CALLS])
def test_a_success_is_answered_as_documented_and_costs_as_much(world, name, path, body):
    ash = Company(world, "ash-token")
    if "/activities" in path and not name.startswith("POST"):
        ash.activity(participants=[{"person_id": 7, "primary": True}], note="<p>x</p>", attendees=[{"email": "a@b.test"}])
    world.control("DELETE", "journal")
    reply = ash.send(name.split()[0], path, body)
    assert reply.status == 200 and reply.json["success"] is True, reply.body
    assert differences(SHAPES[name]["response"], reply.json, name) == []
    assert [each["tokens"] for each in world.journal()] == [SHAPES[name]["cost"]]
