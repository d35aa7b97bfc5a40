"""Stages come and go under load: every session is written exactly once, and where nothing crashed no put is sent twice."""

import signal

import pytest
from load import CONTACT_AND_ACCOUNT, TENANTS, Load, assert_no_put_sent_twice
from sessions import link_of, session
from stack.settings import STAGES
from waiting import wait_until

COUNT = 400
LANE_SLOTS = 4
CRM_DELAY = 100  # ms: steps take long enough to be in hand whenever something happens


@pytest.fixture(scope="module")
def one_pipeline(make_pipeline):
    return make_pipeline({"crm_writer": {"stage": {"lane_slots": LANE_SLOTS}}})  # a load that lasts without being large


@pytest.fixture
def slow_crm(pipeline):
    pipeline.sandbox.throttle(requests=10_000_000, execution_ms=1_000_000_000, concurrent=10_000)
    pipeline.sandbox.fault({"match": {"path": r"\$batch|annotations|contacts"}, "action": {"delay_ms": CRM_DELAY}})
    return pipeline


def assigned(pipeline, names):
    """Partitions of each instance, as it said last."""
    counts = {}
    for name in names:
        lines = [line for line in pipeline.log(name).splitlines() if "event=stage.assigned" in line]
        counts[name] = int(lines[-1].rsplit("partitions=", 1)[1]) if lines else 0
    return counts


def instances(stage, numbers):
    return [stage if number == 1 else f"{stage}-{number}" for number in numbers]


def wait_spread(pipeline, stage, numbers):
    names = instances(stage, numbers)
    wait_until(lambda: sum(assigned(pipeline, names).values()) == 12 and all(assigned(pipeline, names).values()), 40,
               f"12 partitions spread over {names}")


def stop(pipeline, name):
    child = pipeline.stack.children.pop(name)
    assert child.stop(), f"{name} did not stop by itself"
    assert child.process.returncode == 0
    return child


def test_three_instances_of_each_stage_one_added_and_one_stopped_under_load(slow_crm):
    pipeline = slow_crm
    for stage in STAGES:
        pipeline.stack.start_service(stage, 2)
        pipeline.stack.start_service(stage, 3)
    pipeline.stack.wait_ready()
    for stage in STAGES:
        wait_spread(pipeline, stage, (1, 2, 3))

    load = Load(pipeline, COUNT, "spread").start()
    load.wait_sent(COUNT // 8)
    load.wait_written(COUNT // 20)
    for stage in STAGES:
        pipeline.stack.start_service(stage, 4)
    added = [f"{stage}-4" for stage in STAGES]
    wait_until(lambda: all(assigned(pipeline, added).values()), 40, "partitions of those that were added")
    assert load.written() < COUNT, "this load is too small: it ended before the added ones took part"
    for stage in STAGES:
        stop(pipeline, f"{stage}-2")
    assert load.written() < COUNT, "this load is too small: it ended before the stages had gone"
    load.wait_sent()
    load.wait_written()

    pipeline.wait_ended(load.sessions[-1]["session_id"], tenant="fabrikam")
    load.assert_written_once()
    assert assert_no_put_sent_twice(pipeline.sandbox) == COUNT * CONTACT_AND_ACCOUNT
    for stage in STAGES:
        for number in (3, 4):
            stop(pipeline, f"{stage}-{number}")
        wait_spread(pipeline, stage, (1,))


@pytest.mark.parametrize("service", ["ingest", *STAGES])
def test_sigterm_under_load_loses_and_doubles_nothing(slow_crm, service):
    pipeline = slow_crm
    load = Load(pipeline, COUNT // 2, f"sigterm-{service}").start()
    load.wait_sent(COUNT // 8) if service == "ingest" else load.wait_written(COUNT // 20)
    stop(pipeline, service)
    assert (load.sent if service == "ingest" else load.written()) < len(load.sessions), "this load is too small"
    pipeline.start_instance(service)
    pipeline.stack.door = "http://127.0.0.1:" + pipeline.stack.port_of(pipeline.child("ingest"), "door.port")
    load.wait_sent()
    load.wait_written()
    load.assert_written_once()
    assert assert_no_put_sent_twice(pipeline.sandbox) == len(load.sessions) * CONTACT_AND_ACCOUNT


def test_kill_9_of_the_writer_under_load_leaves_one_record_and_the_highest_revision(slow_crm):
    pipeline = slow_crm
    load = Load(pipeline, COUNT // 2, "killed").start()
    edited = [f"edited-{number}" for number in range(10)]
    load.wait_written(COUNT // 20)
    for revision in range(1, 6):
        pipeline.send([session(each, revision=revision, text=f"Text {revision}.") for each in edited])
    for _ in range(2):
        before = load.written()
        wait_until(lambda: load.written() > before + 10, 60, "the writer at work again")
        child = pipeline.child("crm_writer")
        child.signal(signal.SIGKILL)
        assert child.wait(10)
        pipeline.start_instance("crm_writer")
    assert load.written() < len(load.sessions), "this load is too small: it ended before the kill"
    load.wait_sent()
    load.wait_written()
    load.assert_written_once()

    def newest(each):
        notes = pipeline.sandbox.notes("contoso", f'"{link_of(each)}"')
        return len(notes) == CONTACT_AND_ACCOUNT and all("Text 5." in note["notetext"] for note in notes)

    wait_until(lambda: all(newest(each) for each in edited), 60, "the highest revision in every record")
    for each in edited:
        pipeline.wait_ended(each)
        assert newest(each)
    assert_only_resent_what_the_crashes_left_open(pipeline.sandbox, crashes=2)
    assert_revisions_in_order(pipeline.sandbox)


def assert_only_resent_what_the_crashes_left_open(sandbox, crashes):
    """A create that is sent again meets 412, which changes nothing; what the ledger had noted is not sent again."""
    created = [effect[2] for effect in sandbox.effects() if effect[0] == "create"]
    assert len(created) == len(set(created))
    met = [put for put in sandbox.puts() if put["status"] == 412]
    in_hand = LANE_SLOTS * len(TENANTS) * CONTACT_AND_ACCOUNT
    assert len(met) <= crashes * in_hand


def assert_revisions_in_order(sandbox):
    """No put of an older text changes a record after a newer one."""
    newest = {}
    for put in sandbox.puts():
        text = (put["body"] or {}).get("notetext", "")
        if put["effects"] and "<p>Text " in text:
            revision = int(text.split("<p>Text ")[1].split(".")[0])
            assert revision >= newest.get(put["path"], 0)
            newest[put["path"]] = revision
    assert len(newest) == 10 * CONTACT_AND_ACCOUNT and set(newest.values()) == {5}
