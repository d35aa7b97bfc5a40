"""`--effects=none` beside the real pipeline: says what it would send, and nobody can tell that it was there."""

import pytest
from sessions import NINA, link_of, session
from stack.child import Child
from stack.paths import BIN
from waiting import wait_until

NEVER_WRITTEN = ("session.finished", "contact.matched", "note.ready", "session.settled", "event.deferred", "delivery.ledger")


@pytest.fixture
def dry_run(pipeline):
    """dry_run(stage) starts one with the very settings file of the real stage, and answers a function that reads its output."""
    started = []

    def start(stage):
        real = pipeline.stack.state / stage
        program = BIN / ("aftercall-" + stage.replace("_", "-"))
        child = Child.start(f"dry {stage}", [program, "--config", real / "settings.toml", "--effects=none"],
                            pipeline.stack.state / f"dry-{stage}")
        started.append(child)
        return lambda: (child.require(), (child.folder / "log").read_text(errors="replace"))[1]

    yield start
    for child in started:
        assert child.stop(), f"{child.name} did not stop by itself"


def block(text, head):
    """The lines of the block that begins so."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(head)]
    if not starts:
        return []
    rest = lines[starts[0] + 1:]
    return [lines[starts[0]]] + rest[:next((number for number, line in enumerate(rest) if not line.startswith("  ")), len(rest))]


def test_a_dry_run_names_every_record_and_writes_to_no_crm_no_topic_and_no_file_of_the_real_stage(pipeline, dry_run):
    pipeline.send(session("dry-written", email=NINA))
    pipeline.wait_ended("dry-written")
    assert pipeline.child("crm_writer").stop()
    pipeline.send([session("dry-waiting", email=NINA), session("dry-nobody", email="who@nowhere.example")])
    pipeline.wait_ended("dry-nobody")
    wait_until(lambda: any(step["what"] == "texts made" for step in pipeline.story("dry-waiting").get("steps", [])),
               20, "the texts of the session")
    wait_until(lambda: "session=dry-waiting" in pipeline.log("formatter"), 10, "the end of the formatter's unit")

    files = lambda: {path: path.read_bytes() for stage in ("matcher", "formatter", "crm_writer")
                     for path in (pipeline.stack.state / stage).iterdir() if path.name not in ("log", "in_hand")}
    topics = [pipeline.stack.topic_prefix + topic for topic in NEVER_WRITTEN]
    ends = lambda: {name: end for name, end in pipeline.broker.ends(pipeline.stack.topic_prefix).items()
                    if name.startswith(tuple(topics))}
    before, files_before, mark = ends(), files(), pipeline.sandbox.mark()
    assert sum(before.values()) > 0

    told = {stage: dry_run(stage) for stage in ("matcher", "formatter", "crm_writer")}

    def head(what, name):
        return f"dry run: {what} contoso/meetings/{name} in dynamics365:"

    expected = [
        ("matcher", head("matcher would emit contact.matched of", "dry-waiting"), "the only active contact by e-mail"),
        ("matcher", head("matcher would settle", "dry-nobody"), "no contact"),
        ("formatter", head("formatter would emit note.ready of", "dry-waiting"), "note on contact"),
        ("crm_writer", head("crm_writer would settle", "dry-waiting"), "would be created: Meeting dry-waiting"),
        ("crm_writer", head("crm_writer would settle", "dry-written"), "note on contact"),
    ]
    for stage, first, within in expected:
        found = wait_until(lambda: block(told[stage](), first), 30, f"{stage}: {first}")
        assert any(within in line for line in found), "\n".join(found)
    assert "already there" in block(told["crm_writer"](), expected[-1][1])[0], "the ledger was not read"
    assert "unit.ended" not in told["crm_writer"](), "the log tells of an end that never was"

    assert pipeline.sandbox.puts(mark) == [] and pipeline.sandbox.effects(mark) == []
    assert ends() == before
    assert files() == files_before
    assert pipeline.story("dry-waiting")["units"][0]["state"] not in ("written", "dead", "blocked")

    pipeline.start_instance("crm_writer")
    assert pipeline.wait_ended("dry-waiting")["units"][0]["state"] == "written"
    assert len(pipeline.sandbox.notes("contoso", link_of("dry-waiting"))) == 1
