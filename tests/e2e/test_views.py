"""Kafka is the only store of truth: what a process keeps on disk can be deleted, and what nobody can read harms nobody."""

import contextlib
import json
import resource
import secrets
import shutil
import signal

import pytest
from records import Records
from sessions import NINA, link_of, session
from stack.http import call
from stack.stack import Stack
from waiting import wait_until


REFUSED = {"status": 403, "code": "0x80040220", "message": "missing prvCreateNote privilege"}


def told(stack, session_id):
    """Its story as the person sees it who asks for it."""
    done = stack.cli("session", "show", session_id, "--tenant", "contoso", "--json", check=False)
    if done.returncode != 0:
        return None  # the view is still being read
    return json.loads(done.stdout)


def test_the_session_view_is_deleted_and_comes_back_equal(pipeline):
    sent = [session("view-written", email=NINA), session("view-nobody", email="who@nowhere.example"),
            session("view-internal", participants=[{"name": "Host", "email": "host@contoso.example"}]),
            session("view-edited", email=NINA, text="first"), session("view-edited", email=NINA, text="second", revision=2)]
    pipeline.sandbox.fault({"match": {"path": "/annotations", "body": "view-refused"},
                            "action": REFUSED})
    sent.append(session("view-refused", email=NINA))
    for each in sent:
        pipeline.send(each)
        pipeline.wait_ended(each["session_id"])
    names = sorted({each["session_id"] for each in sent})
    wait_until(lambda: told(pipeline.stack, "view-edited")["units"][0]["reason"] == "updated", 20, "the second revision's end")
    before = {name: told(pipeline.stack, name) for name in names}
    assert [before[name]["state"] for name in names] == [
        "written", "nothing to write", "nothing to write", "blocked", "written"]

    control = pipeline.child("control")
    assert control.stop()
    views = list(control.folder.glob("sessions.view*"))
    assert views
    for view in views:
        view.unlink()
    pipeline.start_instance("control")
    for name in names:
        wait_until(lambda: told(pipeline.stack, name) == before[name], 20, f"the story of {name} as it was")


READ = ("session.finished", "contact.matched", "note.ready", "event.deferred", "session.settled")
ORDERS = {"as they were written": READ, "the other way round": READ[::-1],
          "from the middle": ("event.deferred", "session.finished", "note.ready", "session.settled", "contact.matched")}


@pytest.fixture(scope="module")
def recorded(one_pipeline):
    """What is in the topics of the view after sessions that ended in every way, and their stories."""
    pipeline, records = one_pipeline, Records(one_pipeline.stack)
    sent = [session("order-written", email=NINA), session("order-nobody", email="who@nowhere.example"),
            session("order-edited", email=NINA, text="first"), session("order-edited", email=NINA, text="second", revision=2)]
    pipeline.sandbox.fault({"match": {"path": "/annotations", "body": "order-released"}, "action": REFUSED})
    sent.append(session("order-released", email=NINA))
    for each in sent:
        pipeline.send(each)
        pipeline.wait_ended(each["session_id"])
    pipeline.sandbox.behave()
    pipeline.release("order-released")
    stories = lambda: {each["session_id"]: told(pipeline.stack, each["session_id"]) for each in sent}
    wait_until(lambda: (stories()["order-released"]["state"], stories()["order-edited"]["units"][0]["reason"]) == ("written", "updated"), 20,
               "the end of what came later")
    wait_until(lambda: any(each.value() is None for each in records.all("event.deferred")), 20, "the released one's tombstone")
    ours = lambda each: b"/order-" in each.key() or each.topic() == records.topic("event.deferred")
    return stories(), {name: [each for each in records.all(name) if ours(each)] for name in READ}


@pytest.mark.parametrize("order", ORDERS)
def test_the_topics_read_in_any_order_tell_the_same_stories(recorded, kafka, tmp_path, order):
    """By a control that has nothing but these topics, and gets each only when it has read the one before."""
    stories, topics = recorded
    stack = Stack(tmp_path, any_ports=True, loopback_crm=True, topic_prefix=f"order-{secrets.token_hex(3)}.")
    stack.brokers = kafka.address
    try:
        stack.create_topics()
        stack.start_control()
        stack.wait_ready()
        of_topic = lambda found, name: sum(1 for story in found.values() for step in (story or {}).get("steps", []) if f".{name}." in f".{step['topic']}")
        now = lambda: {name: told(stack, name) for name in stories}
        for name in ORDERS[order]:
            Records(stack).replay(name, topics[name])
            wait_until(lambda: of_topic(now(), name) == of_topic(stories, name), 20, f"what {name} tells")
        with contextlib.suppress(AssertionError):  # the last tombstone is no step
            wait_until(lambda: outlines(now()) == outlines(stories), 10, "the same stories")
        assert outlines(now()) == outlines(stories)
    finally:
        stack.stop()
        kafka.delete_topics(stack.topic_prefix)


