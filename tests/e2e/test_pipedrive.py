"""A CRM that promises nothing: no keys of ours, no conditions, an index that lags, a budget for the day. The journal is the oracle."""

import collections
import itertools
import json
import re

import pytest
from sessions import link_of, session
from waiting import wait_until

MAJA, TOVE, LOTTA = "maja.lindqvist@northwind.example", "tove.hammar@alpine.example", "lotta.sjo@freelance.example"
RAVI = "ravi.menon@proseware.example"  # whom no other test looks for: nothing is remembered of him
POST_NOTE = {"method": "POST", "path": "/api/v1/notes$"}
POST_ACTIVITY = {"method": "POST", "path": "/api/v2/activities$"}
# What was sent is looked for soon, so that a lost answer does not keep a test for minutes.
SOON = {"crm_writer": {"doubt": {"first_look": "2s", "second_look": "5s"}}}


@pytest.fixture(scope="module")
def one_pipeline(make_pipeline):
    return make_pipeline(SOON)


def notes(pipeline, session_id, company="tailwind"):
    return [row for row in pipeline.sandbox.rows(company, "notes") if f'"{link_of(session_id)}"' in row["content"] and row["active_flag"]]


def activities(pipeline, session_id, company="tailwind"):
    return [row for row in pipeline.sandbox.rows(company, "activities") if f'"{link_of(session_id)}"' in (row["note"] or "")]


def persons(pipeline, email, company):
    return [row for row in pipeline.sandbox.rows(company, "persons")
            if not row["is_deleted"] and email in [each["value"] for each in row["emails"]]]


def created(pipeline, table, since, company="tailwind"):
    return [effect for effect in pipeline.sandbox.effects(since, company) if effect[:2] == ["create", table]]


def units(story):
    return {unit["crm_account"]: unit for unit in story.get("units", [])}


def test_a_session_costs_what_the_journal_says(pipeline):
    mark = pipeline.sandbox.mark()
    pipeline.send(session("cost", "tailwind", email=TOVE, conversation_type="Discovery call"), "tailwind")
    unit = pipeline.wait_ended("cost", "tailwind")["units"][0]
    requests = [each for each in pipeline.sandbox.requests(mark, "tailwind") if each["kind"] in ("read", "write")]
    assert unit["reason"] == "written"
    assert int(unit["crm_requests"]) == len(requests) == 4, [each["path"] for each in requests]  # search, deal, note, activity
    assert int(unit["crm_tokens"]) == sum(each["tokens"] for each in requests)
    assert [row["deal_id"] for row in notes(pipeline, "cost")] == [504]
    assert [row["type"] for row in activities(pipeline, "cost")] == ["discovery_call"]


def test_two_sessions_with_one_unknown_email_in_one_request_leave_one_person_with_two_notes(pipeline):
    mark = pipeline.sandbox.mark()
    pair = [session(f"twin-{number}", "wingtip", email="new.face@alpine.example") for number in (1, 2)]
    pipeline.send(pair, "wingtip")
    for each in pair:
        assert pipeline.wait_ended(each["session_id"], "wingtip")["units"][0]["reason"] == "written"
    people = persons(pipeline, "new.face@alpine.example", "wingtip")
    assert len(people) == 1
    held = [note["person_id"] for each in pair for note in notes(pipeline, each["session_id"], "wingtip")]
    assert held == [people[0]["id"]] * 2
    assert len(created(pipeline, "notes", mark, "wingtip")) == 2


def test_a_later_revision_updates_note_and_activity_and_adds_the_deal_that_appeared(pipeline):
    mark = pipeline.sandbox.mark()
    pipeline.send(session("grows", "tailwind", email=LOTTA, text="1 hour", conversation_type="Call", revision=1), "tailwind")
    pipeline.wait_ended("grows", "tailwind")
    assert [(row["deal_id"], "1 hour" in row["content"]) for row in notes(pipeline, "grows")] == [(None, True)]

    pipeline.sandbox.ask("PUT", "rows/tailwind/deals", {"id": 801, "title": "Freelance", "person_id": 104, "add_time": "2026-06-01 08:00:00"})
    revisions = itertools.count(2)

    def revised():
        """That somebody has no deal is remembered for seconds: a revision that comes later than that sees it."""
        number = next(revisions)
        pipeline.send(session("grows", "tailwind", email=LOTTA, text=f"{number} hours", conversation_type="Call", revision=number), "tailwind")
        wait_until(lambda: has_text(pipeline, "grows", f"{number} hours"), 30, f"revision {number}")
        return [row["deal_id"] for row in notes(pipeline, "grows")] == [801]

    wait_until(revised, 60, "the deal", tick=1)
    assert [row["deal_id"] for row in activities(pipeline, "grows")] == [801]
    assert len(created(pipeline, "notes", mark)) == len(created(pipeline, "activities", mark)) == 1
    pipeline.sandbox.ask("DELETE", "rows/tailwind/deals/801")


