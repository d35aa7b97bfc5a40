"""Pipedrive's notes and activities: where they may hang, what is kept of them, and how they are listed."""
import pytest
from company import Company, refused


def content(acme, text):
    return acme.note(text).json["data"]["content"]


@pytest.mark.parametrize("sent, kept", [
    ("a<br/>b", "a<br>b"),
    ("<p>Å 😀 &amp; &lt;b&gt;</p>", "<p>Å 😀 &amp; &lt;b&gt;</p>"),
    ("<p class=x style='color:red'>x</p>", "<p>x</p>"),
    ("<script>alert(1)</script><p onclick=x()>x</p>", "<p>x</p>"),
    ("<a href='javascript:x()'>x</a>", "<a>x</a>"),
    ("<a href='https://a.example/?a=1&amp;b=2' target=_blank>x</a>", '<a href="https://a.example/?a=1&amp;b=2" rel="noopener noreferrer">x</a>'),
    ("<ul><li>x</ul>", "<ul><li>x</li></ul>"),
    ("<img src=x><video>x</video>", "x"),
    ("<!-- Ref: 1 -->x", "x")])
def test_what_is_kept_of_html(acme, sent, kept):
    assert content(acme, sent) == kept


def test_one_note_on_a_person_and_a_deal_is_listed_by_either(acme):
    made = acme.note(deal_id=52, org_id=4).json["data"]
    assert made["organization"] == {"name": "Client"}
    assert acme.notes(person_id=7) == [800, made["id"]] and acme.notes(deal_id=52) == [made["id"]]
    assert acme.notes(person_id=7, deal_id=51) == [] and acme.notes(org_id=4, user_id=11) == [made["id"]]
    alone = acme.note(person_id=None, deal_id=52).json["data"]["id"]
    assert alone not in acme.notes(person_id=7)
    acme.switch(personListsDealNotes=True)
    assert alone in acme.notes(person_id=7)


def test_one_target_a_note_is_a_switch(acme):
    acme.switch(oneTargetPerNote=True)
    refused(acme.note(deal_id=52), 400, "exactly one")
    assert acme.note().status == 200


@pytest.mark.parametrize("values, said", [
    ({"person_id": 999}, "Person not found"), ({"deal_id": 999}, "Deal not found"), ({"org_id": 999}, "Organization not found"),
    ({"lead_id": "adf21080-0e10-11eb-879b-05d71fb426ec"}, "Lead not found"), ({"project_id": 1}, "Project not found")])
def test_what_a_note_hangs_on_must_be_there(acme, values, said):
    refused(acme.note(**values), 404, said)


def test_an_empty_note_is_none(acme):
    refused(acme.note("  "), 400, "Note content is required")


def test_the_limit_counts_bytes(acme):
    assert acme.note("é" * 50_000).status == 200
    refused(acme.note("é" * 50_000 + "x"), 400, "Note content is too long")
    acme.switch(noteTooLong413=True)
    refused(acme.note("x" * 100_001), 413, "Note content is too long")
    acme.world.control("POST", "limits", {"lengths": {"notes.content": 10}})
    refused(acme.note("x" * 11), 413, "Note content is too long")
    acme.world.control("POST", "limits", {"lengths": {"notes.content": None}})
    assert acme.note("x" * 11).status == 200
    refused(acme.activity(note="x" * 100_001), 400, "note: This value is too long.", "ERR_SCHEMA_VALIDATION_FAILED")


def test_a_deal_may_be_full_of_notes(acme):
    acme.switch(notesPerDeal=1)
    assert acme.note(deal_id=52).status == 200
    refused(acme.note(deal_id=52), 403, "limit of notes")


def test_only_admins_write_in_somebody_elses_name(acme):
    refused(acme.note(user_id=12), 403, "Only admins")
    made = Company(acme.world, "ash-token").note(user_id=12).json["data"]
    assert made["user"] == {"name": "Lee", "email": "lee@acme.test", "icon_url": None, "is_you": False}
    assert made["id"] in acme.notes(user_id=12)


def test_the_place_in_the_timeline_may_be_set(acme):
    made = acme.note(add_time="2026-09-29 10:00:00").json["data"]
    assert made["add_time"] == "2026-09-29 10:00:00" < made["update_time"]
    assert made["id"] in acme.notes(start_date="2026-09-29", end_date="2026-09-29")
    assert made["id"] in acme.notes(updated_since="2026-09-30T00:00:00Z") and made["id"] not in acme.notes(start_date="2026-09-30")
    refused(acme.note(add_time="2026-09-29T10:00:00Z"), 400, "add_time")


