"""Access tokens: how many sign-ins they cost, and what becomes of refresh tokens that are good for one use."""

import signal
import subprocess
import time

from sessions import link_of, session
from stack.paths import BUILD
from waiting import wait_until

SIGN_IN = {"path": "/oauth2/v2.0/token"}


def test_fifty_leases_of_an_expired_token_make_one_token_request(pipeline):
    pipeline.sandbox.ask("POST", "expires_in", {"seconds": 1})
    before = pipeline.sandbox.mark()
    pipeline.stack.cli("apply", "-f", pipeline.stack.state / "tenants.toml")  # connects anew: a token of a second's life
    expires = time.monotonic() + 1
    assert [each["org"] for each in pipeline.sandbox.entries(before, kind="signin")], "no token was got"
    pipeline.sandbox.ask("POST", "expires_in", {"seconds": 3600})
    wait_until(lambda: time.monotonic() > expires, 5, "the token's end")

    pipeline.sandbox.fault({"match": SIGN_IN, "action": {"hang": True}})
    mark = pipeline.sandbox.mark()
    arguments = [pipeline.stack.control, pipeline.stack.state / "tokens" / "stage", "contoso", "dynamics", "50"]
    stages = subprocess.Popen([BUILD / "tests" / "e2e" / "many_leases", *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    try:
        assert stages.stdout.readline() == "asked\n"
        wait_until(lambda: pipeline.sandbox.held(), 10, "a sign-in that hangs")
        pipeline.sandbox.behave()
        told, _ = stages.communicate(timeout=30)
    finally:
        stages.kill()
        stages.wait()
    assert told == "50 leases, 1 tokens\n"
    assert len(pipeline.sandbox.requests(mark, kind="signin")) == 1


def test_refresh_tokens_that_are_exchanged_at_each_use_outlive_a_kill_of_control(pipeline):
    sandbox = pipeline.sandbox
    sandbox.ask("POST", "apps", {"app": "a9900000c0ffee01", "set": {"rotates": True}})
    for number, expired, killed in ((0, False, False), (1, True, False), (2, True, True), (3, True, True)):
        mark = sandbox.mark()
        if killed:
            pipeline.child("control").signal(signal.SIGKILL)
            pipeline.start_instance("control")
        if expired:
            sandbox.ask("POST", "users", {"org": "wingtip", "user": 2201, "access_tokens": True})
        pipeline.send(session(f"rotated-{number}", "wingtip"), "wingtip")
        assert pipeline.wait_ended(f"rotated-{number}", "wingtip")["units"][0]["state"] == "written"
        refused = [each["path"] for each in sandbox.requests(mark, "wingtip") if each["status"] == 401]
        assert expired == bool(refused), "whoever held a token met its end, or this proves nothing"
    texts = [row["content"] for row in sandbox.rows("wingtip", "notes")]
    assert [sum(f'"{link_of(f"rotated-{number}")}"' in text for text in texts) for number in range(4)] == [1] * 4
    refreshes = [each for each in sandbox.requests(kind="signin") if each["path"] == "/oauth/token"]
    assert {each["status"] for each in refreshes} == {200}
    used = [each["body"]["refresh_token"] for each in refreshes]
    assert len(used) >= 3 and len(set(used)) == len(used), "a token that was exchanged was used again"