def has_text(pipeline, session_id, text):
    return [text in row["content"] for row in notes(pipeline, session_id)] == [True] == \
        [text in row["note"] for row in activities(pipeline, session_id)]


def type_appears(pipeline):
    pipeline.sandbox.ask("PUT", "rows/tailwind/activityTypes", {"id": 81, "name": "Workshop"})
    pipeline.stack.cli("apply", "-f", pipeline.stack.state / "tenants.toml")  # connecting again reads the types


def right_appears(pipeline):
    pipeline.sandbox.ask("POST", "users", {"org": "tailwind", "user": 2101, "grant": ["add activities"]})


@pytest.mark.parametrize("kind, lacks, appears", [("Workshop", [], type_appears), ("Call", ["add activities"], right_appears)],
                         ids=["type", "right"])
def test_an_activity_is_made_by_the_revision_that_comes_after_its_type_or_right(pipeline, kind, lacks, appears):
    mark, name = pipeline.sandbox.mark(), f"due-later-{kind}"
    if lacks:
        pipeline.sandbox.ask("POST", "users", {"org": "tailwind", "user": 2101, "lacks": lacks})
    pipeline.send(session(name, "tailwind", email=MAJA, text="before", conversation_type=kind, revision=1), "tailwind")
    assert pipeline.wait_ended(name, "tailwind")["units"][0]["reason"] == "written"
    assert len(notes(pipeline, name)) == 1 and activities(pipeline, name) == []
    appears(pipeline)
    pipeline.send(session(name, "tailwind", email=MAJA, text="after", conversation_type=kind, revision=2), "tailwind")
    wait_until(lambda: has_text(pipeline, name, "after"), 30, "the activity")
    assert len(created(pipeline, "notes", mark)) == len(created(pipeline, "activities", mark)) == 1


def test_a_missing_right_to_activities_leaves_the_note_and_says_so(pipeline):
    pipeline.sandbox.fault({"org": "tailwind", "match": POST_ACTIVITY, "action": {"status": 403, "message": "no right to add activities"}})
    pipeline.send(session("no-right", "tailwind", email=MAJA, conversation_type="Call"), "tailwind")
    unit = pipeline.wait_ended("no-right", "tailwind")["units"][0]
    assert unit["reason"] == "written"
    states = {each["kind"]: each["state"] for each in unit["artifacts"]}
    assert states == {"note": "written", "activity": "left_out"}
    assert len(notes(pipeline, "no-right")) == 1 and activities(pipeline, "no-right") == []


@pytest.mark.parametrize("action", [{"drop_after_commit": True}, {"status": 502, "after_commit": True}, {"truncate": True}],
                         ids=["cut off", "502", "half an answer"])
def test_an_answer_that_is_lost_after_the_note_was_made_leaves_one_note(pipeline, action):
    mark = pipeline.sandbox.mark()
    name = "lost-" + next(iter(action))
    pipeline.sandbox.fault({"org": "tailwind", "match": {**POST_NOTE, "nth": 1}, "action": action})
    pipeline.send(session(name, "tailwind", email=MAJA), "tailwind")
    wait_until(lambda: units(pipeline.story(name, "tailwind")).get("pipedrive:7301942", {}).get("state") == "in doubt", 20, "the doubt")
    unit = pipeline.wait_ended(name, "tailwind", deadline=60)["units"][0]
    assert unit["state"] == "written"
    assert len(notes(pipeline, name)) == 1
    assert len(created(pipeline, "notes", mark)) == 1


