"""The mode for load tests: it answers as the other one does, and counts instead of remembering."""
import http.client
import json
import re
import socket

import pytest
from conftest import HOME, N1, N2, World
from company import BASE, Company
from test_batches import GO_ON, note, together
from waiting import wait_for

VOLATILE = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?|batchresponse_[0-9a-f-]+|REQ_ID: [0-9a-f-]+|127\.0\.0\.1:\d+|nonce=\"[^\"]+")


@pytest.fixture(scope="module")
def quick():
    world = World("--world", str(HOME / "worlds" / "fixture.json"), "--fast", "--mark", r"Ref: (\w+)")
    yield world
    assert world.stop() == 0


@pytest.fixture
def fast(quick):
    quick.control("POST", "reset")
    Company(quick).limit(burst=100_000, search=100_000)
    quick.control("DELETE", "cost")
    return quick


def exchanges(world):
    acme, api = Company(world), world.client()
    yield acme.get("/v1/users/me")
    yield acme.get("/v2/persons/search", term="jane@client.test", fields="email", exact_match="true")
    yield acme.get("/v2/deals", person_id=7, sort_by="add_time", sort_direction="desc", limit=1)
    yield acme.note('<p>Q&amp;A</p><p><a href="https://app.example/1">x</a></p><p>Ref: A1</p>', deal_id=52)
    yield acme.note("<p style=x>Q&A<!-- x --></p>")
    yield acme.get("/v1/notes", person_id=7)
    yield acme.activity(due_time="9.30")
    yield acme.send("DELETE", "/v1/notes/800")
    yield acme.get("/v1/nothing")
    yield api.get("/contacts", {"$filter": "emailaddress1 eq 'anna.obrien@contoso.example'", "$select": "fullname"})
    yield api.batch(together(note(N1), note(N2)), Prefer=GO_ON)
    yield api.batch(together(note(N1)), Prefer=GO_ON)
    yield api.get(f"/annotations({N1})")
    yield api.patch(f"/annotations({N1})", {"notetext": "\x01"})
    yield api.patch(f"/annotations({N1})", {"notetext": "å 😀 \ufffd"})
    yield world.request("GET", "/companies/acme/person/999")


def test_the_answers_are_the_same(fast, world):
    Company(world).limit(burst=100_000, search=100_000)
    for quick, usual in zip(exchanges(fast), exchanges(world), strict=True):
        assert quick.status == usual.status and sorted(quick.headers.keys()) == sorted(
            name for name in usual.headers.keys() if name not in ("Server",) and (name != "Date" or "Date" in quick.headers))
        assert VOLATILE.sub(b"", quick.body) == VOLATILE.sub(b"", usual.body)


def test_the_journal_counts_and_tells_when_marks_came(fast):
    acme, api = Company(fast), fast.client()
    acme.note("<p>Ref: A1</p>")
    acme.note("<p>x</p>", person_id=999)
    acme.get("/v2/deals", person_id=7)
    api.batch(together(note(N1, subject="Ref: B1"), note(N2)), Prefer=GO_ON)
    told = fast.control("GET", "tally")
    assert told["requests"] == {"acme write POST": 2, "acme read GET": 1, "org batch POST": 1, "org signin POST": 1}
    assert told["operations"] == {"org write PATCH": 2} and told["tokens"] == 30
    assert told["effects"] == {"create notes": 1, "create annotation": 2}
    found = fast.control("GET", "writes")
    assert [(org, mark) for _, org, mark in found["writes"]] == [("acme", "A1"), ("org", "B1")] and found["next"] == 2
    assert fast.control("GET", "writes?since=1")["writes"][0][2] == "B1"
    assert fast.journal() == []
    fast.control("DELETE", "journal")
    assert fast.control("GET", "tally")["requests"] == {} and fast.control("GET", "writes")["writes"] == []


