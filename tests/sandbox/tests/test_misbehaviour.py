"""Faults on demand, the journal, the control API and the pages."""
import http.client
import json
import socket
import ssl
import subprocess
import threading

import pytest
from conftest import A1, API, C1, HOME, N1, N2, N3, World
from test_batches import GO_ON, exists, note, statuses, together
from waiting import wait_for


def fault(world, **spec):
    return world.control("POST", "faults", spec)["ids"][0]


def cut(api, act):
    """The request ends without an answer."""
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError, http.client.BadStatusLine)):
        act()
    api.world.connection.close()


def test_a_fault_strikes_what_it_matches_as_often_as_it_says(api, world):
    number = fault(world, org="org", match={"method": "PATCH", "path": r"/annotations\("}, action={"status": 500}, times=2)
    assert api.get("/WhoAmI").status == 200
    assert [api.put_note(N1).status for _ in range(3)] == [500, 500, 204]
    assert [entry["fault"] for entry in world.journal(kind="write")] == [number, number, None]
    assert world.control("GET", "faults")["faults"][0]["struck"] == 2


def test_the_nth_match_alone_may_be_struck(api, world):
    fault(world, match={"path": "WhoAmI", "nth": 3}, action={"status": 429, "retry_after": 7})
    replies = [api.get("/WhoAmI") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 429, 200]
    assert replies[2].headers["Retry-After"] == "7" and replies[2].error[1] == "0x80072322"


def test_gateways_answer_in_html(api, world):
    fault(world, match={"path": "WhoAmI"}, action={"status": 502}, times=1)
    reply = api.get("/WhoAmI")
    assert (reply.status, reply.headers["Content-Type"]) == (502, "text/html") and b"<html>" in reply.body


def test_an_answer_may_be_lost_before_or_after_the_commit(api, world):
    fault(world, match={"path": N1}, action={"drop_before": True}, times=1)
    fault(world, match={"path": N2}, action={"drop_after_commit": True}, times=1)
    cut(api, lambda: api.put_note(N1))
    cut(api, lambda: api.put_note(N2))
    assert exists(api, N1, N2) == [False, True]
    before, after = world.journal(kind="write")
    assert (before["status"], before["effects"]) == (None, [])
    assert (after["status"], after["effects"]) == (204, [["create", "annotation", N2]])


def test_an_error_may_follow_the_commit(api, world):
    fault(world, match={"path": N1}, action={"status": 504, "after_commit": True}, times=1)
    assert api.put_note(N1).status == 504
    assert exists(api, N1) == [True]


def test_an_answer_may_break_off_in_the_middle(api, world):
    fault(world, match={"path": "/contacts"}, action={"truncate": True}, times=1)
    with pytest.raises(http.client.IncompleteRead):
        api.get("/contacts")
    world.connection.close()
    assert api.get("/contacts").status == 200


def test_a_commit_may_come_late(api, world):
    fault(world, match={"path": N1}, action={"late_commit_ms": 700}, times=1)
    cut(api, lambda: api.put_note(N1))
    assert exists(api, N1) == [False]
    wait_for(lambda: exists(api, N1) == [True])
    assert world.journal(kind="write")[0]["effects"] == [["create", "annotation", N1]]


def test_a_gateway_may_give_up_before_the_commit_comes(api, world):
    fault(world, match={"path": N1}, action={"status": 504, "late_commit_ms": 700}, times=1)
    assert api.put_note(N1).status == 504
    assert exists(api, N1) == [False]
    wait_for(lambda: exists(api, N1) == [True])


@pytest.mark.parametrize("how, there", [("answer", True), ("drop", False)])
def test_a_hanging_request_is_released_as_told(api, world, how, there):
    fault(world, match={"path": N1}, action={"hang": True})
    other = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
    body = json.dumps({"subject": "x", "objectid_contact@odata.bind": f"/contacts({C1})"})
    other.request("PATCH", f"{API}/annotations({N1})", body, {**api.headers, "Content-Type": "application/json"})
    wait_for(lambda: world.control("GET", "faults")["held"])
    assert world.journal(kind="write")[0]["status"] is None
    world.control("DELETE", "faults")
    assert world.control("POST", "release", {"how": how}) == {"released": 1}
    if how == "answer":
        assert other.getresponse().status == 204
    wait_for(lambda: not world.control("GET", "faults")["held"])
    assert exists(api, N1) == [there]


