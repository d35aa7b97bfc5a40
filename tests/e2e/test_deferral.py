"""What cannot be done now waits in event.deferred, comes back by itself, by a change or by a person's wish, and does no harm twice."""

import json
import signal
from collections import Counter

from records import Records
from sessions import NINA, link_of, session
from waiting import wait_until

PUT_NOTE = {"path": "/annotations"}
CREDIT = 64  # of one account, as control/deferred/credit.hpp has it
REFUSED = {"status": 403, "code": "0x80040220", "message": "missing prvCreateNote privilege"}


def waiting(pipeline):
    """How many units the status counts as deferred, by kind."""
    stages = json.loads(pipeline.stack.cli("status", "--json").stdout)["stages"]
    return {kind: sum(int(stage[kind]) for stage in stages) for kind in ("waiting", "in_doubt", "blocked", "dead")}


def steps(pipeline, session_id):
    return [step["what"] for step in pipeline.story(session_id).get("steps", [])]


def test_a_rate_limited_accounts_sessions_all_arrive_and_none_is_dead(pipeline):
    mark = pipeline.sandbox.mark()
    sent = [session(f"paced-{number:04}", email=NINA) for number in range(1000)]
    # Twenty requests go through; then the CRM asks for eight seconds: longer than a lane waits in memory.
    pipeline.sandbox.fault({"org": "contoso", "match": {**PUT_NOTE, "nth": 20}, "times": 10,
                            "action": {"status": 429, "code": "0x80072322", "retry_after": 8}})
    for first in range(0, len(sent), 100):
        pipeline.send(sent[first : first + 100])
    wait_until(lambda: waiting(pipeline)["waiting"] >= 100, 30, "the lane's spilling")
    wait_until(lambda: not pipeline.sandbox.without_notes(sent), 120, "all the notes", tick=0.5)
    wait_until(lambda: sum(waiting(pipeline).values()) == 0, 30, "the last tombstone", tick=0.5)

    created = pipeline.sandbox.notes_created(mark)
    assert len(created) == len(set(created)) == len(sent)
    assert pipeline.metric("crm_writer", "aftercall_deferred_total", kind="dead") == 0


def test_a_deferred_revision_that_is_released_after_a_later_one_was_written_changes_nothing(pipeline):
    pipeline.sandbox.fault({"match": PUT_NOTE, "action": REFUSED})
    pipeline.send(session("outrun", email=NINA, text="10 hours", revision=1))
    assert pipeline.wait_ended("outrun")["units"][0]["state"] == "blocked"
    pipeline.sandbox.behave()
    pipeline.send(session("outrun", email=NINA, text="20 hours", revision=2))
    wait_until(lambda: "settled: written" in steps(pipeline, "outrun"), 20, "the second revision's note")
    mark = pipeline.sandbox.mark()
    pipeline.release("outrun")
    wait_until(lambda: "settled: superseded" in steps(pipeline, "outrun"), 20, "the first revision's end")

    (note,) = pipeline.sandbox.notes("contoso", link_of("outrun"))
    assert "20 hours" in note["notetext"]
    assert pipeline.sandbox.puts(mark) == []
    unit = pipeline.story("outrun")["units"][0]
    assert (unit["state"], unit["revision"]["value"]) == ("written", "2")


def test_a_released_unit_that_fails_again_is_a_new_deferral_and_not_lost(pipeline):
    pipeline.sandbox.fault({"match": PUT_NOTE, "action": REFUSED})
    pipeline.send(session("again", email=NINA))
    pipeline.wait_ended("again")
    for copy in (2, 3):
        wait_until(lambda: waiting(pipeline)["blocked"] == 1, 20, "the tombstone of the one before")
        pipeline.release("again")
        unit = lambda: pipeline.story("again")["units"][0]
        wait_until(lambda: (unit()["state"], unit().get("attempt")) == ("blocked", copy), 20, f"the deferral of copy {copy}")
        assert len(pipeline.sandbox.puts()) == copy
    wait_until(lambda: waiting(pipeline)["blocked"] == 1, 20, "the tombstones of the first two")
    pipeline.sandbox.behave()
    pipeline.release("again")
    wait_until(lambda: pipeline.story("again")["units"][0]["state"] == "written", 20, "the note")
    assert len(pipeline.sandbox.notes("contoso", link_of("again"))) == 1
    wait_until(lambda: sum(waiting(pipeline).values()) == 0, 20, "the last tombstone")


