"""Queries: what they find and what is refused."""
import socket
import urllib.parse

import pytest
from conftest import A1, API, C1, C2, C3, C4, N1, P1, P2

JOIN_URL = ("https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0"
            "?context=%7b%22Tid%22%3a%22t1%22%7d")


def ids(reply, key="contactid"):
    assert reply.status == 200, reply.body
    return [row[key] for row in reply.rows]


def test_who_am_i_names_user_and_organisation(api):
    reply = api.get("/WhoAmI")
    assert reply.status == 200
    assert reply.json["@odata.context"].endswith("$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse")
    assert reply.json["UserId"].endswith("a1") and reply.json["OrganizationId"] and reply.json["BusinessUnitId"]
    assert reply.headers["x-ms-dop-hint"]


def test_who_am_i_is_no_action(api):
    status, code, message = api.post("/WhoAmI", {}).error
    assert (status, code) == (404, "") and message.startswith("No HTTP resource was found that matches the request URI")


def test_an_address_is_found_in_any_letter_case_with_its_account(api):
    reply = api.get("/contacts", {"$select": "contactid,fullname", "$expand": "parentcustomerid_account($select=accountid,name)",
                                  "$filter": "emailaddress1 eq 'ANNA.OBRIEN@CONTOSO.EXAMPLE' and statecode eq 0"})
    assert ids(reply) == [C1]
    assert reply.rows[0]["parentcustomerid_account"]["accountid"] == A1
    assert reply.rows[0]["fullname"] == "Anna O'Brien"


def test_a_quote_is_doubled_in_a_literal(api):
    assert ids(api.get("/contacts", {"$filter": "lastname eq 'O''Brien'"})) == [C1]


def test_inactive_rows_come_unless_filtered(api):
    options = {"$select": "contactid,statecode", "$filter": "emailaddress1 eq 'shared@contoso.example'",
               "$orderby": "modifiedon desc"}
    assert ids(api.get("/contacts", options)) == [C3, C2]
    options["$filter"] += " and statecode eq 0"
    assert ids(api.get("/contacts", options)) == [C2]


def test_a_broken_quote_is_refused(api):
    status, code, message = api.get("/contacts", {"$filter": "lastname eq 'O'Brien'"}).error
    assert (status, code) == (400, "0x80060888")
    assert message == "There is an unterminated literal at position 21 in 'lastname eq 'O'Brien''."


def test_percent_signs_are_wildcards_in_functions(api):
    assert ids(api.send("GET", "/contacts?$select=contactid&$filter=contains(mobilephone,'70%25123%2545%2567')")) == [C1]
    assert ids(api.get("/contacts", {"$filter": "contains(mobilephone,'701234567')"})) == []


def test_an_unknown_column_is_refused_wherever_it_stands(api):
    wanted = (400, "0x80060888", "Could not find a property named 'Fullname' on type 'Microsoft.Dynamics.CRM.contact'.")
    for options in ({"$select": "Fullname"}, {"$filter": "Fullname eq 'x'"}, {"$orderby": "Fullname"},
                    {"$expand": "Fullname($select=name)"}):
        assert api.get("/contacts", options).error == wanted


def test_an_unknown_set_is_refused_and_names_are_case_sensitive(api):
    assert api.get("/Contact").error == (404, "0x8006088a", "Resource not found for the segment 'Contact'.")
    assert api.get("/Contacts").status == 404


def test_pages_are_followed_by_their_link(api, world):
    reply = api.get("/contacts", {"$select": "fullname"}, Prefer="odata.maxpagesize=2")
    assert len(reply.rows) == 2 and reply.headers["Preference-Applied"] == "odata.maxpagesize=2"
    link = urllib.parse.urlsplit(reply.json["@odata.nextLink"])
    assert link.netloc == f"127.0.0.1:{world.port}"
    after = api.get(f"{link.path[len(API):]}?{link.query}", Prefer="odata.maxpagesize=2")
    assert len(after.rows) == 2 and "@odata.nextLink" not in after.json
    assert not {row["contactid"] for row in reply.rows} & {row["contactid"] for row in after.rows}


def test_an_appointment_is_found_by_address_and_start(api):
    condition = (f"onlinemeetingjoinurl eq '{JOIN_URL}' and scheduledstart ge 2026-02-03T08:30:00Z "
                 "and scheduledstart le 2026-02-03T09:30:00Z")
    assert ids(api.get("/appointments", {"$select": "activityid", "$filter": condition}), "activityid") == [P1]
    both = api.get("/appointments", {"$filter": f"onlinemeetingjoinurl eq '{JOIN_URL}'", "$orderby": "scheduledstart asc"})
    assert ids(both, "activityid") == [P1, P2]


def test_an_address_whose_percent_signs_were_not_encoded_finds_nothing(api):
    half = urllib.parse.quote(JOIN_URL, safe="%")
    assert ids(api.send("GET", f"/appointments?$filter=onlinemeetingjoinurl%20eq%20'{half}'"), "activityid") == []