def test_a_client_that_hung_up_while_hanging_commits_nothing(api, world):
    fault(world, match={"path": N1}, action={"hang": True}, times=1)
    with socket.create_connection(("127.0.0.1", world.port)) as raw:
        body = json.dumps({"subject": "x"})
        raw.sendall(f"PATCH {API}/annotations({N1}) HTTP/1.1\r\nHost: x\r\nAuthorization: {api.headers['Authorization']}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        wait_for(lambda: world.control("GET", "faults")["held"])
    api.get("/WhoAmI")
    world.control("POST", "release", {})
    wait_for(lambda: not world.control("GET", "faults")["held"])
    assert exists(api, N1) == [False]


def test_a_fault_may_strike_one_operation_of_a_batch(api, world):
    fault(world, match={"path": N2}, action={"status": 403, "code": "0x80048306", "message": "no"}, times=1)
    reply = api.batch(together(note(N1), note(N2), note(N3)), Prefer=GO_ON)
    assert statuses(reply) == [204, 403, 204] and exists(api, N1, N2, N3) == [True, False, True]
    assert [entry["code"] for entry in world.journal(kind="write")] == [None, "0x80048306", None]


def test_a_fault_may_strike_a_batch_as_a_whole(api, world):
    fault(world, match={"path": r"\$batch"}, action={"status": 429, "retry_after": 2}, times=1)
    assert api.batch(together(note(N1)), Prefer=GO_ON).status == 429
    fault(world, match={"body": "x", "path": N1}, action={"drop_after_commit": True}, times=1)
    cut(api, lambda: api.batch(together(note(N1)), Prefer=GO_ON))
    assert exists(api, N1) == [True]


def test_the_sign_in_misbehaves_too(world):
    fault(world, match={"path": "/token"}, action={"aadsts": 50076}, times=1)
    reply = world.sign_in()
    assert (reply.status, reply.json["error"], reply.json["error_codes"]) == (400, "interaction_required", [50076])
    fault(world, match={"path": "/token"}, action={"status": 503, "retry_after": 1}, times=1)
    assert world.sign_in().status == 503 and world.sign_in().status == 200


@pytest.mark.parametrize("action", [{"drop_before": True}, {"drop_after_commit": True}])
def test_the_sign_in_may_not_answer(api, world, action):
    fault(world, match={"path": "/token"}, action=action, times=1)
    cut(api, world.sign_in)
    assert world.sign_in().status == 200


def test_a_wrong_fault_is_refused_whole(world):
    good = {"action": {"status": 500}}
    for bad in ({"action": {"explode": 1}}, {"match": {"path": "("}, "action": {"status": 500}}, {"match": {}}, {"when": 1},
                {"action": {"status": "500"}}):
        assert world.request("POST", "/_control/faults", [good, bad]).status == 400
    assert world.request("POST", "/_control/faults", {"org": "nobody", "action": {"status": 500}}).status == 404
    assert world.control("GET", "faults")["faults"] == []


def test_the_journal_keeps_what_a_checker_needs(api, world):
    traced = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x-ms-client-request-id": "attempt-1"}
    api.get("/contacts?$select=nothing", **traced)
    entry = world.journal(org="org", kind="read")[-1]
    assert (entry["method"], entry["path"], entry["query"]) == ("GET", f"{API}/contacts", "$select=nothing")
    assert (entry["status"], entry["code"], entry["batch"]) == (400, "0x80060888", None) and entry["ms"] is not None
    assert {name: entry["headers"][name] for name in traced} == traced
    assert entry["headers"]["authorization"].startswith("Bearer sha256:")
    assert world.journal(since=entry["seq"]) == [] and world.journal(org="other") == []
    world.control("DELETE", "journal")
    assert world.journal() == []
    for _ in range(3):
        api.get("/WhoAmI")
    first = world.control("GET", "journal?limit=2&fields=seq,status")
    rest = world.control("GET", f"journal?limit=2&fields=seq,status&since={first['next']}")
    assert [entry["status"] for entry in first["entries"] + rest["entries"]] == [200] * 3
    assert rest["entries"][0]["seq"] == first["next"] + 1 == rest["next"]


def test_the_journal_holds_whatever_came(api, world):
    api.put_note(N1, subject="\ud800")
    api.send("PATCH", f"/annotations({N2})", b"\xff\x00", Content_Type="application/json")
    first, second = world.journal(kind="write")
    assert first["body"]["subject"] == "\ud800" and second["body"] == {"bytes": 2}


@pytest.mark.parametrize("method, path, body, status", [
    ("GET", "nothing", None, 404), ("GET", "rows/nobody/contacts", None, 404), ("GET", "rows/org/nothing", None, 404),
    ("POST", "rows/org/contacts", None, 405), ("PATCH", f"rows/org/contacts/{N1}", {}, 404), ("POST", "release", {"how": "x"}, 400),
    ("POST", "limits", {"lengths": {"annotation.objectid": 1}}, 400), ("POST", "limits", {"throttle": {"requests": "5"}}, 400),
    ("POST", "limits", {"length": {}}, 400), ("POST", "switches", {"switches": {"disabled": 1}}, 400),
    ("POST", "users", {"org": "org", "user": N1}, 404), ("POST", "world", {"org": {}}, 400), ("POST", "expires_in", {}, 400),
    ("POST", "users", {"org": "org", "add": {"systemuserid": N1, "lacks": ["prvFly"]}}, 400), ("POST", "faults", "{", 400),
    ("PUT", "rows/org/contacts", {"emial": "x"}, 400)])
def test_a_wrong_order_is_refused(world, method, path, body, status):
    reply = world.request(method, f"/_control/{path}", body)
    assert reply.status == status and reply.json["error"]


def test_a_person_edits_and_deletes(api, world):
    api.put_note(N1)
    world.control("PATCH", f"rows/org/annotations/{N1}", {"subject": "by hand"})
    assert api.get(f"/annotations({N1})").json["subject"] == "by hand"
    assert api.get(f"/annotations({N1})").json["_objectid_value"] == C1
    world.control("DELETE", f"rows/org/annotations/{N1}")
    assert api.get(f"/annotations({N1})").status == 404
    assert world.request("DELETE", f"/_control/rows/org/annotations/{N1}").status == 404
    assert world.journal(kind="write")[-1]["method"] == "PATCH"          # what people do is no request


def test_the_page_state_shows_notes_at_their_records(api, world):
    api.put_note(N1)
    api.put_note(N2, **{"objectid_contact@odata.bind": None, "objectid_account@odata.bind": f"/accounts({A1})"})
    state = world.control("GET", "page-state")["orgs"]["org"]
    noted = {record["name"]: [row["id"] for row in record["notes"]] for record in state["contacts"] + state["accounts"]}
    assert noted["Anna O'Brien"] == [N1]


def test_the_pages_show_notes_that_can_do_nothing(api, world):
    api.put_note(N1, subject="<b>subject</b>", notetext="<script>alert(1)</script></iframe><img src=x onerror=alert(2)>")
    for path in ("/orgs/org/", f"/orgs/org/main.aspx?pagetype=entityrecord&etn=contact&id=%7B{C1.upper()}%7D"):
        reply = world.request("GET", path)
        page = reply.body.decode()
        assert reply.status == 200 and "&lt;b&gt;subject" in page and "<b>subject" not in page
        assert "<script>alert" not in page and "<img" not in page and 'sandbox="allow-same-origin allow-popups"' in page
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert b"org" in world.request("GET", "/").body
    of_note = world.request("GET", f"/orgs/org/main.aspx?pagetype=entityrecord&etn=annotation&id={N1}")
    assert of_note.status == 200 and b"Anna" in of_note.body
    assert world.request("GET", "/orgs/org/main.aspx?etn=contact&id=nothing").status == 404
    assert world.request("GET", "/orgs/nothing/").status == 404


def test_the_demo_world_holds_together():
    world = World("--today", "2026-11-21")
    try:
        for org, secret in (("contoso", "contoso-demo-secret"), ("fabrikam", "fabrikam-demo-secret")):
            client = f"5a5e0000-0000-4000-8000-00000000{org[0]}001"
            assert world.sign_in(f"{org}.example", client, secret, org).status == 200
            rows = world.control("GET", f"rows/{org}/contacts")["rows"]
            assert len({row["contactid"] for row in rows}) == len(rows) >= 2
        starts = [row["scheduledstart"] for row in world.control("GET", "rows/contoso/appointments")["rows"]]
        assert "2026-11-20T09:00:00Z" in starts
    finally:
        assert world.stop() == 0


def test_the_journal_file_holds_finished_requests(tmp_path):
    path = tmp_path / "requests.jsonl"
    world = World("--world", str(HOME / "worlds" / "fixture.json"), "--journal", str(path))
    try:
        world.client().get("/WhoAmI")
    finally:
        world.stop()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["kind"], line["status"]) for line in lines] == [("signin", 200), ("metadata", 200)]


