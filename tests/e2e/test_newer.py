"""What a newer release's processes send passes through this one's unharmed, or waits for a newer one: it is never lost or misread."""

import uuid

import pytest
from records import Records, load_messages
from sessions import NINA, link_of, session
from waiting import wait_until

FUTURE = b"from the future"
# Field 9999 of any message, a text: its tag as a varint, its length, its bytes.
FIELD_9999 = bytes([0xFA, 0xF0, 0x04, len(FUTURE)]) + FUTURE
UNKNOWN = 77  # an enum value that no release has


@pytest.fixture(scope="module")
def messages(tmp_path_factory):
    return load_messages(tmp_path_factory.mktemp("messages"))


@pytest.fixture
def records(pipeline):
    return Records(pipeline.stack)


def key_of(session_id):
    return f"contoso/meetings/{session_id}"


def header_set(record, name, value):
    return [(each, value if each == name else old) for each, old in record.headers()]


def unknown_fields(message):
    """Whether field 9999 is in the message itself."""
    return [(each.field_number, each.data) for each in message.UnknownFields()]


def sample(pipeline, records, topic, session_id):
    """A real event of this pipeline, to be changed and sent again under another id."""
    pipeline.send(session(session_id, email=NINA))
    pipeline.wait_ended(session_id)
    return records.of(topic, key_of(session_id))[0]


def send_finished(pipeline, records, messages, session_id, change):
    """A real session.finished, its Session changed by change(session)."""
    record = sample(pipeline, records, "session.finished", f"{session_id}-sample")
    event = messages("session_finished").SessionFinished.FromString(record.value())
    event.session.session_id = session_id
    event.session.session_url = link_of(session_id)
    change(event)
    records.put("session.finished", key_of(session_id), event.SerializeToString(), header_set(record, "ce_id", str(uuid.uuid4()).encode()))


def add_9999(*parts):
    for part in parts:
        part.MergeFromString(FIELD_9999)


def test_a_field_of_a_newer_release_travels_through_all_hops(pipeline, records, messages):
    """session.finished → contact.matched: the Session is copied as a message, whatever is in it."""

    def change(event):
        add_9999(event.session, event.session.summary, event.session.participants[1])

    send_finished(pipeline, records, messages, "field", change)
    assert pipeline.wait_ended("field")["units"][0]["state"] == "written"
    (matched,) = records.of("contact.matched", key_of("field"))
    passed = messages("contact_matched").ContactMatched.FromString(matched.value()).session
    for part in (passed, passed.summary, passed.participants[1]):
        assert unknown_fields(part) == [(9999, FUTURE)]
    assert unknown_fields(passed.participants[0]) == []
    assert len(pipeline.sandbox.notes("contoso", f'"{link_of("field")}"')) == 1


def test_an_event_that_waits_comes_back_byte_for_byte_with_the_fields_of_a_newer_release(pipeline, records, messages):
    """note.ready → event.deferred → note.ready."""
    record = sample(pipeline, records, "note.ready", "kept-sample")
    event = messages("note_ready").NoteReady.FromString(record.value())
    event.session_id = "kept"
    event.artifacts[0].key = str(uuid.uuid4())
    add_9999(event, event.revision, event.contents[0], event.artifacts[0], event.artifacts[0].target)
    value = event.SerializeToString()
    assert value.count(FIELD_9999) == 5
    pipeline.sandbox.fault({"match": {"path": "/annotations"}, "action": {"status": 403, "code": "0x80040220", "message": "missing prvCreateNote privilege"}})
    records.put("note.ready", key_of("kept"), value, header_set(record, "ce_id", str(uuid.uuid4()).encode()))
    assert pipeline.wait_ended("kept")["units"][0]["state"] == "blocked"
    deferred = [messages("event_deferred").EventDeferred.FromString(each.value()) for each in records.all("event.deferred") if each.value()]
    (waits,) = [each for each in deferred if each.event.key == key_of("kept").encode()]
    assert waits.event.value == value

    pipeline.sandbox.behave()
    pipeline.release("kept")
    wait_until(lambda: pipeline.story("kept")["units"][0]["state"] == "written", 20, "the note")
    first, copy = records.of("note.ready", key_of("kept"))
    assert first.value() == copy.value() == value
    assert dict(copy.headers())["ce_id"] == dict(first.headers())["ce_id"]


