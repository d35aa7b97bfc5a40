"""Privileges, impersonation, lengths in the metadata, and service protection."""
import http.client
import threading
import time

from conftest import API, C1, N1, N2, PERSON, USER
from waiting import wait_for


def lose(world, *names, user=USER):
    world.control("POST", "users", {"org": "org", "user": user, "lacks": list(names)})


def test_a_missing_right_is_named_and_the_others_stand(api, world):
    lose(world, "prvCreateNote")
    status, code, message = api.put_note(N1).error
    assert (status, code) == (403, "0x80040220")
    assert message.startswith(f"Principal user (Id={USER}, type=8") and "is missing prvCreateNote privilege (Id=" in message
    assert api.get("/contacts").status == 200
    assert api.get(f"/annotations({N1})").status == 404


def test_each_verb_has_its_right(api, world):
    api.put_note(N1)
    lose(world, "prvReadContact", "prvWriteNote", "prvDeleteNote", "prvAppendToContact")
    assert "prvReadContact" in api.get("/contacts").error[2]
    assert "prvReadContact" in api.get("/annotations?$expand=objectid_contact($select=fullname)").error[2]
    assert "prvWriteNote" in api.patch(f"/annotations({N1})", {"subject": "x"}).error[2]
    assert "prvDeleteNote" in api.send("DELETE", f"/annotations({N1})").error[2]
    assert "prvAppendToContact" in api.put_note(N2).error[2]
    world.control("POST", "users", {"org": "org", "user": USER, "grant": ["prvAppendToContact"], "lacks": ["prvAppendNote"]})
    assert "prvAppendNote" in api.put_note(N2).error[2]
    world.control("POST", "users", {"org": "org", "user": USER, "privileges": {"contact": ["Read"]}})
    assert api.get("/contacts").status == 200 and api.get("/accounts").status == 403


def test_a_client_may_ask_which_rights_it_has(api, world):
    lose(world, "prvCreateNote")
    path = f"/systemusers({USER})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)"
    body = api.get(path, {"@p1": '["prvReadContact","prvCreateNote"]'}).json
    assert [(row["PrivilegeName"], row["Depth"]) for row in body["RolePrivileges"]] == [("prvReadContact", "Global")]
    assert api.get(path.replace(USER, N1), {"@p1": '["prvReadContact"]'}).status == 404
    assert api.get(path, {"@p1": "prvReadContact"}).status == 400 and api.get(path).status == 400
    every = api.get(f"/systemusers({USER})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges").json["RolePrivileges"]
    assert len(every) > 20 and "prvCreateNote" not in {row["PrivilegeName"] for row in every}


def test_impersonation_keeps_the_true_actor(api, world):
    assert api.patch(f"/annotations({N1})", {"subject": "x"}, MSCRMCallerID=PERSON).status == 204
    row = api.get(f"/annotations({N1})").json
    assert (row["_createdby_value"], row["_ownerid_value"], row["_createdonbehalfby_value"]) == (PERSON, PERSON, USER)
    lose(world, "prvCreateNote", user=PERSON)
    assert api.patch(f"/annotations({N2})", {}, CallerObjectId="0a000000-0000-0000-0000-000000000001").status == 403
    world.control("POST", "users", {"org": "org", "user": PERSON, "grant": ["prvCreateNote"]})
    lose(world, "prvCreateNote")
    assert api.patch(f"/annotations({N2})", {}, MSCRMCallerID=PERSON).status == 403       # both need it
    assert api.get("/contacts", MSCRMCallerID=N1).error[:2] == (404, "0x80040217")
    lose(world, "prvActOnBehalfOfAnotherUser")
    assert api.get("/contacts", MSCRMCallerID=N1).status == 403
    assert "prvActOnBehalfOfAnotherUser" in api.get("/contacts", MSCRMCallerID=PERSON).error[2]


def definition(table, column, cast):
    return f"/EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{column}')/Microsoft.Dynamics.CRM.{cast}"


def test_metadata_tell_the_length_that_is_enforced(api, world):
    path = definition("incident", "description", "MemoAttributeMetadata") + "?$select=MaxLength"
    body = api.get(path).json
    assert body["MaxLength"] == 2000 and body["MetadataId"] and set(body) == {"@odata.context", "MaxLength", "MetadataId"}
    world.control("POST", "limits", {"lengths": {"annotation.notetext": 10}})
    assert api.get(definition("annotation", "notetext", "MemoAttributeMetadata")).json["MaxLength"] == 10
    assert api.put_note(N1, notetext="x" * 11).error[1] == "0x80044331"
    several = api.get("/EntityDefinitions(LogicalName='annotation')/Attributes/Microsoft.Dynamics.CRM.StringAttributeMetadata",
                      {"$select": "LogicalName,MaxLength", "$filter": "LogicalName eq 'subject' or LogicalName eq 'filename'"}).rows
    assert {row["LogicalName"]: row["MaxLength"] for row in several} == {"subject": 500, "filename": 255}


def test_metadata_tell_the_choices(api):
    body = api.get(definition("incident", "prioritycode", "PicklistAttributeMetadata"),
                   {"$select": "LogicalName", "$expand": "OptionSet"}).json
    options = body["OptionSet"]["Options"]
    assert [(option["Value"], option["Label"]["UserLocalizedLabel"]["Label"]) for option in options] == [
        (1, "High"), (2, "Normal"), (3, "Low")]


