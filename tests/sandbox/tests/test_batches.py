"""$batch: its text, its order, its change sets."""
import email
import json

import pytest
from conftest import A1, API, C1, N1, N2, N3, P1

GO_ON = "odata.continue-on-error"
MISSING = "99999999-0000-0000-0000-000000000009"


def operation(method, path, body=None, content_id=None, headers=()):
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {content_id}"] if content_id else []
    lines += ["", f"{method} {path} HTTP/1.1", *headers]
    if body is not None:
        lines += ["Content-Type: application/json", "", json.dumps(body)]
    else:
        lines += ["Accept: application/json", "", ""]
    return "\r\n".join(lines)


def note(note_id, target="contact", row=C1, subject="x", content_id=None):
    body = {"subject": subject, f"objectid_{target}@odata.bind": f"/{target}s({row})"}
    return operation("PATCH", f"{API}/annotations({note_id})", body, content_id, ["If-None-Match: *"])


def together(*parts, boundary="batch_x"):
    return "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"


def change_set(*parts):
    return 'Content-Type: multipart/mixed; boundary="changeset_y"\r\n\r\n' + together(*parts, boundary="changeset_y")


def parts_of(reply):
    """[(status, headers, body)] as Python's own MIME parser sees it; a change set's parts are listed in its place."""
    message = email.message_from_bytes(b"Content-Type: " + reply.headers["Content-Type"].encode() + b"\r\n\r\n" + reply.body)
    found = []
    for part in message.walk():
        if part.get_content_type() == "application/http":
            status_line, _, rest = part.get_payload().replace("\r\n", "\n").partition("\n")
            inner = email.message_from_string(rest)
            found.append((int(status_line.split()[1]), inner, inner.get_payload(), part["Content-ID"]))
    return found


def statuses(reply):
    return [part[0] for part in parts_of(reply)]


def exists(api, *ids):
    return [api.get(f"/annotations({row})").status == 200 for row in ids]


def test_with_continue_on_error_each_part_is_answered_in_order(api):
    text = together(note(N1), note(N2, "account", A1, "x" * 501), note(N3, "appointment", P1))
    reply = api.batch(text, Prefer=GO_ON)
    assert reply.status == 200 and reply.headers["Content-Type"].startswith("multipart/mixed; boundary=batchresponse_")
    assert statuses(reply) == [204, 400, 204]
    assert f"annotations({N1})" in parts_of(reply)[0][1]["OData-EntityId"]
    assert json.loads(parts_of(reply)[1][2])["error"]["code"] == "0x80044331" and parts_of(reply)[1][1]["REQ_ID"]
    assert exists(api, N1, N2, N3) == [True, False, True]


def test_without_it_the_first_failure_ends_the_batch(api):
    reply = api.batch(together(note(N1), note(N2, "account", A1, "x" * 501), note(N3, "appointment", P1)))
    assert reply.status == 400 and statuses(reply) == [204, 400]
    assert exists(api, N1, N2, N3) == [True, False, False]


def test_a_change_set_is_all_or_nothing(api):
    reply = api.batch(together(change_set(note(N1, content_id=1), note(N2, row=MISSING, content_id=2))))
    assert statuses(reply) == [404] and exists(api, N1, N2) == [False, False]
    reply = api.batch(together(change_set(note(N1, content_id=1), note(N2, content_id=2))))
    assert [(part[0], part[3]) for part in parts_of(reply)] == [(204, "1"), (204, "2")]
    assert exists(api, N1, N2) == [True, True]


def test_a_rolled_back_change_set_has_no_effects_in_the_journal(api, world):
    api.batch(together(change_set(note(N1, content_id=1), note(N2, row=MISSING, content_id=2))))
    assert [entry["effects"] for entry in world.journal(kind="write")] == [[], []]


def test_a_content_id_stands_for_the_row_that_was_made(api):
    contact = operation("POST", f"{API}/contacts", {"lastname": "Ny"}, content_id="1")
    its_note = operation("POST", f"{API}/annotations", {"subject": "x", "objectid_contact@odata.bind": "$1"}, content_id="2")
    reply = api.batch(together(change_set(contact, its_note)))
    assert statuses(reply) == [204, 204]
    reply = api.batch(together(change_set(its_note, contact)))
    assert "Content-ID Reference: '$1' does not exist in the batch context." in parts_of(reply)[0][2]


def test_reads_come_back_in_the_same_batch(api):
    query = f"{API}/contacts?$select=fullname&$filter=contactid%20eq%20{C1}"
    reply = api.batch(together(operation("GET", query), operation("GET", f"{API}/WhoAmI")))
    assert statuses(reply) == [200, 200]
    assert json.loads(parts_of(reply)[0][2])["value"][0]["fullname"] == "Anna O'Brien"


