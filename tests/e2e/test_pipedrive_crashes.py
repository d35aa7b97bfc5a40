"""The writer is killed between a request and its ledger row: nothing is lost, and nothing is there twice after the recall."""

import signal

import pytest
from sessions import link_of, session
from waiting import wait_until

KILLS, FEW = 50, 6
POST_NOTE = {"method": "POST", "path": "/api/v1/notes$"}
POST_ACTIVITY = {"method": "POST", "path": "/api/v2/activities$"}
POST_PERSON = {"method": "POST", "path": "/api/v2/persons$"}
ANSWERED_TOO_LATE = {"drip_ms": 20_000}  # carried out at once
NEVER_CARRIED_OUT = {"hang": True}  # cut once its sender is gone


@pytest.fixture(scope="module")
def one_pipeline(make_pipeline):
    # A member of a fixed name has its partitions back at once when it comes back.
    return make_pipeline({"crm_writer": {"doubt": {"first_look": "2s", "second_look": "5s"}, "stage": {"instance": "writer-1"}}})


def test_kill_9_between_the_request_and_the_ledger_loses_nothing_and_doubles_nothing(pipeline):
    sandbox, mark = pipeline.sandbox, pipeline.sandbox.mark()
    for number in range(KILLS):
        name = f"crash-{number}-"
        struck(pipeline, {**POST_NOTE, "body": link_of(name)}, number % 2 == 0, session(name, "tailwind"), lambda: kept(sandbox, name))

    names = [f"crash-{number}-" for number in range(KILLS)]
    wait_until(lambda: all(kept(sandbox, name) for name in names), 120, f"{KILLS} notes", tick=0.5)
    wait_until(lambda: all(ended(pipeline, name) for name in names), 60, "the ends", tick=1)
    assert {name: len(kept(sandbox, name)) for name in names} == {name: 1 for name in names}
    assert len([effect for effect in sandbox.effects(mark, "tailwind") if effect[:2] == ["create", "notes"]]) == KILLS


def test_kill_9_while_an_activity_is_made_leaves_at_most_one_and_says_so(pipeline):
    """What cannot be found out about an activity is never tried again, unlike a note: better none than two."""
    sandbox, mark = pipeline.sandbox, pipeline.sandbox.mark()
    made = {f"busy-{number}-": number % 2 == 0 for number in range(FEW)}
    for name, carried_out in made.items():
        struck(pipeline, {**POST_ACTIVITY, "body": link_of(name)}, carried_out, session(name, "tailwind", conversation_type="Call"),
               lambda: held(sandbox, "activities", "note", name))
    wait_until(lambda: all(ended(pipeline, name) for name in made), 120, "the ends", tick=1)
    assert {name: len(held(sandbox, "activities", "note", name)) for name in made} == {name: int(done) for name, done in made.items()}
    assert {name: state_of(pipeline, name, "activity") == "left_out" for name in made} == {name: not done for name, done in made.items()}
    created = [effect[1] for effect in sandbox.effects(mark, "tailwind") if effect[0] == "create"]
    assert (created.count("notes"), created.count("activities")) == (FEW, FEW // 2)


def test_kill_9_while_a_person_is_made_leaves_one_person_with_one_note(pipeline):
    sandbox, mark = pipeline.sandbox, pipeline.sandbox.mark()
    names = [f"face-{number}-" for number in range(FEW)]
    for number, name in enumerate(names):
        email = f"{name}@alpine.example"
        struck(pipeline, {**POST_PERSON, "body": email}, number % 2 == 0, session(name, "wingtip", email=email), lambda: people(sandbox, email), "wingtip")
    wait_until(lambda: all(ended(pipeline, name, "wingtip") for name in names), 120, "the ends", tick=1)
    found = {name: people(sandbox, f"{name}@alpine.example") for name in names}
    assert {name: len(ids) for name, ids in found.items()} == {name: 1 for name in names}
    assert {name: [row["person_id"] for row in kept(sandbox, name, "wingtip")] for name in names} == found
    effects = [effect[:2] for effect in sandbox.effects(mark, "wingtip") if effect[1] == "persons"]
    assert effects == [["create", "persons"]] * FEW


def struck(pipeline, match, carried_out, body, there, tenant="tailwind"):
    """Sends the session and kills the writer after its request, which was carried out or will never be."""
    action = ANSWERED_TOO_LATE if carried_out else NEVER_CARRIED_OUT
    pipeline.sandbox.fault({"org": tenant, "match": match, "times": 1, "action": action})
    pipeline.send(body, tenant)
    wait_until(there if carried_out else pipeline.sandbox.held, 60, "the request")
    pipeline.child("crm_writer").signal(signal.SIGKILL)
    pipeline.sandbox.release("drop")
    pipeline.start_instance("crm_writer")


def held(sandbox, table, text, name, company="tailwind"):
    return [row for row in sandbox.rows(company, table) if f'"{link_of(name)}"' in (row[text] or "")]


def kept(sandbox, name, company="tailwind"):
    return [row for row in held(sandbox, "notes", "content", name, company) if row["active_flag"]]


def people(sandbox, email):
    return [row["id"] for row in sandbox.rows("wingtip", "persons") if not row["is_deleted"] and email in [each["value"] for each in row["emails"]]]


def ended(pipeline, name, tenant="tailwind"):
    units = pipeline.story(name, tenant).get("units", [])
    return units and all(unit["state"] == "written" for unit in units)


def state_of(pipeline, name, kind):
    artifacts = pipeline.story(name, "tailwind")["units"][0]["artifacts"]
    return next(each["state"] for each in artifacts if each["kind"] == kind)
