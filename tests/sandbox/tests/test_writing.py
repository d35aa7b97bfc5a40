"""Creating, updating and deleting rows, and every refusal on the way."""
import json

import pytest
from conftest import A1, C1, C2, N1, N2, P1, Q1, Q2, USER

CASE = {"title": "Billing - +46701234567", "description": "Channel: phone", "caseorigincode": 1,
        "customerid_contact@odata.bind": f"/contacts({C1})"}
TICKET = "/incidents?$select=incidentid,ticketnumber,prioritycode"


def test_a_keyed_create_makes_the_row_once(api, world):
    reply = api.put_note(N1)
    assert (reply.status, reply.body) == (204, b"")
    assert f"/annotations({N1})" in reply.headers["OData-EntityId"] == reply.headers["Location"]
    assert api.get(f"/annotations({N1})?$select=subject,_objectid_value").json["_objectid_value"] == C1
    version = world.control("GET", f"rows/org/annotations/{N1}")["@version"]
    assert api.put_note(N1, subject="other").error == (412, "0x80040237", "A record with matching key values already exists.")
    assert world.control("GET", f"rows/org/annotations/{N1}")["@version"] == version


def test_an_update_that_must_not_create_finds_nothing(api):
    status, code, message = api.patch(f"/annotations({N1})", {"subject": "x"}, If_Match="*").error
    assert (status, code) == (404, "0x80040217") and message == f"annotation With Id = {N1} Does Not Exist"


def test_a_patch_without_preconditions_creates_and_updates(api):
    body = {"subject": "one", "objectid_contact@odata.bind": f"contacts({C1})"}
    first = api.patch(f"/annotations({N1})", body, Prefer="return=representation")
    again = api.patch(f"/annotations({N1})", {"subject": "two"}, Prefer="return=representation", If_Match="*")
    assert (first.status, again.status) == (201, 200)
    assert again.json["subject"] == "two" and again.json["_objectid_value"] == C1
    assert first.json["@odata.etag"] != again.json["@odata.etag"]
    assert again.headers["Preference-Applied"] == "return=representation"


def test_a_stale_version_is_refused_and_a_fresh_one_is_not(api):
    api.put_note(N1)
    version = api.get(f"/annotations({N1})").json["@odata.etag"]
    assert api.get(f"/annotations({N1})", If_None_Match=version).status == 304
    assert api.patch(f"/annotations({N1})", {"subject": "two"}, If_Match=version).status == 204
    refused = api.patch(f"/annotations({N1})", {"subject": "three"}, If_Match=version).error
    assert refused == (412, "0x80060882", "The version of the existing record doesn't match the RowVersion property provided.")
    assert api.get(f"/annotations({N1})").json["subject"] == "two"


def test_a_missing_target_leaves_nothing(api):
    missing = "99999999-0000-0000-0000-000000000009"
    status, code, message = api.put_note(N1, **{"objectid_contact@odata.bind": f"/contacts({missing})"}).error
    assert (status, code) == (404, "0x80040217") and f"With Id = {missing} Does Not Exist" in message
    assert api.get(f"/annotations({N1})").status == 404


def test_length_counts_utf16_units(api):
    wanted = (400, "0x80044331", "A validation error occurred.  The length of the 'subject' attribute of the 'annotation' "
              "entity exceeded the maximum allowed length of '500'.")
    assert api.put_note(N1, subject="x" * 501).error == wanted
    assert api.put_note(N1, subject="🎉" * 250 + "x").error == wanted
    assert api.put_note(N1, subject="🎉" * 250).status == 204
    assert api.put_note(N2, subject="x" * 500).status == 204


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "\ud800", "\uffff"])
def test_characters_that_xml_cannot_hold_are_refused(api, text):
    assert api.put_note(N1, notetext=text).error[:2] == (400, "0x80040278")
    assert api.put_note(N1, notetext="tab\tand\r\nnewline 🎉").status == 204


