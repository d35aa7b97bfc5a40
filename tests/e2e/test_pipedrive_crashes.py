"""The writer is killed fifty times between a request and its ledger row: no note is lost, and none is there twice after the recall."""

import signal

import pytest
from sessions import link_of, session
from waiting import wait_until

KILLS = 50
POST_NOTE = {"method": "POST", "path": "/api/v1/notes$"}
ANSWERED_TOO_LATE = {"drip_ms": 20_000}  # carried out at once
NEVER_CARRIED_OUT = {"hang": True}  # cut once its sender is gone


@pytest.fixture(scope="module")
def one_pipeline(make_pipeline):
    # A member of a fixed name has its partitions back at once when it comes back.
    return make_pipeline({"crm_writer": {"doubt": {"first_look": "2s", "second_look": "5s"}, "stage": {"instance": "writer-1"}}})


def test_kill_9_between_the_request_and_the_ledger_loses_nothing_and_doubles_nothing(pipeline):
    sandbox, mark = pipeline.sandbox, pipeline.sandbox.mark()
    for number in range(KILLS):
        carried_out = number % 2 == 0
        sandbox.fault({"org": "tailwind", "match": {**POST_NOTE, "body": link_of(f"crash-{number}-")}, "times": 1,
                       "action": ANSWERED_TOO_LATE if carried_out else NEVER_CARRIED_OUT})
        pipeline.send(session(f"crash-{number}-", "tailwind"), "tailwind")
        if carried_out:
            wait_until(lambda: kept(sandbox, number), 60, f"note {number} being made")
        else:
            wait_until(sandbox.held, 60, f"request {number} being held")
        pipeline.child("crm_writer").signal(signal.SIGKILL)
        sandbox.release("drop")
        pipeline.start_instance("crm_writer")

    wait_until(lambda: all(kept(sandbox, number) for number in range(KILLS)), 120, f"{KILLS} notes", tick=0.5)
    wait_until(lambda: all(ended(pipeline, number) for number in range(KILLS)), 60, "the ends", tick=1)
    assert {number: len(kept(sandbox, number)) for number in range(KILLS)} == {number: 1 for number in range(KILLS)}
    assert len([effect for effect in sandbox.effects(mark, "tailwind") if effect[:2] == ["create", "notes"]]) == KILLS


def kept(sandbox, number):
    link = f'"{link_of(f"crash-{number}-")}"'
    return [row for row in sandbox.rows("tailwind", "notes") if link in row["content"] and row["active_flag"]]


def ended(pipeline, number):
    units = pipeline.story(f"crash-{number}-", "tailwind").get("units", [])
    return units and all(unit["state"] == "written" for unit in units)
