"""What a CRM that does not answer leaves waiting lies in Kafka, not in the stages."""

import random
import string
import uuid

from records import Records, load_messages
from sessions import NINA, session
from waiting import wait_until

COUNT = 2000
LARGE = 200_000  # bytes of each event
MIB = 1 << 20
UNITS = 32 * MIB  # [stage] memory: events inside a process
FETCHED = 12 * 8 * MIB  # what Kafka's client has fetched ahead, for each partition of the topic
UNACKED = 64 * MIB  # what is published and not acked yet
REST = 64 * MIB  # all else: the program, its libraries, requests on their way
CONTROL = 256 * MIB  # it follows all of these events: 146 were measured


def peak(child):
    """The most that was ever resident."""
    with open(f"/proc/{child.pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def waits_elsewhere(pipeline, stage):
    return pipeline.metric(stage, "aftercall_deferred_total", stage=stage)


def test_two_thousand_events_of_200_kb_before_a_hanging_crm_are_not_held_in_memory(make_pipeline, tmp_path):
    pipeline = make_pipeline({stage: {"stage": {"memory": "32MiB"}} for stage in ("matcher", "crm_writer")})
    records, messages = Records(pipeline.stack), load_messages(tmp_path)
    pipeline.send(session("sample", email=NINA))
    pipeline.wait_ended("sample")
    (finished,), (ready,) = (records.of(topic, "contoso/meetings/sample") for topic in ("session.finished", "note.ready"))
    small = {stage: peak(pipeline.child(stage)) for stage in ("matcher", "crm_writer")}
    noise = "".join(random.Random(1).choices(string.ascii_lowercase + "     ", k=LARGE + COUNT))  # hardly to be compressed

    def headers(record):
        return [(name, str(uuid.uuid4()).encode() if name == "ce_id" else value) for name, value in record.headers()]

    def read_by_the_matcher():
        event = messages("session_finished").SessionFinished.FromString(finished.value())
        for number in range(COUNT):
            event.session.session_id = f"read-{number}"
            event.session.participants[1].email = f"new-{number}@northwind.example"  # is asked for, each one
            event.session.summary.text = noise[number : number + LARGE]
            yield f"contoso/meetings/read-{number}", event.SerializeToString(), headers(finished)

    def written_by_the_writer():
        event = messages("note_ready").NoteReady.FromString(ready.value())
        for number in range(COUNT):
            event.session_id = f"write-{number}"
            for artifact in event.artifacts:
                artifact.key = str(uuid.uuid4())
            event.contents[0].html = noise[number : number + LARGE]
            yield f"contoso/meetings/write-{number}", event.SerializeToString(), headers(ready)

    pipeline.sandbox.fault({"org": "contoso", "match": {}, "action": {"hang": True}})
    records.put_all("note.ready", written_by_the_writer())
    records.put_all("session.finished", read_by_the_matcher())
    for stage in small:
        # More than it could hold by far, and its peak: what it reads then, something else has made room for.
        wait_until(lambda: waits_elsewhere(pipeline, stage) >= COUNT // 2, 120, f"{stage} having put aside half of them", tick=0.5)

    peaks = {stage: peak(pipeline.child(stage)) for stage in (*small, "control")}
    print({stage: f"{size // MIB} MiB" for stage, size in peaks.items()}, "before:", {stage: f"{size // MIB} MiB" for stage, size in small.items()})
    assert COUNT * LARGE > UNITS + FETCHED + UNACKED + REST, "these events would fit"
    for stage in small:
        assert peaks[stage] <= UNITS + FETCHED + UNACKED + REST, stage
    assert peaks["control"] <= CONTROL, "control"