@pytest.mark.parametrize("option", ["$skip=1", "$search=x", "$format=json", "$Select=fullname", "select=fullname", "$apply=x"])
def test_what_is_not_supported_is_refused(api, option):
    assert api.send("GET", f"/contacts?{option}").status == 400


@pytest.mark.parametrize("condition, found", [
    ("not (statecode eq 0)", [C3]),
    ("not contains(lastname,'o') and statecode eq 0", [C4]),
    ("parentcustomerid eq null", None),
    ("_parentcustomerid_value eq null and telephone1 ne null", [C4]),
    (f"_parentcustomerid_value eq {A1}", [C1]),
    ("telephone1 ne '08-555 010 20'", [C1, C2, C3]),
    ("startswith(firstname,'sHa')", [C2, C3]),
    ("endswith(emailaddress1,'.example')", [C1, C2, C3]),
    ("contains(telephone1,'8[-]555')", [C4]),
    ("contains(emailaddress1,'a_na')", [C1]),
    ("contains(emailaddress1,'ann_.')", [C1]),
    ("contains(emailaddress1,'ann[_]')", []),
    ("contains(mobilephone,'[^0-9]70')", [C1]),
    ("startswith(mobilephone,'+46%67') and endswith(mobilephone,'+%6_')", [C1]),
    ("startswith(mobilephone,'46')", []),
    ("endswith(mobilephone,'45 6')", []),
    ("contains(lastname,'" + "%o" * 30 + "')", []),
    ("modifiedon ge 2026-01-13T08:00:00Z", [C3, C4]),
    ("modifiedon gt 2026-01-13T09:00:00+01:00", [C4]),
    ("statecode ge 1 or telephone1 eq '08-555 010 20'", [C3, C4]),
    ("emailaddress1 eq 'shared@contoso.example' or emailaddress1 eq 'ANNA.OBRIEN@contoso.example'", [C1, C2, C3]),
    ('Microsoft.Dynamics.CRM.In(PropertyName=\'telephone1\',PropertyValues=["08-555 010 20","o\'x"])', [C4]),
    ("statecode eq '0'", None),
    ("emailaddress1 eq 5", None),
    ("emailaddress1 like 'x'", None),
    ("contains(statecode,'0')", None),
    ("concat(firstname,'x') eq 'y'", None),
    ("emailaddress1 eq", None),
    ("(statecode eq 0", None),
    ("statecode EQ 0", None),
    ("statecode eq " + "9" * 5000, None),
    ("modifiedon eq 2026-13-45T08:00:00Z", None),
    ("statecode gt null", None),
    ('Microsoft.Dynamics.CRM.In(PropertyName=\'telephone1\',PropertyValues=["\\x"])', None),
    ("Microsoft.Dynamics.CRM.Today(PropertyName='modifiedon',PropertyValues=[\"x\"])", None)])
def test_filters(api, condition, found):
    reply = api.get("/contacts", {"$select": "contactid", "$filter": condition})
    if found is None:
        assert reply.error[:2] == (400, "0x80060888")
    else:
        assert sorted(ids(reply)) == found


def test_a_hostile_pattern_costs_no_more_than_a_kind_one(api, world):
    world.control("PATCH", f"rows/org/contacts/{C1}", {"lastname": "a" * 50})
    assert ids(api.get("/contacts", {"$filter": f"contains(lastname,'{'%a' * 25}b')"})) == []
    assert ids(api.get("/contacts", {"$filter": f"contains(lastname,'{'%a' * 25}')"})) == [C1]


def test_a_filter_may_not_be_nested_without_end(api):
    deep = "(statecode eq 0 and " * 900 + "statecode eq 0" + ")" * 900
    assert api.get("/contacts", {"$filter": deep}).status == 400


