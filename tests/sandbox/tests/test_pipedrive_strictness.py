"""What Pipedrive refuses whatever it means: types, keys, scopes, rights and routes."""
import urllib.parse

import pytest
from company import BASE, Company, refreshed, refused

SCHEMA = "ERR_SCHEMA_VALIDATION_FAILED"
GATEWAY = "unauthorized access"
PERSON = {"name": "Ola"}


@pytest.mark.parametrize("path, body, place", [
    ("/v2/persons", {**PERSON, "owner_id": "11"}, "owner_id"),
    ("/v2/persons", {**PERSON, "owner_id": 11.5}, "owner_id"),
    ("/v2/persons", {**PERSON, "owner_id": True}, "owner_id"),
    ("/v2/persons", {**PERSON, "visible_to": "3"}, "visible_to"),
    ("/v2/persons", {**PERSON, "visible_to": 2}, "visible_to"),
    ("/v2/persons", {**PERSON, "visible_to": 7}, "visible_to"),
    ("/v2/persons", {**PERSON, "emails": "ola@nord.test"}, "emails"),
    ("/v2/persons", {**PERSON, "emails": ["ola@nord.test"]}, "emails[0]"),
    ("/v2/persons", {**PERSON, "emails": [{"value": "ola@nord.test", "primary": 1}]}, "emails[0].primary"),
    ("/v2/persons", {**PERSON, "emails": [{"value": "ola@nord.test", "main": True}]}, "emails[0].main"),
    ("/v2/persons", {**PERSON, "emails": [{"primary": True}]}, "emails"),
    ("/v2/persons", {**PERSON, "email": "ola@nord.test"}, "email"),
    ("/v2/persons", {**PERSON, "marketing_status": ["subscribed"]}, "marketing_status"),
    ("/v2/persons", {**PERSON, "marketing_status": "maybe"}, "marketing_status"),
    ("/v2/persons", {**PERSON, "label_ids": [1, "2"]}, "label_ids[1]"),
    ("/v2/persons", {**PERSON, "add_time": "yesterday"}, "add_time"),
    ("/v2/persons", {"emails": []}, "name"),
    ("/v2/persons", {"name": " "}, "name"),
    ("/v2/activities", {"subject": "x", "type": "call", "deal_id": "52"}, "deal_id"),
    ("/v2/activities", {"subject": "x", "type": "call", "deal_id": ""}, "deal_id"),
    ("/v2/activities", {"subject": "x", "type": "call", "done": 1}, "done"),
    ("/v2/activities", {"subject": "x", "type": "call", "participants": [7]}, "participants[0]"),
    ("/v2/activities", {"subject": "x", "type": "call", "user_id": 11}, "user_id"),
    ("/v2/activities", {"type": "call"}, "subject"),
    ("/v2/persons", {**PERSON, "owner_id": 99}, "owner_id"),
    ("/v1/notes", {"content": 5, "person_id": 7}, "content"),
    ("/v1/notes", {"person_id": 7}, "content"),
    ("/v1/notes", {"content": "x", "person_id": "7"}, "person_id"),
    ("/v1/notes", {"content": "x", "person_id": 7, "pinned_to_person_flag": True}, "pinned_to_person_flag"),
    ("/v1/notes", {"content": "x", "lead_id": "7"}, "lead_id")])
def test_a_body_of_other_types_is_refused(acme, path, body, place):
    reply = acme.post(path, body)
    refused(reply, 400, f"Validation failed: {place}: ", SCHEMA)
    assert acme.world.control("GET", "creates?org=acme&text=")["creates"] == []


def test_unknown_keys_are_a_switch_and_version_1_ignores_them(acme):
    refused(acme.post("/v2/persons", {**PERSON, "x": 1}), 400, "x: This field is not allowed.", SCHEMA)
    acme.switch(unknownBodyKeys400=False)
    assert acme.post("/v2/persons", {**PERSON, "x": 1}).status == 200
    acme.switch(unknownBodyKeys400=True)
    assert acme.note(x=1).status == 200