@pytest.mark.parametrize("name", ["objectid", "Objectid_contact", "queueid"])
def test_an_undeclared_navigation_property_is_refused(api, name):
    status, code, message = api.put_note(N1, **{f"{name}@odata.bind": f"/queues({Q1})"}).error
    assert (status, code) == (400, "0x80048d19") and f"An undeclared property '{name}'" in message
    assert "Error identified in Payload provided by the user for Entity :'annotations'" in message
    assert api.get(f"/annotations({N1})").status == 404


@pytest.mark.parametrize("body", [
    '{"subject":"x",}', "{'subject':'x'}", '{"subject":"x","subject":"y"}', "[]", "", '{"subject":NaN}', "\xff"])
def test_malformed_json_is_refused(api, body):
    raw = body.encode("latin-1")
    status, code, _ = api.send("PATCH", f"/annotations({N1})", raw, Content_Type="application/json").error
    assert (status, code) == (400, "0x80048d19")


@pytest.mark.parametrize("values", [
    {"Subject": "x"}, {"subject": 5}, {"isdocument": "true"}, {"_objectid_value": C1}, {"_objectid_value": None}, {"objectid": C1}, {"unknown": None}, {"isdocument": 1},
    {"@odata.type": "Microsoft.Dynamics.CRM.contact"}])
def test_a_wrong_property_or_type_is_refused(api, values):
    status, code, _ = api.put_note(N1, **values).error
    assert (status, code) == (400, "0x80048d19")


def test_a_bind_to_the_wrong_table_is_refused(api):
    assert api.put_note(N1, **{"objectid_contact@odata.bind": f"/accounts({A1})"}).error[:2] == (400, "0x80048d19")
    for wrong in ("/contacts(not-a-guid)", "contacts", 5, {"id": C1}):
        assert api.put_note(N1, **{"objectid_contact@odata.bind": wrong}).error[:2] == (400, "0x80048d19")
    assert "An undeclared property 'nothing'" in api.put_note(N1, **{"nothing@odata.type": "x"}).error[2]
    assert api.put_note(N1, objectid_contact={"lastname": "deep insert"}).status == 501
    assert api.put_note(N1, **{"objectid_contact@odata.bind": f"/Contacts({C1})"}).error[:2] == (404, "0x8006088a")


def test_a_bind_may_be_absolute(api, world):
    url = f"{world.base}/orgs/org/api/data/v9.2/contacts({C1})"
    assert api.put_note(N1, **{"objectid_contact@odata.bind": url}).status == 204


def test_a_computed_column_is_read_only(api):
    assert api.patch(f"/contacts({C1})", {"fullname": "X"}).error[:2] == (400, "0x80040203")
    assert api.post("/contacts", {"createdby@odata.bind": f"/systemusers({USER})"}).error[:2] == (400, "0x80040203")
    assert api.post("/annotations", {"ownerid": None}).error[:2] == (400, "0x80040203")
    assert api.post("/incidents", {**CASE, "ticketnumber": "CAS-1"}).error[:2] == (400, "0x80040203")
    assert api.patch(f"/contacts({C1})", {"firstname": "Ann"}).status == 204
    assert api.get(f"/contacts({C1})").json["fullname"] == "Ann O'Brien"


def test_a_key_in_the_body_must_be_the_urls(api):
    assert api.put_note(N1, annotationid=N2).error[:2] == (400, "0x80048d19")
    assert api.put_note(N1, annotationid=N1).status == 204


def test_a_time_needs_its_zone(api):
    appointment = {"subject": "x", "scheduledstart": "2026-02-03T09:00:00"}
    assert api.post("/appointments", appointment).error[:2] == (400, "0x80048d19")


def test_a_body_that_is_no_json_by_its_header_is_refused(api):
    assert api.send("PATCH", f"/annotations({N1})", b"{}", Content_Type="text/plain").status == 415


def test_a_malformed_key_and_an_unknown_alternate_key_are_refused(api):
    assert api.get("/contacts(123)").status == 400
    assert api.get("/contacts(emailaddress1='x')").error[:2] == (400, "0x80060891")


