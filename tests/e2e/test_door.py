"""The door over real HTTP: every bad input gets its own clear answer, and nothing accepted is lost when Kafka goes away."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest
from load import Load
from sessions import link_of, session
from stack.paths import BIN, ROOT
from stack.samples import KEYS
from waiting import wait_until

CLOSED_KEY = "demo-key-contoso-closed-02c8"
CLOSED = f'''
[[source]]
tenant = "contoso"
id = "closed"
name = "Closed"
revisions = "none"
key = "{CLOSED_KEY}"
disabled = true
'''


@pytest.fixture(scope="module")
def one_pipeline(make_pipeline):
    return make_pipeline(tenants=(ROOT / "deploy" / "examples" / "demo.toml").read_text() + CLOSED)


@pytest.fixture
def door(pipeline):
    """door(body, key=..., **headers) → (status, headers, answer)"""
    address = urllib.parse.urlsplit(pipeline.stack.door)

    def ask(body, key=KEYS["contoso", "meetings"], method="POST", path="/v1/sessions", timeout=20, **headers):
        sent = {"Content-Type": "application/json"}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
        try:
            # Who is refused early may find the door closed while still sending; the answer is there all the same.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body if isinstance(body, bytes) else json.dumps(body).encode(), sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read())
        finally:
            connection.close()

    return ask


def assert_problem(answered, status, code):
    got, headers, problem = answered
    assert (got, problem["code"]) == (status, code), problem
    assert headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status and problem["detail"]
    return problem


def test_who_may_come_in(door):
    status, headers, problem = door(session(), key=None)
    assert_problem((status, headers, problem), 401, "no_key")
    assert headers["WWW-Authenticate"].startswith("Bearer")
    assert_problem(door(session(), key="demo-key-contoso-meetings-7f3b"), 401, "unknown_key")
    wait_until(lambda: door(session(), key=CLOSED_KEY)[0] != 401, 10, "the source that was applied last")
    assert_problem(door(session(), key=CLOSED_KEY), 403, "source_disabled")


@pytest.mark.parametrize("body", [
    b"", b"{", b"hello", b"{'session_id': 'x'}", b'{"session_id": "x",}', b'{"session_id": "x", "session_id": "x"}',
    b'{"session_id": "\xff"}', b'{"session_id": "a\\u0000b"}', b'{"session_id": "x"} {}', b'{"properties": ' + b"[" * 40 + b"]" * 40 + b"}",
], ids=["empty", "half", "a word", "single quotes", "trailing comma", "a name twice", "no UTF-8", "U+0000", "two values", "too deep"])
def test_what_is_no_json_gets_400_with_the_place(door, body):
    problem = assert_problem(door(body), 400, "not_json")
    assert problem["errors"] and problem["errors"][0]["rule"]


def test_every_wrong_field_is_named_at_once_and_never_its_value(door, pipeline):
    wrong = session("wrong-fields", channel="carrier pigeon", started_at="yesterday", colour="blue-secret")
    wrong["tenant"] = "fabrikam"
    wrong["participants"].append({"name": 7, "email": "x@y.example", "shoe": 42})
    wrong["summary"]["format"] = "papyrus"
    answered = door([session("right-one"), wrong])
    problem = assert_problem(answered, 422, "wrong_fields")
    assert {each["pointer"] for each in problem["errors"]} == {
        "/1/channel", "/1/started_at", "/1/colour", "/1/tenant", "/1/participants/2/name", "/1/participants/2/shoe", "/1/summary/format"}
    for value in ("pigeon", "yesterday", "blue-secret", "papyrus"):
        assert value not in json.dumps(problem)
    # As a whole or not at all: the right one is sent after a third, which shows that the pipeline would have been in time.
    pipeline.send(session("a-third"))
    pipeline.wait_ended("a-third")
    assert pipeline.story("right-one") == {}


def test_another_kind_of_revision_than_the_source_states_is_refused(door):
    wrong = session("wrong-revision")
    del wrong["revision"]
    problem = assert_problem(door({**wrong, "updated_at": wrong["ended_at"]}), 422, "wrong_fields")
    assert [each["pointer"] for each in problem["errors"]]


def test_too_large_is_told_even_while_the_body_is_still_coming(door):
    assert_problem(door(b" " * (2 * 1024 * 1024 + 1)), 413, "too_large")
    assert_problem(door(session(manual_notes="x" * 600_000)), 413, "too_large")
    people = [{"name": f"P{number}", "email": f"p{number}@x.example"} for number in range(101)]
    assert_problem(door(session(participants=people)), 413, "too_large")


@pytest.mark.parametrize("key, length, answer", [
    ("nobodys-key-0000000000", 1000, b"HTTP/1.1 401 "), ("nobodys-key-0000000000", 1 << 40, b"HTTP/1.1 401 "),
    (KEYS["contoso", "meetings"], 3 << 20, b"HTTP/1.1 413 ")], ids=["a key that is unknown", "and a huge body", "a body above the limit"])
def test_what_the_head_decides_is_told_before_a_byte_of_the_body_came(pipeline, key, length, answer):
    address = urllib.parse.urlsplit(pipeline.stack.door)
    with socket.create_connection((address.hostname, address.port), timeout=20) as client:
        client.sendall(f"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                       f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode())
        assert client.recv(1000).startswith(answer)
        client.sendall(b" " * 200_000)  # who writes on is not cut off before reading the answer


def test_other_media_other_paths_other_methods(door):
    assert_problem(door(b"<session/>", Content_Type="application/xml"), 415, "wrong_media_type")
    assert_problem(door(session(), Content_Encoding="gzip"), 415, "encoded_body")
    assert_problem(door(session(), path="/v2/sessions"), 404, "not_found")
    status, headers, problem = door(b"", method="DELETE")
    assert_problem((status, headers, problem), 405, "method_not_allowed")
    assert headers["Allow"] == "POST"
    status, _, document = door(b"", key=None, method="GET", path="/openapi.json")
    assert status == 200 and "/v1/sessions" in document["paths"]


def test_a_wrong_address_leaves_that_participant_out_with_the_reason(pipeline):
    sent = session("odd-addresses")
    sent["participants"] += [{"name": "Odd", "email": "not an address"}, {"name": "Odder", "phone": "call me"}]
    pipeline.send(sent)
    story = pipeline.wait_ended("odd-addresses")
    assert story["units"][0]["state"] == "written"
    reasons = {match["participant"]: match.get("reason") for match in story["units"][0]["matches"]}
    assert reasons[1] is None
    assert "e-mail" in reasons[2] and "phone" in reasons[3] and "call me" not in reasons[3]
    assert len(pipeline.sandbox.notes("contoso", link_of("odd-addresses"))) == 2


@pytest.fixture
def send(pipeline, tmp_path):
    """send(*arguments, ...) → (exit code, what it printed, what it complained of) of `aftercall session send`"""
    (tmp_path / "key").write_text(KEYS["contoso", "meetings"] + "\n")

    def run(*arguments, key=KEYS["contoso", "meetings"], door=pipeline.stack.door, given=None):
        environment = {name: value for name, value in os.environ.items() if name != "AFTERCALL_KEY"} | ({"AFTERCALL_KEY": key} if key else {})
        done = subprocess.run([BIN / "aftercall", "session", "send", *arguments, "--door", door], cwd=tmp_path, env=environment, input=given,
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    return run


def test_session_send_gives_a_file_to_the_door(pipeline, send, tmp_path):
    for name, how in {"sent-file": {}, "sent-list": {}, "sent-input": {}, "sent-key": {"key": None}}.items():
        made = session(name)
        text = json.dumps([made] if name == "sent-list" else made)
        (tmp_path / "session.json").write_text(text)
        arguments = ["-" if name == "sent-input" else "session.json", *(["--key-file", "key"] if name == "sent-key" else [])]
        code, said, complained = send(*arguments, given=text, **how)
        assert (code, complained) == (0, ""), complained
        assert name in json.dumps(json.loads(said))
        pipeline.wait_ended(name)
        assert len(pipeline.sandbox.notes("contoso", link_of(name))) == 2


def test_session_send_says_what_is_wrong_and_tells_it_by_its_exit_code(send, tmp_path):
    (tmp_path / "session.json").write_text(json.dumps(session("refused")))
    (tmp_path / "wrong.json").write_text(json.dumps(session("refused", channel="telepathy")))
    (tmp_path / "empty.json").write_text("")
    with socket.socket() as nobody:  # bound and not listening: whoever connects is refused
        nobody.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        for arguments, how, code, told in (
                (["wrong.json"], {}, 1, "channel"), (["session.json"], {"key": "no-such-key"}, 1, "401"),
                (["session.json"], {"door": dead}, 1, dead.removeprefix("http://")),
                (["session.json"], {"door": "https://nobody.invalid"}, 1, "nobody.invalid"),
                (["session.json"], {"door": "http://door.example"}, 1, "plain http:// leaves this machine only"),
                (["session.json"], {"door": "nowhere"}, 1, "not http or https"),
                (["missing.json"], {}, 2, "missing.json is empty or cannot be read"), (["empty.json"], {}, 2, "empty.json is empty"),
                (["session.json"], {"key": None}, 2, "no API key"), ([], {}, 2, "file"), (["session.json", "--key-file", "nothing"], {}, 2, "no API key")):
            got, said, complained = send(*arguments, **how)
            assert (got, said) == (code, ""), (arguments, how, said, complained)
            assert told in complained, (arguments, how, complained)


def test_kafka_away_is_503_with_retry_after_and_stages_go_on_when_it_is_back(door, pipeline, kafka):
    accepted = [f"before-{number}" for number in range(20)]
    pipeline.send([session(each) for each in accepted])
    kafka.stop()
    try:
        with ThreadPoolExecutor() as clients:  # each waits as long as the door does
            answered = list(clients.map(lambda each: door(session(each), timeout=30), ("away-1", "away-2")))
        for status, headers, problem in answered:
            assert_problem((status, headers, problem), 503, "not_stored")
            assert int(headers["Retry-After"]) >= 1
        for name in ("ingest", "control", "matcher", "formatter", "crm_writer"):
            assert pipeline.child(name).alive(), f"{name} did not wait for Kafka"
    finally:
        kafka.start()
    wait_until(lambda: door(session("after"), timeout=30)[0] == 202, 60, "the door's 202 after Kafka came back")
    for each in ("away-1", "away-2"):
        assert door(session(each), timeout=30)[0] == 202
    for each in [*accepted, "after", "away-1", "away-2"]:
        wait_until(lambda: len(pipeline.sandbox.notes("contoso", f'"{link_of(each)}"')) == 2, 60, f"the notes of {each}")


def test_a_crash_of_kafka_under_load_loses_nothing_that_was_accepted(pipeline, kafka):
    load = Load(pipeline, 400, "crash").start()
    load.wait_sent(100)
    kafka.stop(now=True)
    assert load.sent < len(load.sessions), "this load is too small: it ended before the crash"
    kafka.start()
    load.wait_sent()
    load.wait_written()
    load.assert_written_once()