def test_pins_are_sent_as_numbers_and_shown_as_booleans(acme):
    made = acme.note(pinned_to_person_flag=1).json["data"]
    assert made["pinned_to_person_flag"] is True and made["pinned_to_deal_flag"] is False
    assert acme.notes(pinned_to_person_flag=1) == [made["id"]]
    refused(acme.note(pinned_to_deal_flag=1), 400, "pinned_to_deal_flag requires deal_id")


def test_an_update_sets_only_what_it_names(acme):
    made = acme.note("<p>a</p>").json["data"]
    acme.world.control("POST", "clock", {"advance": 60})
    moved = acme.send("PUT", f"/v1/notes/{made['id']}", {"deal_id": 52}).json["data"]
    assert (moved["content"], moved["person_id"], moved["deal_id"]) == ("<p>a</p>", 7, 52)
    assert moved["update_time"] == made["update_time"] and moved["last_update_user_id"] == 11
    changed = acme.send("PUT", f"/v1/notes/{made['id']}", {"content": "<p>b</p>"}).json["data"]
    assert changed["update_time"] > made["update_time"] and changed["add_time"] == made["add_time"]
    refused(acme.send("PUT", f"/v1/notes/{made['id']}", {"person_id": None, "deal_id": None}), 400, "At least one")
    refused(acme.send("PUT", "/v1/notes/999", {"content": "x"}), 404, "Note not found")


def test_a_deleted_note_is_not_edited_unless_the_switch_says_so(acme):
    assert acme.send("DELETE", "/v1/notes/800").status == 200
    refused(acme.send("DELETE", "/v1/notes/800"), 404, "Note not found")
    refused(acme.send("PUT", "/v1/notes/800", {"content": "x"}), 404, "Note not found")
    acme.switch(deletedNotesEditable=True)
    assert acme.send("PUT", "/v1/notes/800", {"content": "x"}).json["data"]["active_flag"] is False


def test_which_tags_stay_is_a_switch(acme):
    sent = "<h3>x</h3><h4>y</h4><p><em>z</em> <strong>s</strong></p><table><tr><td>t</td></tr></table>"
    assert content(acme, sent) == sent
    acme.switch(onlySeenTags=True)
    assert content(acme, sent) == "x<h4>y</h4><p>z <strong>s</strong></p>t"


def test_lists_may_lag_behind(acme):
    acme.switch(listLag=3)
    note = acme.note().json["data"]["id"]
    activity = acme.activity(participants=[{"person_id": 7}]).json["data"]["id"]
    person = acme.post("/v2/persons", {"name": "Ola"}).json["data"]["id"]

    def listed():
        activities, persons = acme.get("/v2/activities", person_id=7).json["data"], acme.get("/v2/persons", ids=person).json["data"]
        return acme.notes(person_id=7), [row["id"] for row in activities], [row["id"] for row in persons]

    assert listed() == ([800], [], [])
    for path in (f"/v1/notes/{note}", f"/v2/activities/{activity}", f"/v2/persons/{person}"):
        assert acme.get(path).status == 200
    acme.world.control("POST", "clock", {"advance": 3.1})
    assert listed() == ([800, note], [activity], [person])


def test_an_empty_list_may_be_null(acme):
    acme.switch(emptyListNull=False)
    assert acme.get("/v1/notes", person_id=19).json["data"] == []


def test_notes_have_pages_and_an_order(acme):
    for day in (3, 1, 2):
        acme.note(add_time=f"2026-10-0{day} 10:00:00")
    reply = acme.get("/v1/notes", person_id=7, sort="add_time DESC", start=0, limit=2)
    assert [note["id"] for note in reply.json["data"]] == [801, 803]
    assert reply.json["additional_data"]["pagination"] == {"start": 0, "limit": 2, "more_items_in_collection": True, "next_start": 2}
    assert acme.notes(person_id=7, sort="add_time DESC", start=2) == [802, 800]