def test_a_copy_that_fails_again_before_its_tombstone_is_written_is_not_lost(pipeline, kafka):
    deferred, records = f"{pipeline.stack.topic_prefix}event.deferred.v1", Records(pipeline.stack)
    copies = lambda: [each for each in records.all("note.ready") if b"/before-tomb" in each.key()]
    # Comes back by itself: what a person releases is noted in event.deferred first.
    pipeline.sandbox.fault({"org": "contoso", "match": PUT_NOTE, "action": {"status": 429, "code": "0x80072322", "retry_after": 8}})
    pipeline.send(session("before-tomb", email=NINA))
    (first,) = wait_until(lambda: [each for each in records.all("event.deferred") if b"before-tomb" in (each.value() or b"")], 20, "the deferral")
    unit = first.key().rsplit(b"/", 1)[0]  # before the number of the copy
    deferrals = lambda: [each for each in records.all("event.deferred") if each.key().startswith(unit)]
    control, writer = pipeline.child("control"), pipeline.child("crm_writer")
    writer.signal(signal.SIGSTOP)
    # Kafka takes control's copy and no tombstone; then control stands still, and the writer goes on.
    before = kafka.limit_records(deferred, "1")
    wait_until(lambda: len(copies()) == 2, 30, "the released copy")
    control.signal(signal.SIGSTOP)
    try:
        kafka.limit_records(deferred, before)
        writer.signal(signal.SIGCONT)
        wait_until(lambda: len({each.key() for each in deferrals()}) == 2, 20, "the copy's own deferral")
        assert all(each.value() for each in deferrals()), "a tombstone came first: this run has shown nothing"
    finally:
        control.signal(signal.SIGCONT)
    ended = lambda: [each.key() for each in deferrals() if not each.value()]
    wait_until(lambda: first.key() in ended(), 20, "the first deferral's tombstone")

    pipeline.sandbox.behave()
    pipeline.wait_ended("before-tomb", deadline=60)
    wait_until(lambda: sum(waiting(pipeline).values()) == 0, 20, "the last tombstone")
    assert len(set(ended())) == 2 and len(copies()) == 3
    assert len(pipeline.sandbox.notes("contoso", link_of("before-tomb"))) == 1


def test_control_killed_between_publishing_again_and_the_tombstone_changes_nothing_in_the_crm_twice(pipeline, kafka):
    mark = pipeline.sandbox.mark()
    deferred, records = f"{pipeline.stack.topic_prefix}event.deferred.v1", Records(pipeline.stack)
    sent = [session(f"killed-{number:03}", email=NINA) for number in range(200)]
    pipeline.sandbox.fault({"match": PUT_NOTE, "action": REFUSED})
    for first in range(0, len(sent), 100):
        pipeline.send(sent[first : first + 100])
    wait_until(lambda: waiting(pipeline)["blocked"] == len(sent), 60, "all being blocked", tick=0.3)
    pipeline.sandbox.behave()
    control, writer = pipeline.child("control"), pipeline.child("crm_writer")
    # The writer stands still, so control releases no more at first than an account's credit; a probe that succeeds just now wants
    # them released, too ...
    writer.signal(signal.SIGSTOP)
    pipeline.stack.cli("deferred", "release", "--kind", "blocked")
    wait_until(lambda: waiting(pipeline)["blocked"] <= len(sent) - CREDIT // 2, 30, "the tombstones of many", tick=0.2)
    # ... then Kafka takes copies, but no tombstone any more.
    before = kafka.limit_records(deferred, "1")
    writer.signal(signal.SIGCONT)
    wait_until(lambda: len(pipeline.sandbox.notes_created(mark)) > CREDIT, 30, "the note of a copy whose deferral has not ended")
    control.signal(signal.SIGKILL)
    control.wait(10)
    kafka.limit_records(deferred, before)
    pipeline.start_instance("control")
    wait_until(lambda: not pipeline.sandbox.without_notes(sent), 90, "all the notes", tick=0.5)
    wait_until(lambda: sum(waiting(pipeline).values()) == 0, 60, "the last tombstone", tick=0.5)

    created = pipeline.sandbox.notes_created(mark)
    assert len(created) == len(set(created)) == len(sent)
    copies = Counter((each.key(), dict(each.headers())["ac-attempt"]) for each in records.all("note.ready") if b"/killed-" in each.key())
    assert len(copies) == 2 * len(sent), "each session once as it came and once as it was released"
    assert sum(1 for count in copies.values() if count == 2) > 0, "no copy was published twice: this run has shown nothing"
