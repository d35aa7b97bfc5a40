"""What must stay put stays put: a transcript out of the CRM, and secrets, texts and addresses out of the logs."""

import json
import tomllib

import pytest
from sessions import session
from stack.paths import ROOT
from stack.samples import KEYS
from stack.settings import SERVICES

SPOKEN, WRITTEN, NOTED = "spoken-words-7d1f", "summary-words-3b9c", "noted-words-e04a"
GUEST, STRANGER = "maja.lindqvist@northwind.example", "nobody.at.all@nowhere.example"


@pytest.fixture(scope="module")
def sent(make_pipeline):
    """Sessions that end well, find nobody, are refused at the door and are refused by the CRM."""
    pipeline = make_pipeline()
    texts = {"text": WRITTEN, "manual_notes": NOTED, "transcript": [{"speaker": "Guest", "text": SPOKEN}]}
    for tenant in ("contoso", "tailwind"):
        pipeline.send(session(f"well-{tenant}", tenant, email=GUEST, **texts), tenant)
        pipeline.send(session(f"nobody-{tenant}", tenant, email=STRANGER, **texts), tenant)
    status, _ = pipeline.post({**session("wrong", **texts), "no_such_field": WRITTEN, "title": 7})
    assert status == 422
    for tenant in ("contoso", "tailwind"):
        assert pipeline.wait_ended(f"well-{tenant}", tenant)["units"][0]["state"] == "written"
        pipeline.wait_ended(f"nobody-{tenant}", tenant)
    pipeline.sandbox.fault({"match": {"path": "/annotations"}, "action": {"status": 400, "code": "0x80040203", "message": "Invalid argument"}})
    pipeline.send(session("refused", email=GUEST, **texts))
    assert pipeline.wait_ended("refused")["units"][0]["state"] == "dead"
    return pipeline


def secrets_of(pipeline):
    """Everything that was given to the processes as a secret, by what it is."""
    tenants = tomllib.loads((ROOT / "deploy/examples/demo.toml").read_text())
    found = {f"key of {tenant}/{source}": key for (tenant, source), key in KEYS.items()}
    for each in tenants["connection"]:
        for name in ("client_secret", "api_token", "refresh_token"):
            if name in each:
                found[f"{name} of {each['tenant']}/{each['id']}"] = each[name]
    for path in (pipeline.stack.state / "tokens").iterdir():
        if path.suffix != ".toml":
            found[f"token {path.name}"] = path.read_text().strip()
    found["sealing key"] = tomllib.loads((pipeline.stack.state / "tokens/keys.toml").read_text())["key"][0]["key"]
    return found


def test_a_transcript_reaches_no_crm(sent):
    bodies = json.dumps([each["body"] for each in sent.sandbox.entries()])
    assert WRITTEN in bodies and NOTED in bodies, "this looks at the wrong place"
    assert SPOKEN not in bodies


@pytest.mark.parametrize("name", SERVICES)
def test_a_log_holds_no_secret_no_text_and_no_address(sent, name):
    log = sent.log(name)
    assert "event=process.started" in log
    hidden = {**secrets_of(sent), "transcript": SPOKEN, "summary": WRITTEN, "manual notes": NOTED, "guest": GUEST, "stranger": STRANGER}
    assert [what for what, text in hidden.items() if text in log] == []
