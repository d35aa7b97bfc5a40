"""What a CRM can and allows changes while sessions are on their way."""

import pytest
from sessions import NINA, link_of, session
from stack.paths import ROOT
from stack.progress import Stop
from waiting import wait_until

JOHAN = "johan.berg@northwind.example"  # has an account, and nobody else here asks for him
NO_ACCOUNTS = "not permitted: the connection may not read accounts or not leave notes on them"
WRITER = "0a500000-0000-4000-8000-00000000c001"  # the user that Aftercall is in contoso's organisation


def test_a_note_length_lowered_in_mid_run_shortens_the_note_and_the_outcome_says_so(pipeline):
    long = " ".join(f"Sentence {number} of a long meeting." for number in range(400))
    pipeline.send(session("long-before", email=NINA, text=long))
    pipeline.wait_ended("long-before")
    pipeline.sandbox.ask("POST", "limits", {"org": "contoso", "lengths": {"annotation.notetext": 2000}})
    try:
        pipeline.send(session("long-after", email=NINA, text=long))
        unit = pipeline.wait_ended("long-after")["units"][0]
    finally:
        pipeline.sandbox.ask("POST", "limits", {"org": "contoso", "lengths": {"annotation.notetext": None}})

    (before,) = pipeline.sandbox.notes("contoso", link_of("long-before"))
    (after,) = pipeline.sandbox.notes("contoso", link_of("long-after"))
    assert len(before["notetext"]) > 10_000 and len(after["notetext"]) <= 2000
    assert unit["state"] == "written"
    assert "shortened" in unit["artifacts"][0]["reason"]


def test_a_right_to_accounts_that_is_lost_costs_their_notes_and_never_the_contacts(pipeline):
    rights = lambda **change: pipeline.sandbox.ask("POST", "users", {"org": "contoso", "user": WRITER, **change})
    mark = pipeline.sandbox.mark()
    rights(lacks=["prvReadAccount"])
    try:
        pipeline.send(session("without-account", email=JOHAN))
        unit = pipeline.wait_ended("without-account")["units"][0]
    finally:
        rights(grant=["prvReadAccount"])
    assert unit["state"] == "written", unit
    (note,) = pipeline.sandbox.notes("contoso", link_of("without-account"))
    (made,) = unit["artifacts"]
    assert (made["target"]["type"], made["target"]["id"]) == ("contact", note["_objectid_value"])
    assert [each["reason"] for each in unit["left_out"] if "account" in each["what"]] == [NO_ACCOUNTS]
    refused = [each for each in pipeline.sandbox.entries(mark, "contoso") if each["status"] == 403]
    assert len(refused) == 1, "asked for accounts once, and then without"


@pytest.mark.parametrize("address", ["https://169.254.169.254/latest", "https://crm.evil.example", "https://contoso.crm4.dynamics.com.evil.example"])
def test_an_address_that_is_no_crms_is_refused_and_what_stands_stays(pipeline, address):
    demo = (ROOT / "deploy" / "examples" / "demo.toml").read_text()
    assert demo.count('url = "http://127.0.0.1:8410/orgs/contoso"') == 1
    with pytest.raises(Stop, match="url"):
        pipeline.apply(demo.replace("http://127.0.0.1:8410/orgs/contoso", address))
    name = f"still-{hash(address)}"
    pipeline.send(session(name, email=NINA))
    assert pipeline.wait_ended(name)["units"][0]["state"] == "written"


TWO_CONNECTIONS = (ROOT / "deploy" / "examples" / "demo.toml").read_text() + """
[[connection]]
tenant = "contoso"
id = "second"
crm = "dynamics365"
url = "http://127.0.0.1:8410/orgs/contoso"
client_secret = "contoso-demo-secret"
client_id = "5a5e0000-0000-4000-8000-00000000c001"
settings = { sign_in_tenant = "contoso.example", sign_in_url = "http://127.0.0.1:8410/login" }
"""


def lose_its_secret(pipeline):
    first, rest = TWO_CONNECTIONS.split("contoso-demo-secret", 1)
    with pytest.raises(Stop, match="contoso/dynamics: setup incomplete"):
        pipeline.apply(first + "a-secret-that-is-wrong" + rest)


def disconnect(pipeline):
    assert "disconnected" in pipeline.stack.cli("connection", "disconnect", "contoso", "dynamics").stdout


@pytest.mark.parametrize("lose", [lose_its_secret, disconnect])
def test_of_two_connections_to_one_account_the_second_writes_when_the_first_is_lost_on_the_way(make_pipeline, lose):
    pipeline = make_pipeline(tenants=TWO_CONNECTIONS)
    pipeline.send(session("by-the-first", email=NINA))
    assert pipeline.wait_ended("by-the-first")["units"][0]["connection"] == "dynamics"

    assert pipeline.child("crm_writer").stop()
    pipeline.send(session("by-the-second", email=NINA))
    wait_until(lambda: any(step["what"] == "texts made" for step in pipeline.story("by-the-second").get("steps", [])),
               20, "the texts of the session")
    lose(pipeline)
    pipeline.start_instance("crm_writer")

    unit = pipeline.wait_ended("by-the-second")["units"][0]
    assert (unit["state"], unit["connection"]) == ("written", "second")
    assert len(pipeline.sandbox.notes("contoso", link_of("by-the-second"))) == 1


def test_a_missing_right_blocks_makes_no_release_loop_and_what_waited_is_written_once_it_is_found(make_pipeline):
    pipeline = make_pipeline()
    rights = lambda **change: pipeline.sandbox.ask("POST", "users", {"org": "contoso", "user": WRITER, **change})
    demo = (ROOT / "deploy" / "examples" / "demo.toml").read_text()
    rights(lacks=["prvCreateNote"])
    pipeline.apply(demo)  # connects anew, and sees what is missing
    sent = [session(f"right-{number}", email=NINA) for number in range(5)]
    pipeline.send(sent)
    for each in sent:
        unit = pipeline.wait_ended(each["session_id"])["units"][0]
        assert (unit["state"], unit["cause"]) == ("blocked", "not_permitted")
    tried = lambda: len(pipeline.sandbox.puts(org="contoso"))
    assert tried() == len(sent)

    pipeline.apply(demo)  # looks again, and still misses it
    for number in range(20):  # a while: the other tenant's sessions go through, one after the other
        pipeline.send(session(f"other-{number:02}", tenant="fabrikam"), tenant="fabrikam")
        pipeline.wait_ended(f"other-{number:02}", tenant="fabrikam")
    assert tried() == len(sent), "released although nothing has changed"

    rights(grant=["prvCreateNote"])
    pipeline.apply(demo)
    for each in sent:
        wait_until(lambda: pipeline.story(each["session_id"])["units"][0]["state"] == "written", 30, "the note")
        assert len(pipeline.sandbox.notes("contoso", link_of(each["session_id"]))) == 1
    assert tried() == 2 * len(sent)
