"""Pipedrive's documented and reported exchanges, as raw HTTP."""
import http.client
import json
import re
import urllib.parse

import pytest
from company import BASE, CALLBACK, Company, part_of, refreshed, refused, token

KEYS = {"access_token", "token_type", "refresh_token", "scope", "expires_in", "api_domain"}
GATEWAY = {"success": False, "error": "unauthorized access", "errorCode": 401, "error_info": "Please check developers.pipedrive.com"}


def code(world, **query):
    asked = urllib.parse.urlencode({"client_id": "cid", "redirect_uri": CALLBACK, "state": "s1", "login_hint": "lee@acme.test", **query})
    reply = world.request("GET", f"/oauth/authorize?{asked}")
    assert reply.status == 302, reply.body
    back = urllib.parse.urlsplit(reply.headers["Location"])
    found = dict(urllib.parse.parse_qsl(back.query))
    assert f"{back.scheme}://{back.netloc}{back.path}" == CALLBACK and found["state"] == "s1"
    return found.get("code") or found["error"]


def test_1_a_code_becomes_tokens(world):
    reply = token(world, grant_type="authorization_code", code=code(world), redirect_uri=CALLBACK)
    assert reply.status == 200 and set(reply.json) == KEYS
    assert part_of({"token_type": "bearer", "scope": "base,contacts:full,deals:read,activities:full", "expires_in": 3599,
                    "api_domain": f"{world.base}/companies/acme"}, reply.json)
    assert Company(world, access=reply.json["access_token"]).get("/v1/users/me").json["data"]["id"] == 12


def test_2_a_code_lives_five_minutes_and_is_for_one_use(world):
    late, twice = code(world), code(world)
    good = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    assert [token(world, code=twice, **good).status for _ in range(2)] == [200, 400]
    world.control("POST", "clock", {"advance": 360})
    reply = token(world, code=late, **good)
    assert (reply.status, reply.json) == (400, {"success": False, "error": "invalid_grant",
                                                "message": "Invalid grant: authorization_code has expired"})


def test_3_a_refresh_gives_a_new_access_token_and_the_same_refresh_token(world):
    first, second = refreshed(world).json, refreshed(world).json
    assert set(first) == KEYS and first["refresh_token"] == second["refresh_token"] == "1:2:r1"
    assert first["access_token"] != second["access_token"]


def test_4_after_an_uninstall_nothing_is_refreshed(world):
    access = refreshed(world).json["access_token"]
    world.control("POST", "users", {"org": "acme", "user": 11, "uninstall": True})
    reply = refreshed(world)
    assert (reply.status, reply.json) == (400, {"success": False, "error": "invalid_grant",
                                                "message": "Invalid grant: refresh_token is invalid"})
    assert Company(world, access=access).get("/v1/users/me").status == 401


