"""What stands still costs time and nothing else: Kafka, control, a stage."""

import json
import pathlib
import re
import threading

from sessions import NINA, session
from stack.http import call
from stack.settings import SERVICES
from waiting import wait_until


def wait_notes(pipeline, sent, deadline=90):
    """Until each of these has its note."""
    wait_until(lambda: not pipeline.sandbox.without_notes(sent), deadline, f"the notes of {len(sent)} sessions", tick=0.3)


def written_once(pipeline, sent, since):
    created = pipeline.sandbox.notes_created(since)
    return len(created) == len(sent) == len(set(created))


def ready(pipeline, name):
    port = pipeline.stack.port_of(pipeline.child(name), "health.port")
    return call("GET", f"http://127.0.0.1:{port}/readyz")[0] == 200


def deferred(pipeline):
    return sum(pipeline.metric(stage, "aftercall_deferred_total") for stage in ("matcher", "formatter", "crm_writer"))


def wait_status(pipeline, stage, lag, instances):
    """Until the status tells so; shows what it told instead."""
    told = []

    def right():
        stages = json.loads(pipeline.stack.cli("status", "--json").stdout)["stages"]
        told[:] = [each for each in stages if each["stage"] == stage]
        return (int(told[0]["lag"]), told[0]["instances"]) == (lag, instances)

    try:
        wait_until(right, 30, f"a lag of {lag} of {stage}", tick=0.2)
    finally:
        print(told)


def test_kafka_chooses_ports_that_no_outgoing_connection_is_given(kafka):
    """Java binds them seconds after they were chosen; until then a client could have them."""
    least = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert int(kafka.address.rsplit(":", 1)[1]) < least


def test_kafka_restarted_under_load_costs_nothing(pipeline, kafka):
    sent = [session(f"kafka-{number:03}", email=NINA) for number in range(200)]
    mark = pipeline.sandbox.mark()
    answers = []

    def load():
        """As an upstream that heeds Retry-After."""
        for each in sent:
            while (status := pipeline.post(each)[0]) != 202:
                answers.append(status)
                accepted.wait(0.1)

    accepted = threading.Event()
    upstream = threading.Thread(target=load)
    upstream.start()
    wait_until(lambda: len(pipeline.sandbox.effects(mark, "contoso")) >= 30, 30, "the load")
    kafka.stop()
    kafka.start()
    upstream.join(120)
    assert not upstream.is_alive()
    wait_notes(pipeline, sent)

    assert written_once(pipeline, sent, mark)
    silent = [name for name in SERVICES if not re.search(r"event=kafka .*says=.*Connect", pipeline.log(name))]
    assert silent == [], "they do not tell what Kafka's client said"
    assert set(answers) <= {503}, "what cannot be accepted now is refused so"
    assert deferred(pipeline) == 0


def test_a_hundred_events_that_a_stage_has_not_done_are_a_lag_of_a_hundred(pipeline):
    for stage in ("formatter", "crm_writer"):
        wait_status(pipeline, stage, lag=0, instances=1)
    assert pipeline.child("formatter").stop()
    sent = [session(f"lag-{number:03}", email=NINA) for number in range(100)]
    pipeline.send(sent)
    wait_status(pipeline, "formatter", lag=100, instances=0)
    told = lambda name: pipeline.metric("control", f"aftercall_stage_{name}", stage="formatter")
    wait_until(lambda: (told("lag_events"), told("instances")) == (100, 0), 30, "the lag in control's metrics")
    assert told("lag_seconds") > 0

    pipeline.sandbox.fault({"match": {"path": "/annotations"}, "action": {"hang": True}})
    pipeline.start_instance("formatter")
    lag = lambda: pipeline.metric("crm_writer", "aftercall_lag_events", stage="crm_writer")
    wait_until(lambda: lag() == 100, 30, "the lag in the metrics of the stage that stands still")
    wait_status(pipeline, "crm_writer", lag=100, instances=1)
    pipeline.sandbox.behave()
    wait_notes(pipeline, sent)
    wait_until(lambda: lag() == 0, 10, "its end")


def test_with_control_down_stages_go_on_with_leased_tokens_then_stop_reading_and_defer_nothing(make_pipeline):
    pipeline = make_pipeline()
    pipeline.sandbox.ask("POST", "expires_in", {"seconds": 15})
    pipeline.sandbox.ask("POST", "users", {"org": "contoso", "user": "0a500000-0000-4000-8000-00000000c001", "access_tokens": True})
    first = session("down-0000", email=NINA)
    pipeline.send(first)
    wait_notes(pipeline, [first])
    mark = pipeline.sandbox.mark()
    assert pipeline.child("control").stop()

    leased = [session(f"leased-{number:02}", email=NINA) for number in range(20)]
    pipeline.send(leased)
    wait_notes(pipeline, leased, 10)
    sent = list(leased)

    def probe():
        """One more, until one of them waits."""
        sent.append(session(f"probe-{len(sent):04}", email=NINA))
        pipeline.send(sent[-1])
        return not ready(pipeline, "crm_writer")

    wait_until(probe, 40, "the last lease's end", tick=0.5)
    late = [session(f"late-{number:04}", email=NINA) for number in range(1000)]
    for at in range(0, len(late), 100):
        pipeline.send(late[at : at + 100])
    held = lambda: sum(pipeline.metric(stage, "aftercall_lag_events", stage=stage) for stage in ("matcher", "crm_writer"))
    wait_until(lambda: held() >= len(late), 30, "the sessions' queueing in Kafka")
    pipeline.start_instance("control")
    wait_notes(pipeline, sent + late)
    assert written_once(pipeline, sent + late, mark) and deferred(pipeline) == 0