def test_a_note_that_never_arrived_is_sent_again_after_two_empty_looks(pipeline):
    mark = pipeline.sandbox.mark()
    pipeline.sandbox.fault({"org": "tailwind", "match": {**POST_NOTE, "nth": 1}, "action": {"drop_before": True}})
    pipeline.send(session("never-came", "tailwind", email=MAJA), "tailwind")
    assert pipeline.wait_ended("never-came", "tailwind", deadline=90)["units"][0]["state"] == "written"
    assert len(notes(pipeline, "never-came")) == 1
    looks = [each for each in pipeline.sandbox.requests(mark, "tailwind") if each["method"] == "GET" and each["path"].endswith("/api/v1/notes")]
    assert len(looks) == 2


def test_the_answer_of_revision_1_lost_then_revision_2_shows_revision_2(pipeline):
    mark = pipeline.sandbox.mark()
    pipeline.sandbox.fault({"org": "tailwind", "match": {**POST_NOTE, "nth": 1}, "action": {"drop_after_commit": True}})
    pipeline.send(session("overtaken", "tailwind", email=MAJA, text="first", revision=1), "tailwind")
    wait_until(lambda: created(pipeline, "notes", mark), 20, "the first revision's note")
    pipeline.send(session("overtaken", "tailwind", email=MAJA, text="second", revision=2), "tailwind")
    wait_until(lambda: ["second" in row["content"] for row in notes(pipeline, "overtaken")] == [True], 60, "the second revision")
    assert len(created(pipeline, "notes", mark)) == 1


def test_a_burst_of_refusals_delays_and_loses_nothing(pipeline):
    mark = pipeline.sandbox.mark()
    sent = [session(f"burst-{number}", "tailwind", email=MAJA) for number in range(20)]
    # Matcher and writer share the token, and each learns of the limit from its own refusals: no wall after fifty of them.
    pipeline.sandbox.ask("POST", "limits", {"org": "tailwind", "throttle": {"burst": 8, "ignored": 1000}})
    try:
        pipeline.send(sent, "tailwind")
        wait_until(lambda: all(notes(pipeline, each["session_id"]) for each in sent), 120, "twenty notes", tick=0.5)
    finally:
        pipeline.sandbox.ask("POST", "limits", {"org": "tailwind", "throttle": {"burst": None, "ignored": None}})
    assert [each for each in pipeline.sandbox.requests(mark, "tailwind") if each["status"] == 429], "nothing was refused: this run has shown nothing"
    assert len(created(pipeline, "notes", mark)) == len(sent)
    assert pipeline.metric("crm_writer", "aftercall_deferred_total", kind="dead") == 0


def test_sessions_with_many_guests_end_and_pay_for_each_guest_once_though_no_step_has_time_for_them(pipeline):
    """Eighteen searches, where a step's thirty seconds let fifteen through: none of the three ends in one go."""
    mark, guests = pipeline.sandbox.mark(), collections.defaultdict(list)
    for number, guest in itertools.product(range(3), range(6)):
        guests[f"crowd-{number}"].append(f"guest{guest}@crowd{number}.example")
    pipeline.sandbox.ask("POST", "limits", {"org": "tailwind", "throttle": {"search": 1, "ignored": 1000}})
    try:
        pipeline.send([session(name, "tailwind", participants=[{"name": "Guest", "email": each} for each in (MAJA, *emails)])
                       for name, emails in guests.items()], "tailwind")
        ended = [pipeline.wait_ended(name, "tailwind", deadline=120)["units"][0] for name in guests]
    finally:
        pipeline.sandbox.ask("POST", "limits", {"org": "tailwind", "throttle": {"search": 10, "ignored": 50}})
    assert [unit["reason"] for unit in ended] == ["written"] * 3
    searched = collections.Counter(each["query"] for each in pipeline.sandbox.requests(mark, "tailwind")
                                   if each["path"].endswith("/persons/search") and each["status"] == 200)
    paid = [[count for query, count in searched.items() if each.split("@")[0] in query and each.split("@")[1] in query]
            for emails in guests.values() for each in emails]
    assert paid == [[1]] * 18, searched
    assert [len(notes(pipeline, name)) for name in guests] == [1, 1, 1]


