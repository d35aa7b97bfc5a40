"""Faults, the journal, the control API and the pages, for Pipedrive."""
import http.client
import json
import threading
import time

import pytest
from company import BASE, Company, refused
from waiting import wait_for

LOST = (http.client.RemoteDisconnected, ConnectionResetError, http.client.BadStatusLine)


def fault(acme, method, path, action, **more):
    return acme.world.control("POST", "faults", {"org": "acme", "match": {"method": method, "path": path}, "action": action, **more})["ids"][0]


def cut(acme, act):
    with pytest.raises(LOST):
        act()
    acme.world.connection.close()


def creates(acme, text="Ref: 1"):
    return acme.world.control("GET", f"creates?org=acme&text={text.replace(' ', '%20')}")


def note(acme):
    return acme.note("<p>Ref: 1</p>")


def test_nothing_happens_before_the_connection_is_cut(acme):
    fault(acme, "POST", "/notes", {"drop_before": True}, times=1)
    cut(acme, lambda: note(acme))
    assert acme.notes(person_id=7) == [800] and creates(acme) == {"creates": [], "requests": 1}


@pytest.mark.parametrize("action, status", [
    ({"status": 500, "after_commit": True}, 500), ({"status": 502, "after_commit": True}, 502),
    ({"status": 503, "after_commit": True}, 503), ({"status": 200, "after_commit": True}, 200),
    ({"status": 200, "after_commit": True, "html": True}, 200)])
def test_an_answer_may_be_untrue_after_the_commit(acme, action, status):
    fault(acme, "POST", "/notes", action, times=1)
    reply = note(acme)
    assert reply.status == status and creates(acme)["creates"] == [["notes", 801]]
    assert acme.notes(person_id=7) == [800, 801]
    if status == 502 or "html" in action:
        assert reply.headers["Content-Type"] == "text/html" and b"<html>" in reply.body
    else:
        assert reply.json["success"] is False


@pytest.mark.parametrize("action", [{"status": 500}, {"status": 200}, {"status": 429}, {"status": 403, "message": "No."}])
def test_a_refusal_commits_nothing(acme, action):
    fault(acme, "POST", "/notes", action, times=1)
    reply = note(acme)
    assert reply.status == action["status"] and reply.json["success"] is False and reply.headers["x-correlation-id"]
    assert creates(acme) == {"creates": [], "requests": 1} and note(acme).status == 200


def test_a_429_that_was_asked_for_looks_like_one(acme):
    fault(acme, "GET", "/users/me", {"status": 429}, times=1)
    fault(acme, "GET", "/users/me", {"status": 429, "headers": {"x-daily-ratelimit-token-remaining": "0", "x-ratelimit-reset": "9"}}, times=1)
    first, second = acme.get("/v1/users/me"), acme.get("/v1/users/me")
    assert (first.headers["x-ratelimit-remaining"], first.headers["x-ratelimit-reset"]) == ("0", "2") and first.json["errorCode"] == 429
    assert (second.headers["x-daily-ratelimit-token-remaining"], second.headers["x-ratelimit-reset"]) == ("0", "9")


def test_a_commit_may_come_late_and_make_a_twin(acme):
    fault(acme, "POST", "/notes", {"late_commit_ms": 600}, times=1)
    cut(acme, lambda: note(acme))
    assert acme.notes(person_id=7) == [800] and acme.notes(person_id=7) == [800]
    assert note(acme).json["data"]["id"] == 801
    wait_for(lambda: len(acme.notes(person_id=7)) == 3)
    assert creates(acme) == {"creates": [["notes", 802], ["notes", 801]], "requests": 2}


def test_an_answer_may_come_after_the_client_lost_patience(acme):
    fault(acme, "POST", "/notes", {"delay_ms": 400}, times=1)
    impatient = http.client.HTTPConnection("127.0.0.1", acme.world.port, timeout=0.1)
    with pytest.raises(TimeoutError):
        impatient.request("POST", BASE + "/v1/notes", json.dumps({"content": "Ref: 1", "person_id": 7}),
                          {**acme.headers, "Content-Type": "application/json"})
        impatient.getresponse()
    impatient.close()
    wait_for(lambda: creates(acme)["creates"] == [["notes", 801]])