def test_5_revoking_a_refresh_token_ends_all_of_it(world):
    kim = Company(world, access=refreshed(world).json["access_token"])
    assert kim.get("/v1/users/me").status == 200
    form = {"token": "1:2:r1", "token_type_hint": "refresh_token"}
    for _ in range(2):
        reply = world.request("POST", "/oauth/revoke", urllib.parse.urlencode(form),
                              {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic Y2lkOnNoaA=="})
        assert (reply.status, reply.body) == (200, b"")
    assert kim.get("/v1/users/me").status == 401 and refreshed(world).status == 400


def test_6_who_am_i(acme):
    wanted = {"id": 11, "name": "Kim", "email": "kim@acme.test", "locale": "en_US", "timezone_name": "Europe/Berlin",
              "timezone_offset": "+02:00", "company_id": 900, "company_name": "Acme", "company_domain": "acme", "active_flag": True,
              "is_deleted": False, "access": [{"app": "sales", "admin": False, "permission_set_id": "p-1"}]}
    reply = acme.get("/v1/users/me")
    assert reply.status == 200 and part_of({"success": True, "data": wanted}, reply.json)


def test_7_an_expired_token(world):
    world.control("POST", "expires_in", {"seconds": 60})
    kim = Company(world, access=refreshed(world).json["access_token"])
    assert kim.get("/v1/users/me").status == 200
    world.control("POST", "clock", {"advance": 61})
    reply = kim.get("/v1/users/me")
    assert (reply.status, reply.json, reply.headers["x-401-by-gw"]) == (401, GATEWAY, "true")
    assert re.fullmatch(r"[0-9a-f-]{36}", reply.headers["x-correlation-id"])


def test_8_search_by_exact_mail(acme):
    reply = acme.get("/v2/persons/search", term="jane@client.test", fields="email", exact_match="true", limit=10)
    assert (reply.status, reply.json) == (200, {"success": True, "data": {"items": [{"result_score": 0.92, "item": {
        "id": 7, "type": "person", "name": "Jane Doe", "phones": ["+372 (55) 123468"], "emails": ["Jane@client.test"], "visible_to": 3,
        "owner": {"id": 11}, "organization": {"id": 4, "name": "Client", "address": None}, "custom_fields": [], "notes": []}}]},
        "additional_data": {"next_cursor": None}})


def test_9_search_for_nobody(acme):
    reply = acme.get("/v2/persons/search", term="nobody@client.test", fields="email", exact_match="true", limit=10)
    assert (reply.status, reply.json) == (200, {"success": True, "data": {"items": []}, "additional_data": {"next_cursor": None}})


def test_10_a_term_that_is_too_short(acme):
    reply = acme.get("/v2/persons/search", term="a", fields="email")
    refused(reply, 400, "Validation failed: term: too short", "ERR_SCHEMA_VALIDATION_FAILED")


def test_11_search_by_part_of_a_phone(acme):
    hits = acme.get("/v2/persons/search", term="55123468", fields="phone").json["data"]["items"]
    assert sorted(hit["item"]["id"] for hit in hits) == [7, 19] and [hit["result_score"] for hit in hits] == [0.51, 0.51]


def test_12_create_a_person(acme):
    mail, phone = ({"value": value, "primary": True, "label": "work"} for value in ("ola@nord.test", "+4790000001"))
    reply = acme.post("/v2/persons", {"name": "Ola Nord", "emails": [mail], "phones": [phone]})
    wanted = {"id": 24, "name": "Ola Nord", "first_name": "Ola", "last_name": "Nord", "owner_id": 11, "org_id": None, "emails": [mail],
              "phones": [phone], "is_deleted": False, "visible_to": 3, "label_ids": [], "picture_id": None, "custom_fields": {}}
    assert reply.status == 200 and part_of({"success": True, "data": wanted}, reply.json)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", reply.json["data"]["add_time"])


def test_13_the_latest_deal(acme):
    reply = acme.get("/v2/deals", person_id=7, sort_by="add_time", sort_direction="desc", limit=1)
    wanted = {"id": 52, "title": "Renewal", "person_id": 7, "org_id": 4, "owner_id": 11, "creator_user_id": 11, "status": "open",
              "stage_id": 2, "pipeline_id": 1, "value": 200, "currency": "EUR", "add_time": "2026-09-01T08:00:00Z",
              "update_time": "2026-09-20T08:00:00Z", "is_archived": False, "is_deleted": False, "visible_to": 3, "custom_fields": {}}
    assert reply.status == 200 and part_of({"success": True, "data": [wanted]}, reply.json)
    second = acme.get("/v2/deals", person_id=7, sort_by="add_time", sort_direction="desc", limit=1,
                      cursor=reply.json["additional_data"]["next_cursor"])
    assert [deal["id"] for deal in second.json["data"]] == [51]


def test_14_no_deal(acme):
    reply = acme.get("/v2/deals", person_id=19, sort_by="add_time", sort_direction="desc", limit=1)
    assert (reply.status, reply.json) == (200, {"success": True, "data": [], "additional_data": {"next_cursor": None}})


def test_15_activity_types(acme):
    found = acme.get("/v1/activityTypes").json["data"]
    assert part_of({"id": 2, "order_nr": 1, "name": "Call", "key_string": "call", "icon_key": "call", "active_flag": True,
                    "color": "FFFFFF", "is_custom_flag": False, "add_time": "2019-12-21 19:44:01"}, found[0])
    assert [(each["name"], each["key_string"], each["active_flag"]) for each in found[1:]] == [
        ("Discovery Call", "discovery_call", True), ("Demo", "demo", False), ("Onboarding", "kick_off", True)]


def test_16_create_a_note(acme):
    sent = ('<h4>Intro - Acme</h4><p style="color:red">Q&A</p><!-- x --><p><a href="https://app.example/s/01J9" target="_blank">Recording'
            "</a></p><p>Ref: ACL-01J9</p>")
    kept = ('<h4>Intro - Acme</h4><p>Q&amp;A</p><p><a href="https://app.example/s/01J9" rel="noopener noreferrer">Recording</a></p>'
            "<p>Ref: ACL-01J9</p>")
    wanted = {"id": 801, "active_flag": True, "content": kept, "person_id": 7, "person": {"name": "Jane Doe"}, "deal_id": 52,
              "deal": {"title": "Renewal"}, "org_id": None, "organization": None, "lead_id": None, "user_id": 11,
              "user": {"name": "Kim", "email": "kim@acme.test", "icon_url": None, "is_you": True}, "last_update_user_id": None,
              "pinned_to_person_flag": False, "pinned_to_deal_flag": False, "pinned_to_organization_flag": False}
    reply = acme.note(sent, deal_id=52)
    assert reply.status == 200 and part_of({"success": True, "data": wanted}, reply.json), reply.body
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", reply.json["data"]["add_time"])


def test_17_a_note_on_nothing(acme):
    reply = acme.post("/v1/notes", {"content": "<p>x</p>"})
    assert (reply.status, reply.json) == (400, {
        "success": False, "error": "At least one of the parameters lead_id, deal_id, person_id, org_id is required",
        "error_info": "Please check developers.pipedrive.com", "data": None, "additional_data": None})


def test_18_a_note_that_is_too_long(acme):
    refused(acme.note("x" * 120_000), 400, "Note content is too long")


def test_19_list_notes(acme):
    acme.note("<p>Ref: ACL-01J9</p>", deal_id=52)
    reply = acme.get("/v1/notes", person_id=7, sort="add_time DESC", start=0, limit=100, updated_since="2026-09-30T10:15:00Z")
    wanted = {"id": 801, "content": "<p>Ref: ACL-01J9</p>", "person_id": 7, "deal_id": 52, "active_flag": True, "user_id": 11}
    assert part_of({"success": True, "data": [wanted]}, reply.json)
    assert reply.json["additional_data"] == {"pagination": {"start": 0, "limit": 100, "more_items_in_collection": False}}


def test_20_no_notes(acme):
    reply = acme.get("/v1/notes", person_id=19, start=0, limit=100)
    assert (reply.status, reply.json) == (200, {"success": True, "data": None, "additional_data": {
        "pagination": {"start": 0, "limit": 100, "more_items_in_collection": False}}})


def test_21_update_a_note(acme):
    before = acme.get("/v1/notes/800").json["data"]
    first, again = (acme.send("PUT", "/v1/notes/800", {"content": "<p>new</p><p>Ref: ACL-01J9</p>"}).json["data"] for _ in range(2))
    assert first["last_update_user_id"] == 11 and first["content"] == "<p>new</p><p>Ref: ACL-01J9</p>"
    assert before["update_time"] < first["update_time"] == again["update_time"]


def test_22_delete_a_note(acme):
    reply = acme.send("DELETE", "/v1/notes/800")
    assert (reply.status, reply.json) == (200, {"success": True, "data": True})
    found = acme.get("/v1/notes/800")
    assert found.status == 200 and found.json["data"]["active_flag"] is False and acme.notes(person_id=7) == []


def test_23_create_an_activity(acme):
    sent = {"subject": "Intro - Acme", "type": "discovery_call", "due_date": "2026-09-30", "due_time": "09:30", "duration": "00:45",
            "done": True, "deal_id": 52, "participants": [{"person_id": 7, "primary": True}],
            "note": "<p>Summary</p><p>Ref: ACL-01J9</p>"}
    wanted = {**sent, "owner_id": 11, "creator_user_id": 11, "is_deleted": False, "lead_id": None, "person_id": 7, "org_id": 4,
              "due_time": "09:30:00", "duration": "00:45:00", "busy": False, "attendees": [], "public_description": None,
              "priority": None}
    reply = acme.post("/v2/activities", sent)
    assert reply.status == 200 and part_of({"success": True, "data": wanted}, reply.json), reply.body
    assert reply.json["data"]["marked_as_done_time"]


def test_24_the_person_of_an_activity_is_read_only(acme):
    refused(acme.activity(person_id=7), 400, "'person_id' is a read-only field. Add a primary participant", "ERR_BAD_REQUEST")


def test_25_a_time_that_is_none(acme):
    refused(acme.activity(due_time="9.30"), 400, "Validation failed: due_time: This value is not a valid datetime.",
            "ERR_SCHEMA_VALIDATION_FAILED")


def test_26_a_scope_that_is_missing(world):
    reader = Company(world, access=refreshed(world, "1:2:reader", app="reader").json["access_token"])
    reply = reader.activity()
    assert (reply.status, reply.json) == (403, {"success": False, "error": "Scope and URL mismatch", "errorCode": 403,
                                                "error_info": "Please check developers.pipedrive.com"})
    assert reader.get("/v2/activities").status == 200


def test_27_the_eleventh_search(acme):
    acme.limit(search=10, window=600)
    replies = [acme.get("/v2/persons/search", term="jane") for _ in range(11)]
    assert [reply.status for reply in replies] == [200] * 10 + [429]
    assert replies[-1].json == {"success": False, "error": "Too many requests", "errorCode": 429,
                                "error_info": "Please check developers.pipedrive.com"}
    headers = replies[-1].headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("10", "0") and 0 < int(headers["x-ratelimit-reset"]) <= 600
    assert acme.get("/v1/users/me").status == 200


def test_28_the_budget_is_empty(acme):
    acme.limit(left=1)
    assert acme.get("/v1/users/me").status == 200
    reply = acme.get("/v1/users/me")
    assert reply.status == 429 and reply.json["error"] == "Too many requests"
    assert (reply.headers["x-daily-ratelimit-token-limit"], reply.headers["x-daily-ratelimit-token-remaining"]) == ("30000", "0")
    acme.switch(tokenHeaders=False)
    reply = acme.get("/v1/users/me")
    assert reply.status == 429 and "x-daily-ratelimit-token-remaining" not in reply.headers


def test_29_going_on_while_refused_ends_at_a_wall(acme):
    acme.limit(burst=1, window=600, ignored=50)
    statuses = [acme.get("/v1/users/me").status for _ in range(52)]
    assert statuses == [200] + [429] * 50 + [403]
    reply = acme.get("/v1/users/me")
    assert reply.headers["Content-Type"].startswith("text/html") and b"This error is produced by Cloudflare" in reply.body


def test_30_an_answer_lost_after_the_commit(acme, world):
    world.control("POST", "faults", {"match": {"method": "POST", "path": "/notes"}, "action": {"drop_after_commit": True}, "times": 1})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        acme.note("<p>Ref: ACL-01J9</p>")
    world.connection.close()
    assert acme.notes(person_id=7, updated_since="2026-09-30T10:15:00Z") == [801]
    assert world.control("GET", "creates?org=acme&text=ACL-01J9") == {"creates": [["notes", 801]], "requests": 1}


def test_a_call_shows_no_secret_in_the_journal(acme, world):
    refreshed(world)
    acme.get("/v1/users/me")
    text = json.dumps(world.journal())
    assert BASE in text and "kim-token" not in text and "1:2:r1" not in text and "shh" not in text