@pytest.mark.parametrize("down, path", [("dynamics365", "/api/data/"), ("pipedrive", "/api/v[12]/")])
def test_a_session_for_both_crms_waits_only_for_the_one_that_is_down(pipeline, down, path):
    name = f"both-but-{down}"
    orgs = {"pipedrive": "litware", "dynamics365": "litware365"}
    found = {"pipedrive": lambda: notes(pipeline, name, "litware"), "dynamics365": lambda: pipeline.sandbox.notes("litware365", f'"{link_of(name)}"')}
    (well,) = set(orgs) - {down}
    pipeline.sandbox.fault({"org": orgs[down], "match": {"path": path}, "action": {"status": 503, "retry_after": 3}})
    pipeline.send(session(name, "litware"), "litware")
    wait_until(found[well], 30, f"the note in {well}")
    assert found[down]() == []
    pipeline.sandbox.behave()
    wait_until(found[down], 60, f"the note in {down}")
    ended = {"pipedrive": "written", "dynamics365": "written"}
    states = lambda: {account.split(":")[0]: unit["state"] for account, unit in units(pipeline.story(name, "litware")).items()}
    wait_until(lambda: states() == ended, 30, "the end of both units in the story")
    assert len(found["pipedrive"]()) == 1


def test_sessions_wait_for_the_next_days_budget_and_are_written_when_it_has_begun(pipeline):
    sandbox, names, quarter, left = pipeline.sandbox, [f"budget-{number}" for number in range(3)], 900, 25
    now = json.loads(sandbox.ask("POST", "clock", {"advance": 0}))["time"]
    midnight = ((now + left) // quarter + 1) * quarter
    sandbox.ask("POST", "clock", {"advance": midnight - left - now})
    sandbox.ask("POST", "limits", {"org": "tailwind", "throttle": {"daily": 1000, "left": 0, "reset_hour": midnight / 3600 % 24}})
    mark = sandbox.mark()
    for name in names:
        pipeline.send(session(name, "tailwind", email=RAVI), "tailwind")

    def waiting():
        found = [unit for name in names for unit in pipeline.story(name, "tailwind").get("units", [])]
        return found if [unit["state"] for unit in found] == ["waiting"] * 3 else None

    found = wait_until(waiting, left - 5, "three units that wait")
    assert {unit["cause"] for unit in found} == {"paced"}
    assert any("daily budget" in unit["detail"] for unit in found)
    listed = pipeline.stack.cli("deferred", "list", "--tenant", "tailwind").stdout
    assert re.search(r"in \d+ s .*daily budget", listed), listed
    assert [row.split()[4:] for row in pipeline.stack.cli("status").stdout.splitlines() if row.startswith("matcher")] == [["3", "0", "0", "0"]]
    assert len([each for each in sandbox.requests(mark, "tailwind") if each["status"] == 429]) <= 2, "who was refused goes on asking"

    # Nobody says when the vendor's midnight is; it is found out all the same, and nobody has to help.
    for name in names:
        assert pipeline.wait_ended(name, "tailwind", deadline=90)["units"][0]["state"] == "written"
    assert [len(notes(pipeline, name)) for name in names] == [1, 1, 1]
    sandbox.ask("POST", "limits", {"org": "tailwind", "throttle": {"daily": None, "reset_hour": None}})


def test_a_note_that_was_refused_for_a_right_is_written_once_the_right_is_given_and_the_advice_followed(pipeline):
    rights = lambda **change: pipeline.sandbox.ask("POST", "users", {"org": "tailwind", "user": 2101, **change})
    mark = pipeline.sandbox.mark()
    asked = lambda: [each["status"] for each in pipeline.sandbox.puts(mark, "tailwind") if each["path"].endswith("/api/v1/notes")]
    rights(lacks=["add notes"])
    try:
        pipeline.send(session("refused", "tailwind", email=MAJA), "tailwind")
        unit = pipeline.wait_ended("refused", "tailwind")["units"][0]
    finally:
        rights(grant=["add notes"])
    assert (unit["state"], unit["cause"]) == ("blocked", "not_permitted")
    refused = asked()
    assert set(refused) == {403} and notes(pipeline, "refused") == []
    command, tenant, connection = "aftercall connection probe", "tailwind", unit["connection"]
    assert unit["advice"].endswith(f"{command} TENANT ID")
    told = pipeline.stack.cli(*command.split()[1:], tenant, connection).stdout
    assert told.startswith(f"connection {tenant}/{connection}: connected to "), told
    wait_until(lambda: pipeline.story("refused", "tailwind")["units"][0]["state"] == "written", 30, "the note")
    assert len(notes(pipeline, "refused")) == 1
    assert asked() == [*refused, 200], "released before anybody said so"
