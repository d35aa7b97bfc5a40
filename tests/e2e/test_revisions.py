"""Later revisions update the same record in place; an older one never overwrites a newer one, whatever got lost between."""

import signal

from sessions import NINA, link_of, session
from waiting import wait_until

MAJA = "maja.lindqvist@northwind.example"  # has one: hers leaves two
PUT_NOTE = {"path": "/annotations"}


def hours(session_id, count, revision):
    return session(session_id, email=NINA, text=f"Nina works {count} hours.", revision=revision)


def wait_told(pipeline, session_id, revision, deadline=40):
    """The story, once the unit has ended at this revision."""

    def told():
        story = pipeline.wait_ended(session_id)
        return story if story["units"][0].get("revision", {}).get("value") == str(revision) else None

    return wait_until(told, deadline, f"the end of revision {revision} of {session_id}")


def only_note(pipeline, session_id):
    found = pipeline.sandbox.notes("contoso", link_of(session_id))
    assert len(found) == 1, f"{len(found)} notes of {session_id}"
    return found[0]


def changes(pipeline, since=0):
    return [verb for verb, table, _ in pipeline.sandbox.effects(since, "contoso") if table == "annotation"]


def test_an_edited_summary_updates_the_same_note(pipeline):
    pipeline.send(hours("edited", 10, 1))
    first = pipeline.wait_ended("edited")
    before = only_note(pipeline, "edited")
    pipeline.send(hours("edited", 20, 2))
    told = wait_told(pipeline, "edited", 2)

    after = only_note(pipeline, "edited")
    assert after["annotationid"] == before["annotationid"]
    assert "10 hours" in before["notetext"] and "20 hours" in after["notetext"] and "10 hours" not in after["notetext"]
    assert len(pipeline.sandbox.puts()) == 2
    assert (first["units"][0]["reason"], told["units"][0]["reason"]) == ("written", "updated")


def test_an_older_revision_that_comes_later_changes_nothing(pipeline):
    pipeline.send(hours("older", 20, 2))
    pipeline.wait_ended("older")
    mark = pipeline.sandbox.mark()
    pipeline.send(hours("older", 10, 1))
    wait_until(lambda: any("superseded" in step["what"] for step in pipeline.story("older")["steps"]), 20, "the older one's end")

    assert "20 hours" in only_note(pipeline, "older")["notetext"]
    assert pipeline.sandbox.puts(mark) == []
    assert pipeline.story("older")["units"][0]["reason"] == "written"


def test_an_answer_lost_after_commit_leaves_one_record(pipeline):
    pipeline.sandbox.fault({"match": PUT_NOTE, "action": {"drop_after_commit": True}, "times": 1})
    pipeline.send(hours("lost", 10, 1))
    story = pipeline.wait_ended("lost")

    assert "10 hours" in only_note(pipeline, "lost")["notetext"]
    assert story["units"][0]["state"] == "written"
    assert changes(pipeline).count("create") == 1


def test_an_answer_lost_after_commit_and_then_the_next_revision_shows_the_next(pipeline):
    pipeline.sandbox.fault({"match": PUT_NOTE, "action": {"drop_after_commit": True}, "times": 1})
    pipeline.send(hours("lost-then-next", 10, 1))
    wait_until(lambda: changes(pipeline), 20, "the first revision's commit")
    pipeline.send(hours("lost-then-next", 20, 2))
    wait_told(pipeline, "lost-then-next", 2)

    assert "20 hours" in only_note(pipeline, "lost-then-next")["notetext"]
    assert changes(pipeline).count("create") == 1


def test_a_revision_whose_lost_answer_nobody_fetched_is_overwritten_by_the_next(pipeline):
    """Its ledger has no row of the record that is there: the create of revision 2 meets revision 1's note."""
    refusal = {"status": 403, "code": "0x80040220", "message": "missing prvWriteNote privilege"}
    pipeline.sandbox.fault({"match": PUT_NOTE, "action": {"drop_after_commit": True}, "times": 1},
                           {"match": PUT_NOTE, "action": refusal})
    pipeline.send(hours("unfetched", 10, 1))
    assert pipeline.wait_ended("unfetched")["units"][0]["state"] == "blocked"
    assert "10 hours" in only_note(pipeline, "unfetched")["notetext"]
    pipeline.sandbox.behave()
    pipeline.send(hours("unfetched", 20, 2))
    wait_told(pipeline, "unfetched", 2)

    assert "20 hours" in only_note(pipeline, "unfetched")["notetext"]
    assert changes(pipeline).count("create") == 1


def test_a_request_that_is_carried_out_after_its_repetition_makes_no_second_record(pipeline):
    pipeline.sandbox.fault({"match": PUT_NOTE, "action": {"late_commit_ms": 3000}, "times": 1})
    pipeline.send(session("late", email=MAJA, text="10 hours", revision=1))
    pipeline.wait_ended("late")
    pipeline.send(session("late", email=MAJA, text="20 hours", revision=2))
    wait_told(pipeline, "late", 2)
    first = pipeline.sandbox.puts()[:2]  # her note and her account's travel in one batch
    carried_out = lambda: [each for each in pipeline.sandbox.puts()[:2] if each["status"]]
    wait_until(lambda: len(carried_out()) == 2, 20, "the late commit")

    assert [each["status"] for each in carried_out()] == [412, 412], first
    notes = pipeline.sandbox.notes("contoso", link_of("late"))
    assert len(notes) == 2 and all("20 hours" in note["notetext"] for note in notes)
    assert changes(pipeline).count("create") == 2


def test_a_writer_killed_between_commit_and_ledger_writes_no_second_record_and_the_next_revision_stands(pipeline):
    pipeline.sandbox.fault({"match": PUT_NOTE, "action": {"delay_ms": 1500}, "times": 1})
    pipeline.send(hours("killed", 10, 1))
    wait_until(pipeline.sandbox.puts, 20, "the first revision's request")
    writer = pipeline.child("crm_writer")
    writer.signal(signal.SIGSTOP)  # it shall not see the answer
    wait_until(lambda: changes(pipeline), 20, "the first revision's commit")
    writer.signal(signal.SIGKILL)
    writer.wait(10)
    pipeline.send(hours("killed", 20, 2))
    pipeline.start_instance("crm_writer")
    wait_told(pipeline, "killed", 2)

    assert "20 hours" in only_note(pipeline, "killed")["notetext"]
    assert changes(pipeline).count("create") == 1


def test_a_note_that_a_person_deleted_stays_deleted_and_the_story_says_so(pipeline):
    pipeline.send(hours("deleted", 10, 1))
    pipeline.wait_ended("deleted")
    note = only_note(pipeline, "deleted")
    pipeline.sandbox.ask("DELETE", f"rows/contoso/annotations/{note['annotationid']}")
    pipeline.send(hours("deleted", 20, 2))
    second = wait_told(pipeline, "deleted", 2)
    mark = pipeline.sandbox.mark()
    pipeline.send(hours("deleted", 30, 3))
    third = wait_told(pipeline, "deleted", 3)

    assert pipeline.sandbox.notes("contoso", link_of("deleted")) == []
    assert pipeline.sandbox.puts(mark) == [], "what is known to be deleted is not even asked for"
    for unit in (second["units"][0], third["units"][0]):
        assert unit["reason"] == "deleted by a person"
        assert unit["artifacts"][0]["state"] == "deleted_by_person"