def outlines(told):
    """Without where the records lay."""
    if isinstance(told, list):
        return [outlines(each) for each in told]
    if not isinstance(told, dict):
        return told
    kept = {key: outlines(value) for key, value in told.items() if key != "offset"}
    return kept | ({"topic": kept["topic"].split(".", 1)[1]} if "topic" in kept else {})


def test_a_writer_that_lost_its_disk_writes_nothing_twice(pipeline):
    sent = [session(f"disk-{number:02}", email=NINA) for number in range(30)]
    pipeline.send(sent)
    for each in sent:
        pipeline.wait_ended(each["session_id"])
    mark = pipeline.sandbox.mark()
    writer = pipeline.child("crm_writer")
    writer.signal(signal.SIGKILL)
    writer.wait(10)
    shutil.rmtree(writer.folder)
    pipeline.start_instance("crm_writer")
    pipeline.send(sent)  # all of them again
    for each in sent:
        ends = lambda: [step for step in pipeline.story(each["session_id"])["steps"] if step["what"].startswith("settled")]
        wait_until(lambda: len(ends()) >= 2, 30, "the second end")

    assert [put for put in pipeline.sandbox.puts(mark) if link_of("disk-") in json.dumps(put["body"])] == []
    pipeline.send(session("disk-00", email=NINA, text="Edited.", revision=2))
    wait_until(lambda: "settled: updated" in [step["what"] for step in pipeline.story("disk-00")["steps"]], 30, "the second revision's end")
    assert all(len(pipeline.sandbox.notes("contoso", link_of(each["session_id"]))) == 1 for each in sent)


def fill_disk_of(child):
    """Its views' logs cannot grow any more; whoever runs us need be no root for that."""
    room = min(wal.stat().st_size for wal in child.folder.glob("*-wal"))
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))


def test_a_full_disk_ends_the_writer_in_order_and_leaves_control_at_work(pipeline):
    pipeline.send(session("full-before", email=NINA))
    pipeline.wait_ended("full-before")
    control, writer = pipeline.child("control"), pipeline.child("crm_writer")
    fill_disk_of(control)
    fill_disk_of(writer)
    pipeline.send(session("full-during", email=NINA))

    assert writer.wait(30), "the writer goes on without what it must know"
    assert writer.process.returncode == 1
    assert f"make room in {writer.folder}" in pipeline.log("crm_writer")
    readyz = f"http://127.0.0.1:{pipeline.stack.port_of(control, 'health.port')}/readyz"
    wait_until(lambda: f"make room in {control.folder}" in call("GET", readyz)[1].decode(), 20, "what control says of its disk")
    assert call("GET", readyz)[0] == 200
    told_now = pipeline.stack.cli("session", "show", "full-before", "--tenant", "contoso", check=False)
    assert told_now.returncode != 0 and "make room in" in told_now.stdout + told_now.stderr
    pipeline.start_instance("crm_writer")  # as a supervisor does, once there is room; control leases it its tokens
    wait_until(lambda: pipeline.sandbox.notes("contoso", link_of("full-during")), 30, "the note")

    resource.prlimit(control.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert pipeline.wait_ended("full-during", deadline=60)["state"] == "written"
    assert len(pipeline.sandbox.notes("contoso", link_of("full-during"))) == 1


def test_a_record_that_nobody_can_parse_is_dead_with_its_coordinates_and_the_partition_goes_on(pipeline):
    records = Records(pipeline.stack)
    for topic in ("session.finished", "contact.matched", "note.ready"):
        records.put(topic, f"contoso/meetings/garbage-{topic}", b"no protobuf", [])
        dead = pipeline.wait_ended(f"garbage-{topic}")
        assert (dead["state"], dead["units"][0]["cause"]) == ("dead", "malformed")
        pipeline.send(session(f"garbage-{topic}", email=NINA))  # the same key: behind it, in its partition
        ends = lambda: [step["what"] for step in pipeline.story(f"garbage-{topic}")["steps"]]
        wait_until(lambda: "settled: written" in ends(), 30, f"the end of what came behind, in {topic}")
        assert len(pipeline.sandbox.notes("contoso", link_of(f"garbage-{topic}"))) == 1

    deferred = b"".join(each.value() for each in records.all("event.deferred") if each.value())
    for topic in ("session.finished", "contact.matched", "note.ready"):
        assert records.topic(topic).encode() in deferred and f"contoso/meetings/garbage-{topic}".encode() in deferred