@pytest.mark.parametrize("raw", ["'é'", '"x"', "{x}", "a|b"])
def test_what_a_url_never_holds_must_be_encoded(world, api, raw):
    with socket.create_connection(("127.0.0.1", world.port)) as connection:
        connection.sendall(f"GET {API}/contacts?$filter=lastname%20eq%20{raw} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                           f"Authorization: {api.headers['Authorization']}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_an_alias_stands_for_a_value(api):
    assert ids(api.get("/contacts", {"$filter": "lastname eq @p1 and statecode eq @p2", "@p1": "'O''Brien'", "@p2": "0"})) == [C1]


def test_a_bare_plus_is_a_space(api):
    assert ids(api.send("GET", "/contacts?$filter=startswith(mobilephone,'+46')")) == []
    assert ids(api.send("GET", "/contacts?$filter=startswith(mobilephone,'%2B46')")) == [C1]


def test_rows_are_counted(api):
    reply = api.get("/contacts", {"$count": "true", "$top": 1, "$select": "contactid", "$filter": "statecode eq 0"})
    assert reply.json["@odata.count"] == 3 and len(reply.rows) == 1
    assert api.get("/contacts/$count").body == b"4"
    assert api.get("/contacts", {"$top": "-1"}).status == 400 and api.get("/contacts", {"$top": "9" * 5000}).status == 400


def test_top_is_ignored_beside_a_page_size(api):
    assert len(api.get("/contacts", {"$top": 1}, Prefer="odata.maxpagesize=3").rows) == 3


def test_an_empty_lookup_expands_to_null(api):
    rows = api.get("/contacts", {"$expand": "parentcustomerid_account($select=name)", "$orderby": "createdon"}).rows
    assert [row["parentcustomerid_account"] and row["parentcustomerid_account"]["name"] for row in rows] == [
        "Contoso AB", None, None, None]


def test_collections_are_expanded_but_not_together_with_top(api):
    api.put_note(N1)
    options = {"$select": "fullname", "$expand": "Contact_Annotation($select=subject;$orderby=createdon desc;$top=1)"}
    rows = api.get("/contacts", {**options, "$filter": f"contactid eq {C1}"}).rows
    assert [note["annotationid"] for note in rows[0]["Contact_Annotation"]] == [N1]
    assert api.get("/contacts", {**options, "$top": 5}).error[:2] == (400, "0x80060888")


def test_annotations_come_when_asked_for(api):
    plain = api.get(f"/contacts({C1})", {"$select": "_parentcustomerid_value,statecode"}).json
    assert not any("lookuplogicalname" in name for name in plain)
    reply = api.get(f"/contacts({C1})", {"$select": "_parentcustomerid_value,statecode"},
                    Prefer='odata.include-annotations="*"')
    assert reply.json["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "account"
    assert reply.json["statecode@OData.Community.Display.V1.FormattedValue"] == "Active"


def test_the_key_comes_back_unasked_and_versions_too(api):
    row = api.get("/contacts", {"$select": "lastname"}).rows[0]
    assert row["contactid"] and row["@odata.etag"].startswith('W/"')
    assert "firstname" not in row


@pytest.mark.parametrize("path, options", [
    ("/contacts", {"$expand": "parentcustomerid_account($filter=name eq 'x')"}),
    ("/contacts", {"$expand": "parentcustomerid_account($top=1)"}),
    ("/contacts", {"$expand": "parentcustomerid_account($select=Name)"}),
    ("/contacts", {"$expand": "Contact_Annotation($orderby=nothing)"}),
    ("/contacts", {"$expand": "Contact_Annotation($filter=nothing eq 1)"}),
    ("/contacts", {"$expand": "Contact_Annotation($skip=1)"}),
    ("/contacts", {"$expand": "nothing($select=name)"}),
    ("/contacts", {"$count": "yes"}),
    ("/contacts", {"$skiptoken": "garbage"}),
    ("/contacts", {"$orderby": "createdon descending"}),
    ("/contacts", {"$select": "fullname,"}),
    (f"/contacts({C1})", {"$filter": "statecode eq 0"}),
    (f"/contacts({C1})", {"$top": "1"}),
    ("/contacts/$count", {"$select": "fullname"})])
def test_a_wrong_query_is_refused(api, path, options):
    assert api.get(path, options).error[:2] == (400, "0x80060888")


@pytest.mark.parametrize("size", ["0", "x", "-1"])
def test_a_wrong_page_size_is_refused(api, size):
    assert api.get("/contacts", Prefer=f"odata.maxpagesize={size}").status == 400


def test_an_option_stands_once(api):
    assert api.send("GET", "/contacts?$top=1&$top=2").status == 400


def test_related_rows_are_read_along_their_navigation(api):
    assert api.get(f"/contacts({C1})/parentcustomerid_account", {"$select": "name"}).json["name"] == "Contoso AB"
    assert ids(api.get(f"/accounts({A1})/contact_customer_accounts", {"$select": "contactid"})) == [C1]
    assert api.get(f"/contacts({C2})/parentcustomerid_account").status == 404
    assert api.get(f"/contacts({C1})/nothing").error[:2] == (404, "0x8006088a")


@pytest.mark.parametrize("path, status, code", [
    ("/contacts%ff", 400, "0x80060888"),
    ("/contacts?$filter=%ff", 400, "0x80060888"),
    ("/contacts(", 404, "0x8006088a"),
    ("/contacts/nothing", 404, "0x8006088a"),
    ("/EntityDefinitions(LogicalName='contact')/Attributes(LogicalName='lastname')/Microsoft.Dynamics.CRM.StringAttributeMetadata/x", 404, "0x8006088a")])
def test_a_path_that_leads_nowhere_is_refused(api, path, status, code):
    assert api.send("GET", path).error[:2] == (status, code)


def test_only_its_own_version_is_served(world, api):
    assert world.request("GET", "/orgs/org/api/data/v8.2/contacts", None, api.headers).status == 404