@pytest.mark.parametrize("path, query, place", [
    ("/v2/persons", {"updated_since": "2026-09-30T10:20:00.123Z"}, "updated_since"),
    ("/v2/persons", {"updated_since": "2026-09-30 10:20:00"}, "updated_since"),
    ("/v2/persons", {"updated_since": "2026-13-30T10:20:00Z"}, "updated_since"),
    ("/v1/notes", {"updated_since": "2026-09-30T10:20:00.123Z"}, "updated_since"),
    ("/v1/notes", {"start_date": "2026-09-31"}, "start_date"),
    ("/v1/notes", {"start_date": "20260930"}, "start_date"),
    ("/v1/notes", {"lead_id": "7"}, "lead_id"),
    ("/v1/notes", {"pinned_to_person_flag": "true"}, "pinned_to_person_flag"),
    ("/v2/persons", {"ids": ",".join(map(str, range(1, 102)))}, "ids"),
    ("/v1/notes", {"sort": "colour DESC"}, "sort"),
    ("/v1/notes", {"limit": 501}, "limit"),
    ("/v1/notes", {"start": -1}, "start"),
    ("/v2/deals", {"person_id": "x"}, "person_id"),
    ("/v2/deals", {"sort_by": "title"}, "sort_by"),
    ("/v2/deals", {"status": "open,paused"}, "status"),
    ("/v2/deals", [("limit", 1), ("limit", 2)], "limit"),
    ("/v2/deals", {"limit": 0}, "limit"),
    ("/v2/deals", {"cursor": "x"}, "cursor"),
    ("/v2/deals", {"sort": "add_time DESC"}, "sort"),
    ("/v2/activities", {"type": "call"}, "type"),
    ("/v2/activities", {"done": "1"}, "done"),
    ("/v2/persons/search", {"term": "jane", "exact_match": "1"}, "exact_match"),
    ("/v2/persons/search", {"term": "jane", "fields": "email,colour"}, "fields"),
    ("/v2/persons/search", {"fields": "email"}, "term"),
    ("/v2/persons/search", {"term": "jane", "limit": 501}, "limit")])
def test_a_query_of_other_types_is_refused(acme, path, query, place):
    refused(acme.send("GET", f"{path}?{urllib.parse.urlencode(query)}"), 400, f"Validation failed: {place}: ", SCHEMA)


def test_what_a_record_names_must_be_there(acme):
    refused(acme.activity(lead_id="adf21080-0e10-11eb-879b-05d71fb426ec"), 404, "Lead")
    refused(Company(acme.world, "ash-token").note(user_id=99), 404, "User")


def test_a_person_keeps_a_name_and_is_merged_with_another_one_only(acme):
    refused(acme.send("PATCH", "/v2/persons/7", {"name": " "}), 400, "name", SCHEMA)
    refused(acme.send("PUT", "/v1/persons/7/merge", {"merge_with_id": 7}), 400, "merge_with_id", SCHEMA)


def test_unknown_parameters_are_a_switch(acme):
    acme.switch(unknownQuery400=False)
    assert acme.get("/v2/deals", sort="add_time DESC").status == 200


@pytest.mark.parametrize("body, status", [("{", 400), ("[]", 400), ('{"content": NaN}', 400), ("[" * 100_000, 400), ("\xff", 400)])
def test_what_is_no_object_is_refused(acme, body, status):
    refused(acme.post("/v1/notes", body.encode("latin-1")), status, "", "ERR_BAD_REQUEST")


def test_only_json_is_taken(acme):
    reply = acme.send("POST", "/v1/notes", "content=x&person_id=7", {"Content-Type": "application/x-www-form-urlencoded"})
    refused(reply, 415, "application/json")


@pytest.mark.parametrize("method, path", [
    ("GET", "/v1/nothing"), ("GET", "/v2/nothing"), ("GET", "/v1/note"), ("POST", "/v1/nothing"), ("GET", "/v1/"), ("GET", "/v2/me")])
def test_an_unknown_route_and_a_bad_token_get_the_same_answer(acme, method, path):
    unknown = acme.send(method, path)
    bad = Company(acme.world, "no-token").send(method, "/v1/users/me")
    for reply in (unknown, bad):
        assert (reply.status, reply.json["error"], reply.headers["x-401-by-gw"]) == (401, GATEWAY, "true")
    assert unknown.body == bad.body and unknown.headers["x-correlation-id"] != bad.headers["x-correlation-id"]


def test_what_version_2_replaced_is_gone(acme):
    for path in ("/v1/persons", "/v1/persons/7", "/v1/persons/search?term=x", "/v1/deals", "/v1/deals/52", "/v1/activities", "/v1/itemSearch"):
        assert acme.send("GET", path).status == 410
    acme.switch(removed410=False)
    assert acme.send("GET", "/v1/persons").status == 404


def test_version_1_alone_has_some_things(acme):
    for path in ("/v2/users/me", "/v2/notes", "/v2/activityTypes"):
        reply = acme.get(path)
        assert reply.status == 404 and reply.headers["Content-Type"].startswith("text/html")