def test_metadata_of_the_wrong_kind_or_of_nothing_are_refused(api):
    assert api.get(definition("annotation", "subject", "MemoAttributeMetadata")).status == 404
    assert api.get(definition("annotation", "nothing", "MemoAttributeMetadata")).status == 404
    assert api.get(definition("nothing", "x", "MemoAttributeMetadata")).status == 404
    assert api.get(definition("annotation", "subject", "NoMetadata")).error[:2] == (404, "0x8006088a")
    assert api.get("/EntityDefinitions(annotation)").status == 400
    assert api.get("/EntityDefinitions(LogicalName='annotation')/Keys").error[:2] == (404, "0x8006088a")
    assert api.get("/EntityDefinitions(LogicalName='annotation')?$select=Nothing").status == 400
    assert api.get("/EntityDefinitions(LogicalName='annotation')/Attributes?$filter=Nothing eq 'x'".replace(" ", "%20")).status == 400
    assert api.post("/EntityDefinitions(LogicalName='annotation')", {}).status == 405
    assert api.get("/EntityDefinitions(LogicalName='annotation')?$select=EntitySetName").json["EntitySetName"] == "annotations"


def test_an_organisation_may_lack_online_meetings(api, world):
    world.control("POST", "switches", {"org": "org", "switches": {"onlineMeetingColumns": False}})
    refused = api.get("/appointments?$select=onlinemeetingjoinurl").error
    assert refused[2] == "Could not find a property named 'onlinemeetingjoinurl' on type 'Microsoft.Dynamics.CRM.appointment'."
    assert api.get("/appointments").status == 200
    world.control("POST", "switches", {"org": "org", "switches": {"unknownPropertyCode0x0": True}})
    assert api.get("/appointments?$select=onlinemeetingjoinurl").error[1] == "0x0"


def test_live_work_items_exist_where_the_organisation_says_so(api, world):
    assert api.post("/oc_liveworkitems", {"subject": "x"}).error[1] == "0x8006088a"
    world.control("POST", "switches", {"org": "org", "switches": {"omnichannelTable": True}})
    assert api.post("/oc_liveworkitems", {"subject": "x", "channel": "sms", "contactid_contact@odata.bind": f"/contacts({C1})"}).status == 204


def test_a_disabled_organisation_answers_503(api, world):
    world.control("POST", "switches", {"org": "org", "switches": {"disabled": True}})
    assert api.get("/WhoAmI").error[:2] == (503, "0x8004a104")


def test_too_many_requests_wait_as_long_as_they_are_told(api, world):
    world.control("POST", "limits", {"org": "org", "throttle": {"requests": 5, "window": 2}})
    assert [api.get("/WhoAmI").status for _ in range(5)] == [200] * 5
    reply = api.get("/WhoAmI")
    assert reply.error[:2] == (429, "0x80072322") and "exceeded the limit of 5 over time window" in reply.error[2]
    assert api.get("/WhoAmI").status == 429
    hammered = int(api.get("/WhoAmI").headers["Retry-After"])
    assert hammered > int(reply.headers["Retry-After"]) >= 1
    time.sleep(hammered)                                                # the wait it asked for; asking earlier would lengthen it
    assert api.get("/WhoAmI").status == 200


def test_remaining_budget_is_in_the_headers(api, world):
    world.control("POST", "limits", {"throttle": {"requests": 100, "execution_ms": 5000, "dop_hint": 7}})
    headers = api.get("/WhoAmI").headers
    assert headers["x-ms-dop-hint"] == "7" and headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == "99"
    assert 0 <= int(headers["x-ms-ratelimit-time-remaining-xrm-requests"]) <= 5000
    assert api.get("/contacts?$select=nothing").headers["x-ms-service-request-id"]
    assert headers["x-ms-service-request-id"] and headers["Set-Cookie"].startswith("ARRAffinity=")


def test_execution_time_is_limited(api, world):
    world.control("POST", "limits", {"throttle": {"execution_ms": 50}})
    world.control("POST", "faults", {"match": {"path": "WhoAmI"}, "action": {"delay_ms": 80}, "times": 1})
    assert api.get("/WhoAmI").status == 200
    assert api.get("/WhoAmI").error[:2] == (429, "0x80072321")


def test_concurrency_is_limited_at_once(api, world):
    world.control("POST", "limits", {"throttle": {"concurrent": 1}})
    world.control("POST", "faults", {"match": {"path": "contacts"}, "action": {"hang": True}})
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
    answers = []

    def read():
        connection.request("GET", f"{API}/contacts", headers=api.headers)
        answers.append(connection.getresponse().status)
    thread = threading.Thread(target=read)
    thread.start()
    wait_for(lambda: world.control("GET", "faults")["held"])
    reply = api.get("/WhoAmI")
    assert reply.error[:2] == (429, "0x80072326") and reply.headers["Retry-After"] == "1"
    world.control("POST", "release", {})
    thread.join(30)
    assert answers == [200] and api.get("/WhoAmI").status == 200


def test_an_address_may_be_32768_characters_long_and_no_longer(api):
    def query(length):
        start = f"{API}/contacts?$filter=lastname%20eq%20''"
        return f"/contacts?$filter=lastname%20eq%20'{'x' * (length - len(start))}'"
    assert api.send("GET", query(32000)).status == 200
    assert api.send("GET", query(33000)).status == 414