def test_half_a_body(acme):
    fault(acme, "GET", "/deals", {"truncate": True}, times=1)
    with pytest.raises(http.client.IncompleteRead):
        acme.get("/v2/deals")
    acme.world.connection.close()
    assert acme.get("/v2/deals").status == 200


def test_a_slow_drip(acme):
    fault(acme, "GET", "/users/me", {"drip_ms": 300}, times=1)
    started = time.monotonic()
    reply = acme.get("/v1/users/me")
    assert reply.json["data"]["id"] == 11 and time.monotonic() - started > 0.25


@pytest.mark.parametrize("how, made", [("answer", [["notes", 801]]), ("drop", [])])
def test_a_request_hangs_until_it_is_released(acme, how, made):
    fault(acme, "POST", "/notes", {"hang": True}, times=1)
    other = http.client.HTTPConnection("127.0.0.1", acme.world.port, timeout=30)
    other.request("POST", BASE + "/v1/notes", json.dumps({"content": "Ref: 1", "person_id": 7}),
                  {**acme.headers, "Content-Type": "application/json"})
    wait_for(lambda: acme.world.control("GET", "faults")["held"])
    acme.world.control("POST", "release", {"how": how})
    wait_for(lambda: not acme.world.control("GET", "faults")["held"])
    if how == "answer":
        assert other.getresponse().status == 200
    other.close()
    assert creates(acme)["creates"] == made


def test_the_nth_request_alone_may_be_struck(acme):
    acme.world.control("POST", "faults", {"org": "acme", "match": {"method": "POST", "path": "/activities", "nth": 2}, "action": {"status": 500}})
    assert [acme.activity().status for _ in range(3)] == [200, 500, 200]
    assert [entry["fault"] is None for entry in acme.world.journal(kind="write")] == [True, False, True]


def test_a_fault_of_one_company_leaves_the_other_alone(acme):
    fault(acme, "GET", "/users/me", {"status": 500})
    assert Company(acme.world, "borg-token", base="/companies/borg/api").get("/v1/users/me").status == 200
    assert acme.world.request("GET", "/v1/users/me", headers=acme.headers).status == 500


def test_the_journal_tells_all_of_a_request(acme):
    acme.note("<p>Ref: 1</p>", deal_id=52)
    entry = acme.world.journal(org="acme")[-1]
    wanted = {"org": "acme", "kind": "write", "method": "POST", "path": f"{BASE}/v1/notes", "status": 200, "tokens": 10, "user": 11,
              "body": {"content": "<p>Ref: 1</p>", "person_id": 7, "deal_id": 52}, "effects": [["create", "notes", 801]], "batch": None}
    assert {name: entry[name] for name in wanted} == wanted
    for act, kind in ((lambda: acme.get("/v1/users/me"), "metadata"), (lambda: acme.get("/v1/activityTypes"), "metadata"),
                      (lambda: acme.get("/v2/deals"), "read"), (lambda: acme.send("PUT", "/v1/notes/801", {"content": "x"}), "write")):
        act()
        assert acme.world.journal()[-1]["kind"] == kind
    refused(acme.post("/v1/notes", {"content": "x"}), 400, "At least one")
    entry = acme.world.journal()[-1]
    assert entry["effects"] == [] and "At least one" in entry["code"]


def test_rows_from_behind(acme):
    control = acme.world.control
    made = control("PUT", "rows/acme/persons", {"name": "Ola Nord", "emails": ["ola@nord.test"], "phones": ["+47 90 00 00 01"]})["id"]
    assert acme.search("ola@nord.test", exact_match="true") == [made]
    control("PATCH", f"rows/acme/persons/{made}", {"name": "Ola N."})
    assert acme.get(f"/v2/persons/{made}").json["data"]["name"] == "Ola N."
    assert control("GET", f"rows/acme/persons/{made}")["emails"][0]["value"] == "ola@nord.test"
    deal = control("PUT", "rows/acme/deals", {"title": "D", "person_id": made, "add_time": "2026-10-01 08:00:00"})["id"]
    assert acme.get("/v2/deals", person_id=made).json["data"][0]["id"] == deal
    control("DELETE", f"rows/acme/persons/{made}")
    assert acme.search("ola@nord.test") == []
    control("DELETE", "rows/acme/notes/800")
    assert [(row["id"], row["active_flag"]) for row in control("GET", "rows/acme/notes")["rows"]] == [(800, False)]
    for method, path, body in (("GET", "rows/acme/nothing", None), ("GET", "rows/acme/persons/999", None),
                               ("PUT", "rows/acme/persons", {"colour": 1}), ("PUT", "rows/acme/deals", {"title": "x", "add_time": "soon"})):
        assert acme.world.request(method, f"/_control/{path}", body).status in (400, 404)


