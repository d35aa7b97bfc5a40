"""Access tokens: how many sign-ins they cost."""

import subprocess
import time

from stack.paths import BUILD
from waiting import wait_until

SIGN_IN = {"path": "/oauth2/v2.0/token"}


def test_fifty_leases_of_an_expired_token_make_one_token_request(make_pipeline):
    pipeline = make_pipeline()
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