@pytest.mark.parametrize("form", ["{root}/WhoAmI", f"{API}/WhoAmI", "/api/data/v9.2/WhoAmI", "WhoAmI"])
def test_an_operations_address_has_four_forms(api, world, form):
    assert statuses(api.batch(together(operation("GET", form.format(root=world.base + API))))) == [200]


def test_an_operation_for_another_host_or_org_is_refused(api):
    text = together(operation("GET", "https://evil.example/api/data/v9.2/WhoAmI"), operation("GET", "/orgs/other/api/data/v9.2/WhoAmI"))
    reply = api.batch(text, Prefer=GO_ON)
    assert statuses(reply) == [404, 404]
    assert [json.loads(part[2])["error"]["code"] for part in parts_of(reply)] == ["", ""]


def test_an_address_in_a_batch_may_be_65536_characters_long_and_no_longer(api):
    def query(length):
        start = f"{API}/contacts?$filter=lastname%20eq%20'"
        return operation("GET", start + "x" * (length - len(start) - 1) + "'")
    assert statuses(api.batch(together(query(65536), query(65537)), Prefer=GO_ON)) == [200, 414]


def test_a_reference_in_an_address_must_exist(api):
    its_note = operation("PATCH", "$1", {"subject": "x"}, content_id="2")
    assert statuses(api.batch(together(change_set(its_note)))) == [400]
    made = operation("POST", f"{API}/annotations", {"subject": "y"}, content_id="1")
    assert statuses(api.batch(together(change_set(made, its_note)))) == [204, 204]


def refused(reply):
    status, code, message = reply.error
    assert (status, code) == (400, "0x80048d19")
    return message


def test_a_bare_line_feed_is_refused(api):
    assert "Stream was not readable" in refused(api.batch(together(note(N1)).replace("\r\n", "\n")))
    one_bare = together(note(N1)).replace("binary\r\n\r\n", "binary\n\r\n")
    refused(api.batch(one_bare))
    assert exists(api, N1) == [False]


@pytest.mark.parametrize("spoil", [
    lambda text: text.replace("--batch_x--\r\n", ""),
    lambda text: text.replace("--batch_x--\r\n", text.replace("--batch_x--\r\n", "")),
    lambda text: "preamble\r\n" + text,
    lambda text: text.replace("--batch_x\r\n", "--batch_x \r\n", 1),
    lambda text: text.replace("If-None-Match: *", "If-None-Match *"),
    lambda text: together(change_set(note(N1, content_id=1), note(N2, content_id=1))),
    lambda text: text.replace("Content-Transfer-Encoding: binary\r\n", ""),
    lambda text: text.replace("application/http", "text/plain"),
    lambda text: text.replace(" HTTP/1.1", ""),
    lambda text: text.replace("--batch_x", "--other"),
    lambda text: together(),
    lambda text: together(operation("GET", f"{API}/WhoAmI")[:-2]),
    lambda text: together(operation("POST", f"{API}/$batch", {})),
    lambda text: together(change_set(operation("GET", f"{API}/WhoAmI", content_id=1))),
    lambda text: together(change_set(note(N1))),
    lambda text: together(*[operation("GET", "WhoAmI")] * 1001),
], ids=["no end", "no end after two parts", "preamble", "space after a boundary", "no colon", "Content-ID twice", "no encoding", "wrong type", "no version", "other boundary", "empty", "one blank line after GET", "nested",
        "GET in a change set", "no Content-ID", "1001"])
def test_a_malformed_batch_is_refused(api, spoil):
    refused(api.batch(spoil(together(note(N1)))))
    assert exists(api, N1) == [False]


def test_a_batch_says_its_boundary(api):
    for kind in ("application/json", "multipart/mixed", "multipart/form-data; boundary=batch_x"):
        refused(api.send("POST", "/$batch", together(note(N1)), Content_Type=kind))
    assert exists(api, N1) == [False]


def test_a_batch_counts_once_and_its_parts_are_in_the_journal(api, world):
    world.control("POST", "limits", {"org": "org", "throttle": {"requests": 1}})
    assert api.batch(together(note(N1), note(N2)), Prefer=GO_ON).status == 200
    outer, first, second = (entry for entry in world.journal() if entry["kind"] in ("batch", "write"))
    assert (first["batch"], first["part"], second["batch"], second["part"]) == (outer["seq"], 0, outer["seq"], 1)
    assert first["body"]["subject"] == "x" and first["effects"] == [["create", "annotation", N1]] and first["status"] == 204
    assert outer["body"] is None and first["headers"]["if-none-match"] == "*"