def test_sets_and_rows_know_their_verbs(api):
    assert api.patch("/contacts", {}).error[:2] == (405, "0x80060888")
    assert api.send("DELETE", "/contacts").status == 405
    assert api.post(f"/contacts({C1})", {}).error[:2] == (405, "0x80060888")
    assert api.post(f"/contacts({C1})/parentcustomerid_account", {}).error[:2] == (404, "0x8006088a")


def test_a_post_answers_with_the_address_or_the_row(api):
    reply = api.post("/contacts", {"lastname": "Ny"})
    assert reply.status == 204 and "/contacts(" in reply.headers["OData-EntityId"]
    taken = api.post("/contacts", {"contactid": C1, "lastname": "Ny"})
    assert taken.error == (412, "0x80040237", "A record with matching key values already exists.")


def test_a_deleted_row_is_gone_and_its_notes_with_it(api):
    api.put_note(N1)
    assert api.send("DELETE", f"/contacts({C1})").status == 204
    assert api.send("DELETE", f"/contacts({C1})").status == 404
    assert api.get(f"/annotations({N1})").status == 404


def test_a_case_gets_a_ticket_and_its_defaults(api):
    reply = api.post(TICKET, CASE, Prefer="return=representation")
    assert reply.status == 201 and reply.json["ticketnumber"] and reply.json["prioritycode"] == 2
    assert "OData-EntityId" not in reply.headers
    case = api.get(f"/incidents({reply.json['incidentid']})").json
    assert (case["statecode"], case["statuscode"], case["_ownerid_value"]) == (0, 1, USER)
    second = api.post(TICKET, CASE, Prefer="return=representation").json
    assert second["ticketnumber"] != reply.json["ticketnumber"]


def test_a_case_needs_a_customer(api, world):
    body = {"title": CASE["title"]}
    assert api.post("/incidents", body).error == (400, "0x80044410", "You should specify a parent contact or account.")
    world.control("POST", "switches", {"org": "org", "switches": {"relaxedCustomer": True}})
    assert api.post("/incidents", body).status == 204


def test_a_cases_contact_must_belong_to_its_account(api):
    body = {"title": "x", "customerid_account@odata.bind": f"/accounts({A1})"}
    wrong = api.post("/incidents", {**body, "primarycontactid@odata.bind": f"/contacts({C2})"})
    assert wrong.error[:2] == (400, "0x8004f864")
    assert api.post("/incidents", {**body, "primarycontactid@odata.bind": f"/contacts({C1})"}).status == 204
    other = {"title": "x", "customerid_contact@odata.bind": f"/contacts({C2})", "primarycontactid@odata.bind": f"/contacts({C1})"}
    assert api.post("/incidents", other).error[:2] == (400, "0x8004f865")


def test_a_choice_takes_its_values_only(api, world):
    refused = api.post("/incidents", {**CASE, "prioritycode": 4}).error
    assert refused == (400, "0x8004431a", "A validation error occurred. The value 4 of 'prioritycode' on record of type "
                       "'incident' is outside the valid range. Accepted Values: 1,2,3")
    assert api.post("/incidents", {**CASE, "prioritycode": "High"}).error[1] == "0x80048d19"
    world.control("POST", "switches", {"org": "org", "switches": {"extraPriority": True}})
    assert api.post("/incidents", {**CASE, "prioritycode": 4}).status == 204


def test_a_cases_description_is_as_long_as_the_organisation_says(api, world):
    body = {**CASE, "description": "x" * 2001}
    assert "'description' attribute of the 'incident' entity" in api.post("/incidents", body).error[2]
    world.control("POST", "limits", {"org": "org", "lengths": {"incident.description": 10000}})
    assert api.post(TICKET, body, Prefer="return=representation").status == 201


def test_a_case_has_no_queue_column(api):
    status, code, message = api.post("/incidents", {**CASE, "queueid@odata.bind": f"/queues({Q1})"}).error
    assert (status, code) == (400, "0x80048d19") and "An undeclared property 'queueid'" in message