def test_what_is_documented_but_not_simulated_says_so(acme):
    refused(acme.post("/v2/deals", {"title": "x"}), 405, "Method not allowed")
    refused(acme.get("/v1/leads"), 501, "GET /leads is not simulated here.")


def test_a_method_that_there_is_not(acme):
    reply = acme.send("PATCH", "/v1/notes/800", {"content": "x"})
    refused(reply, 405, "Method not allowed")
    assert reply.headers["Allow"] == "GET, PUT, DELETE"


def test_the_short_prefix_of_version_1_works_too(world):
    assert Company(world, base="/companies/acme").get("/v1/users/me").status == 200


@pytest.mark.parametrize("method, path, body, scopes", [
    ("GET", "/v1/users/me", None, "base"),
    ("GET", "/v2/persons/search?term=jane", None, "search:read"),
    ("GET", "/v2/persons/7", None, "contacts:read"),
    ("POST", "/v2/persons", PERSON, "contacts:full"),
    ("GET", "/v2/deals", None, "deals:read"),
    ("GET", "/v2/deals/archived", None, "deals:full"),
    ("POST", "/v1/notes", {"content": "x", "person_id": 7}, "deals:full"),
    ("GET", "/v1/notes", None, "deals:read"),
    ("GET", "/v1/activityTypes", None, "activities:read"),
    ("GET", "/v1/activityTypes", None, "admin"),
    ("POST", "/v2/activities", {"subject": "x", "type": "call"}, "activities:full"),
    ("GET", "/v1/users", None, "users:read"),
    ("GET", "/v2/itemSearch?term=jane", None, "search:read"),
    ("GET", "/v1/recents?since_timestamp=2026-01-01+00:00:00", None, "recents:read")])
def test_each_call_needs_one_of_its_scopes(world, method, path, body, scopes):
    for given, status in ((scopes, 200), ("products:read", 403)):
        world.control("POST", "world", {"apps": {"a": {"secret": "s", "scopes": given}}, "companies": {"acme": {
            "grants": [{"refresh_token": f"a:{given}", "app": "a", "user": 11}]}}})
        client = Company(world, access=refreshed(world, f"a:{given}", app="a", secret="s").json["access_token"])
        reply = client.send(method, path, body)
        assert reply.status == status, reply.body
    assert reply.json["error"] == "Scope and URL mismatch"


def test_rights_differ_from_scopes_only_in_the_text(acme):
    acme.world.control("POST", "users", {"org": "acme", "user": 11, "lacks": ["add activities"]})
    refused(acme.activity(), 403, "You do not have permission to add activities.")
    assert acme.note().status == 200
    acme.world.control("POST", "users", {"org": "acme", "user": 11, "grant": ["add activities"], "lacks": ["add notes", "add persons"]})
    assert acme.activity().status == 200
    refused(acme.note(), 403, "add notes")
    refused(acme.post("/v2/persons", PERSON), 403, "add persons")
    acme.world.control("POST", "users", {"org": "acme", "user": 11, "lacks": ["use api"]})
    refused(acme.get("/v1/users/me"), 403, "API access")


def test_a_company_whose_account_is_not_open(acme):
    acme.switch(disabled=True)
    refused(acme.get("/v1/users/me"), 402, "not open")


def test_what_needs_a_suite_needs_the_suite(acme):
    for key, value, switch in (("job_title", "x", "contactSync"), ("marketing_status", "subscribed", "campaigns")):
        refused(acme.post("/v2/persons", {**PERSON, key: value}), 403, "not enabled", f"feature_capping_{'contact_sync' if key == 'job_title' else 'campaigns'}")
        acme.switch(**{switch: True})
        assert acme.post("/v2/persons", {**PERSON, key: value}).status == 200


def test_creates_may_answer_201(acme):
    acme.switch(created201=True)
    replies = [acme.note(), acme.activity(), acme.post("/v2/persons", PERSON)]
    assert [reply.status for reply in replies] == [201, 201, 201]


def test_hosts_and_paths_do_not_mix_companies(world):
    assert Company(world, "borg-token").get("/v1/users/me").status == 401
    assert Company(world, "borg-token", base="/companies/borg/api").get("/v2/persons/7").json["data"]["name"] == "Somebody Else"
    assert world.request("GET", "/companies/org/api/v1/users/me").status == 404
    assert world.request("GET", f"/orgs/acme{BASE[15:]}/v1/users/me").status == 404