def test_it_tells_what_answering_took(fast):
    for _ in range(200):
        Company(fast).get("/v1/users/me")
    cost = fast.control("GET", "cost")
    assert cost["requests"] == 200 and 0 < cost["cpu_seconds"] <= cost["wall_seconds"] + 1
    assert cost["requests_per_cpu_second"] == pytest.approx(200 / cost["cpu_seconds"], rel=0.2)


def test_requests_are_recorded_byte_for_byte(tmp_path):
    file = tmp_path / "requests"
    world = World("--world", str(HOME / "worlds" / "fixture.json"), "--fast", "--record", str(file))
    get = f"GET {BASE}/v1/users/me HTTP/1.1\r\nHost: x\r\nX-Api-Token:  kim-token\r\n\r\n".encode()
    post = f"POST {BASE}/v1/notes HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\n5\n".encode()
    with socket.create_connection(("127.0.0.1", world.port)) as raw:
        raw.sendall(get + post)
        assert list(answers(raw, 2)) == [200, 401]
    world.control("GET", "cost")
    assert world.stop() == 0
    assert file.read_bytes() == b"".join(b"%d\n%b\n" % (len(each), each) for each in (get, post))


def test_faults_strike_here_too(fast):
    acme = Company(fast)
    fast.control("POST", "faults", {"org": "acme", "match": {"method": "POST"}, "action": {"status": 500, "delay_ms": 10}, "times": 1})
    assert [acme.note().status for _ in range(2)] == [500, 200]
    for action, lost in (({"drop_after_commit": True}, (http.client.RemoteDisconnected, ConnectionResetError)),
                         ({"truncate": True}, http.client.IncompleteRead)):
        fast.control("POST", "faults", {"org": "acme", "match": {"method": "POST"}, "action": action, "times": 1})
        with pytest.raises(lost):
            acme.note()
        fast.connection.close()
    assert fast.control("GET", "tally")["effects"] == {"create notes": 3}
    fast.control("POST", "faults", {"org": "acme", "match": {"path": "users"}, "action": {"drip_ms": 20}, "times": 1})
    assert acme.get("/v1/users/me").json["data"]["id"] == 11


def answers(raw, count):
    with raw.makefile("rb") as file:
        for _ in range(count):
            status = int(file.readline().split()[1])
            length = 0
            while (line := file.readline().strip()):
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            file.read(length)
            yield status


def test_requests_come_in_pieces_and_several_at_once(fast):
    body = json.dumps({"content": "x", "person_id": 7})
    post = (f"POST {BASE}/v1/notes HTTP/1.1\r\nHost: x\r\nx-api-token: kim-token\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
    get = f"GET {BASE}/v1/users/me HTTP/1.1\r\nHost: x\r\nx-api-token: kim-token\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", fast.port)) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (post[:7], post[7:-3], post[-3:] + get + get, get):
            raw.sendall(piece)
        assert list(answers(raw, 4)) == [200, 200, 200, 200]
        raw.sendall(b"GET / nonsense HTTP/1.1\r\n\r\n")
        assert list(answers(raw, 1)) == [400] and raw.recv(1) == b""


def test_the_order_holds_also_while_one_waits(fast):
    fast.control("POST", "faults", {"org": "acme", "match": {"path": "users"}, "action": {"hang": True}, "times": 1})
    head = "HTTP/1.1\r\nHost: x\r\nx-api-token: kim-token\r\n\r\n"
    with socket.create_connection(("127.0.0.1", fast.port)) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.sendall(f"GET {BASE}/v1/users/me {head}GET {BASE}/v2/persons/999 {head}".encode())
        wait_for(lambda: fast.control("GET", "faults")["held"])
        raw.sendall(f"GET {BASE}/v1/nothing {head}".encode())
        fast.control("POST", "release")
        assert list(answers(raw, 3)) == [200, 404, 401]


def test_marks_and_tallies_are_for_the_fast_mode_only(world):
    for path in ("tally", "writes"):
        assert world.request("GET", f"/_control/{path}").status == 400
    assert world.control("GET", "cost")["requests"] >= 0