@pytest.mark.parametrize("values, said, code", [
    ({"type": "nothing"}, "type: This value is not a valid activity type.", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"type": "demo"}, "type: This value is not a valid activity type.", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"type": "Discovery Call"}, "type: This value is not a valid activity type.", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"due_time": "24:00"}, "due_time: This value is not a valid datetime.", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"due_time": ""}, "due_time: This value is not a valid datetime.", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"duration": "45"}, "duration: This value is not a valid datetime.", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"due_date": "30.9.2026"}, "due_date: This value is not a valid date.", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"due_date": "2026-09-31"}, "due_date: This value is not a valid date.", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"participants": [{"primary": True}]}, "participants", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"participants": [{"person_id": 7, "primary": True}, {"person_id": 19, "primary": True}]}, "one primary", "ERR_SCHEMA_VALIDATION_FAILED"),
    ({"owner_id": 999}, "owner_id", "ERR_SCHEMA_VALIDATION_FAILED")])
def test_an_activity_that_is_refused(acme, values, said, code):
    refused(acme.activity(**values), 400, said, code)


def test_types_that_are_not_known_are_a_switch(acme):
    acme.switch(unknownType400=False)
    assert acme.activity(type="nothing").json["data"]["type"] == "nothing"


def test_a_renamed_type_keeps_its_key(acme):
    assert acme.activity(type="kick_off").status == 200
    acme.world.control("PATCH", "rows/acme/activityTypes/11", {"name": "Handover"})
    assert [(each["name"], each["key_string"]) for each in acme.get("/v1/activityTypes").json["data"]][-1] == ("Handover", "kick_off")


def test_the_primary_participant_is_the_person(acme):
    made = acme.activity(participants=[{"person_id": 19}, {"person_id": 7, "primary": True}]).json["data"]
    assert (made["person_id"], made["org_id"]) == (7, 4)
    assert acme.activity(participants=[{"person_id": 19}, {"person_id": 7}]).json["data"]["person_id"] == 19
    assert [each["id"] for each in acme.get("/v2/activities", person_id=7).json["data"]] == [made["id"]]
    refused(acme.activity(participants=[{"person_id": 999}]), 404, "Person not found")


def test_an_activity_is_changed_listed_and_deleted(acme):
    made = acme.activity(participants=[{"person_id": 7}], deal_id=52, duration="26:00").json["data"]
    assert made["duration"] == "26:00:00" and made["done"] is False and made["marked_as_done_time"] is None
    done = acme.send("PATCH", f"/v2/activities/{made['id']}", {"done": True, "note": "<p style=x>n</p>"}).json["data"]
    assert done["marked_as_done_time"] and done["note"] == "<p>n</p>" and done["deal_id"] == 52
    for query, found in (({"deal_id": 52}, 1), ({"deal_id": 51}, 0), ({"done": "true"}, 1), ({"done": "false"}, 0), ({"owner_id": 11}, 1),
                         ({"person_id": 7, "updated_since": "2026-10-01T00:00:00Z", "sort_by": "add_time", "sort_direction": "desc"}, 1),
                         ({"updated_until": "2026-10-01T00:00:00Z"}, 0), ({"sort_by": "due_date"}, 1)):
        assert len(acme.get("/v2/activities", **query).json["data"]) == found, query
    assert "attendees" not in acme.get("/v2/activities").json["data"][0]
    assert acme.get("/v2/activities", include_fields="attendees").json["data"][0]["attendees"] == []
    assert acme.send("DELETE", f"/v2/activities/{made['id']}").json == {"success": True, "data": {"id": made["id"]}}
    assert acme.get("/v2/activities").json["data"] == []
    assert acme.get(f"/v2/activities/{made['id']}").json["data"]["is_deleted"] is True
    refused(acme.send("PATCH", f"/v2/activities/{made['id']}", {"done": False}), 404, "Activity not found")


def test_an_activity_about_whom_one_may_not_see_is_not_seen(acme):
    lee = Company(acme.world, "lee-token")
    hidden = acme.activity(participants=[{"person_id": 22}]).json["data"]["id"]
    plain = acme.activity(participants=[{"person_id": 7}]).json["data"]["id"]
    for user, seen in ((acme, [hidden, plain]), (lee, [plain])):
        assert [row["id"] for row in user.get("/v2/activities").json["data"]] == seen
        assert user.get(f"/v2/activities/{hidden}").status == (200 if hidden in seen else 404)