def test_it_stops_at_once_even_while_a_request_hangs(tmp_path):
    world = World("--world", str(HOME / "worlds" / "fixture.json"))
    fault(world, action={"hang": True})
    other = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
    other.request("POST", "/login/t1/oauth2/v2.0/token")
    wait_for(lambda: world.control("GET", "faults")["held"])
    assert world.stop() == 0


def test_a_wrong_world_is_refused_with_the_place(tmp_path):
    path = tmp_path / "world.json"
    path.write_text('{"orgs": {"x": {"rows": {"contacts": [{"emial": "x"}]}}}}')
    run = subprocess.run([str(HOME / "run"), "--world", str(path)], capture_output=True, text=True, timeout=30)
    assert run.returncode == 1 and "x.contacts" in run.stderr and "emial" in run.stderr


def test_it_speaks_tls(tmp_path):
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key),
                    "-out", str(certificate)], check=True, capture_output=True)
    process = subprocess.Popen([str(HOME / "run"), "--tls-cert", str(certificate), "--tls-key", str(key)],
                               stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith("sandbox listening on https://127.0.0.1:")

        connection = http.client.HTTPSConnection("localhost", int(line.rsplit(":", 1)[1]), timeout=30,
                                                 context=ssl.create_default_context(cafile=str(certificate)))
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_many_clients_at_once_are_served(api, world):
    statuses_seen = []

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
        for _ in range(20):
            connection.request("GET", f"{API}/WhoAmI", headers=api.headers)
            reply = connection.getresponse()
            reply.read()
            statuses_seen.append(reply.status)
        connection.close()
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert statuses_seen == [200] * 160