def test_a_record_is_in_one_queue_at_a_time(api, world):
    case = api.post(TICKET, CASE, Prefer="return=representation").json["incidentid"]
    target = {"Target": {"@odata.type": "Microsoft.Dynamics.CRM.incident", "incidentid": case}}
    first = api.post(f"/queues({Q1})/Microsoft.Dynamics.CRM.AddToQueue", target)
    assert first.status == 200 and first.json["QueueItemId"]
    assert api.post(f"/queues({Q2})/Microsoft.Dynamics.CRM.AddToQueue", target).status == 200
    items = [row for row in world.control("GET", "rows/org/queueitems")["rows"] if row["statecode"] == 0]
    assert [(row["_queueid_value"], row["_objectid_value"]) for row in items] == [(Q2, case)]
    missing = api.post("/queues(99999999-0000-0000-0000-000000000009)/Microsoft.Dynamics.CRM.AddToQueue", target)
    assert missing.error[:2] == (404, "0x80040217")


def to_queue(api, queue, target):
    return api.post(f"/queues({queue})/Microsoft.Dynamics.CRM.AddToQueue", target)


def test_a_wrong_target_goes_into_no_queue(api, world):
    case = api.post(TICKET, CASE, Prefer="return=representation").json["incidentid"]
    entity = {"@odata.type": "Microsoft.Dynamics.CRM.incident", "incidentid": case}
    for wrong in ({}, {"Target": case}, {"Target": {"incidentid": case}}, {"Target": {**entity, "incidentid": "x"}},
                  {"Target": {**entity, "@odata.type": "Microsoft.Dynamics.CRM.nothing"}}, {"Target": entity, "Queue": Q1}):
        assert to_queue(api, Q1, wrong).error[:2] == (400, "0x80048d19")
    assert to_queue(api, Q1, {"Target": {**entity, "incidentid": N1}}).error[:2] == (404, "0x80040217")
    world.control("PATCH", f"rows/org/queues/{Q1}", {"statecode": 1})
    assert to_queue(api, Q1, {"Target": entity}).error[:2] == (400, "0x80040522")
    world.control("PATCH", f"rows/org/incidents/{case}", {"statecode": 1})
    assert to_queue(api, Q2, {"Target": entity}).error[:2] == (400, "0x8004051e")
    assert world.control("GET", "rows/org/queueitems")["rows"] == []


def test_an_unknown_or_misspelt_action_is_refused(api):
    assert api.post(f"/queues({Q1})/Microsoft.Dynamics.CRM.addToQueue", {}).error[:2] == (404, "0x8006088a")


def test_duplicate_rules_sleep_unless_the_header_wakes_them(api, world):
    body = {"lastname": "Twin", "emailaddress1": "anna.obrien@contoso.example"}
    assert api.post("/contacts", body).status == 204
    woken = {"MSCRM.SuppressDuplicateDetection": "false"}
    assert api.post("/contacts", body, **woken).error[:2] == (500, "0x80040333")
    world.control("POST", "switches", {"org": "org", "switches": {"duplicateStatus412": True}})
    assert api.post("/contacts", body, **woken).error[:2] == (412, "0x80040333")


def test_the_codes_of_preconditions_may_be_empty(api, world):
    world.control("POST", "switches", {"org": "org", "switches": {"emptyPreconditionCodes": True}})
    api.put_note(N1)
    assert api.put_note(N1).error[:2] == (412, "")
    assert api.patch(f"/annotations({N2})", {}, If_Match="*").error[:2] == (404, "")


def test_a_body_above_the_limit_is_refused_without_json(api, world):
    world.control("POST", "limits", {"org": "org", "throttle": {"body_bytes": 1000}})
    reply = api.put_note(N1, notetext="x" * 2000)
    assert reply.status == 413 and reply.headers["Content-Type"] == "text/html"


def test_notes_belong_to_appointments_too(api):
    note = {"subject": "x", "objectid_appointment@odata.bind": f"/appointments({P1})"}
    assert api.patch(f"/annotations({N1})", json.dumps(note), Content_Type="application/json").status == 204
    found = api.get(f"/appointments({P1})/Appointment_Annotation", {"$select": "annotationid"}).rows
    assert [row["annotationid"] for row in found] == [N1]