def test_wrong_worlds_switches_and_users_are_refused(acme):
    for path, body in (("switches", {"org": "acme", "switches": {"nothing": True}}), ("switches", {"org": "acme", "switches": {"indexLag": True}}),
                       ("switches", {"org": "acme", "switches": {"created201": 1}}), ("switches", {"switches": {"nothing": True}}),
                       ("users", {"org": "acme", "user": 99}), ("users", {"org": "acme", "user": 11, "lacks": ["fly"]}),
                       ("world", {"companies": {"org": {}}}), ("world", {"companies": {"x": {"colour": 1}}}), ("world", {"orgs": {"acme": {}}}),
                       ("apps", {"app": "cid", "set": {"colour": 1}}), ("clock", {"advance": -1})):
        assert acme.world.request("POST", f"/_control/{path}", body).status in (400, 404), (path, body)


def test_the_world_may_grow_and_be_reset(acme):
    acme.world.control("POST", "world", {"companies": {"fresh": {"company_id": 902, "users": [{"id": 1, "name": "A", "api_token": "a"}]}}})
    assert Company(acme.world, "a", base="/companies/fresh/api").get("/v1/users/me").json["data"]["company_id"] == 902
    acme.world.control("POST", "reset")
    assert acme.world.request("GET", "/companies/fresh/api/v1/users/me", headers={"x-api-token": "a"}).status == 404
    assert acme.notes(person_id=7) == [800]


def test_pages_show_what_hangs_on_persons_and_deals(acme):
    acme.note("<p>Hello <b>Jane</b></p>", deal_id=52)
    acme.activity(type="discovery_call", participants=[{"person_id": 7}], due_time="09:30", duration="00:45", done=True, note="<p>Said</p>")
    state = acme.world.control("GET", "page-state")["orgs"]["acme"]
    jane = next(person for person in state["persons"] if person["id"] == 7)
    assert [note["id"] for note in jane["notes"]] == [800, 801] and len(jane["activities"]) == 1
    for path, wanted in (("/", b"Pipedrive"), ("/companies/acme/", b"Renewal"), ("/companies/acme/person/7", b"Discovery Call"),
                         ("/companies/acme/deal/52", b"Hello &lt;b&gt;Jane")):
        reply = acme.world.request("GET", path)
        assert reply.status == 200 and wanted in reply.body and "default-src 'none'" in reply.headers["Content-Security-Policy"]
    for path in ("/companies/acme/person/999", "/companies/acme/deal/54", "/companies/acme/nothing", "/companies/nobody/"):
        assert acme.world.request("GET", path).status == 404


def test_hostile_text_stays_text_on_a_page(acme):
    acme.person(name="<script>alert(1)</script>", emails=["x@x.test"])
    acme.world.control("PUT", "rows/acme/deals", {"title": "<img src=x onerror=y>", "person_id": 7})
    page = acme.world.request("GET", "/companies/acme/").body
    assert b"<script>alert" not in page and b"<img" not in page


def test_many_at_once_lose_nothing(acme):
    def write(count):
        own = http.client.HTTPConnection("127.0.0.1", acme.world.port, timeout=30)
        for _ in range(count):
            own.request("POST", BASE + "/v1/notes", json.dumps({"content": "Ref: 1", "person_id": 7}),
                        {**acme.headers, "Content-Type": "application/json"})
            assert own.getresponse().read()
        own.close()

    threads = [threading.Thread(target=write, args=(20,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    made = creates(acme)
    assert made["requests"] == 100 and len({number for _, number in made["creates"]}) == 100