def newer_channel(event):
    event.session.channel = UNKNOWN


def newer_role(event):
    event.session.participants[1].role = UNKNOWN


def newer_format(event):
    event.session.summary.format = UNKNOWN


def newer_revision(event):
    event.revision.kind = UNKNOWN


def newer_artifact(event):
    event.artifacts[0].kind = UNKNOWN


@pytest.mark.parametrize("topic, message, change, stage", [
    ("session.finished", "SessionFinished", newer_channel, "matcher"),
    ("session.finished", "SessionFinished", newer_role, "matcher"),
    ("contact.matched", "ContactMatched", newer_format, "formatter"),
    ("note.ready", "NoteReady", newer_revision, "crm_writer"),
    ("note.ready", "NoteReady", newer_artifact, "crm_writer"),
], ids=["channel", "role", "format", "revision", "artifact"])
def test_an_enum_value_of_a_newer_release_blocks_until_there_is_a_newer_stage(pipeline, records, messages, request, topic, message, change, stage):
    name = f"{stage}-{request.node.callspec.id}"
    record = sample(pipeline, records, topic, f"{name}-sample")
    event = getattr(messages(topic.replace(".", "_")), message).FromString(record.value())
    (event if topic == "note.ready" else event.session).session_id = name
    change(event)
    value = event.SerializeToString()
    mark = pipeline.sandbox.mark()
    records.put(topic, key_of(name), value, header_set(record, "ce_id", str(uuid.uuid4()).encode()))

    unit = pipeline.wait_ended(name)["units"][0]
    assert (unit["state"], unit["cause"], unit["stage"]) == ("blocked", "needs_newer_stage", stage)
    told = pipeline.stack.cli("session", "show", name, "--tenant", "contoso", "--source", "meetings").stdout
    assert f"upgrade {stage}, then release it" in told
    assert pipeline.sandbox.puts(mark) == []

    pipeline.release(name)  # in vain
    wait_until(lambda: pipeline.story(name)["units"][0].get("attempt") == 2, 20, "the deferral of the copy")
    first, copy = records.of(topic, key_of(name))
    assert first.value() == copy.value() == value
    assert pipeline.sandbox.puts(mark) == []


@pytest.mark.parametrize("topic, message, change, stage", [
    ("session.finished", "SessionFinished", newer_channel, "matcher"),
    ("note.ready", "NoteReady", newer_artifact, "crm_writer"),
], ids=["matcher", "crm_writer"])
def test_the_story_is_not_the_earlier_revisions_when_the_later_one_needs_a_newer_stage(pipeline, records, messages, topic, message, change, stage):
    name = f"{stage}-later"
    record = sample(pipeline, records, topic, name)
    assert pipeline.story(name)["state"] == "written"
    event = getattr(messages(topic.replace(".", "_")), message).FromString(record.value())
    if topic == "note.ready":
        event.revision.value = 2
    else:
        event.session.revision = 2
    change(event)
    mark = pipeline.sandbox.mark()
    records.put(topic, key_of(name), event.SerializeToString(), header_set(record, "ce_id", str(uuid.uuid4()).encode()))

    def told():
        return pipeline.stack.cli("session", "show", name, "--tenant", "contoso", "--source", "meetings").stdout

    wait_until(lambda: f"upgrade {stage}, then release it" in told(), 20, "the story's telling what to do")
    story = pipeline.story(name)
    assert story["state"] == "blocked"
    assert ("blocked", "needs_newer_stage", stage) in [(unit["state"], unit.get("cause"), unit.get("stage")) for unit in story["units"]]
    assert pipeline.sandbox.puts(mark) == []
    assert len(pipeline.sandbox.notes("contoso", f'"{link_of(name)}"')) == 1
