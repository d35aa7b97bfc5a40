"""Pipedrive's persons and deals: nothing is unique, the search lags, and not everybody sees everything."""
import pytest
from company import Company, refused


def mails(*values):
    return [{"value": value, "primary": number == 0, "label": "work"} for number, value in enumerate(values)]


def test_the_search_sees_a_write_when_its_index_does(acme):
    created = acme.post("/v2/persons", {"name": "Ola Nord", "emails": mails("ola@nord.test")}).json["data"]["id"]
    assert acme.search("ola@nord.test", exact_match="true") == []
    assert created in [row["id"] for row in acme.get("/v2/persons", sort_by="add_time", sort_direction="desc", limit=1).json["data"]]
    acme.world.control("POST", "clock", {"advance": 5.1})
    assert acme.search("ola@nord.test", exact_match="true") == [created]
    acme.send("PATCH", f"/v2/persons/{created}", {"emails": mails("new@nord.test")})
    assert (acme.search("ola@nord.test"), acme.search("new@nord.test")) == ([created], [])
    acme.switch(indexLag=0)
    assert (acme.search("ola@nord.test"), acme.search("new@nord.test")) == ([], [created])
    acme.send("DELETE", f"/v2/persons/{created}")
    assert acme.search("new@nord.test") == []


@pytest.mark.parametrize("term, query, found", [
    ("JANE@CLIENT.TEST", {"exact_match": "true"}, [7]),
    ("jane@client", {"exact_match": "true"}, []),
    ("jane@client", {}, [7]),
    ("jane@client.test", {"exact_match": "true", "fields": "phone"}, []),
    ("+372 (55) 123468", {"exact_match": "true", "fields": "phone"}, [7]),
    ("+37255123468", {"exact_match": "true", "fields": "phone"}, [19]),
    ("+37255123468", {"fields": "phone"}, [7, 19]),
    ("doe", {"fields": "name"}, [7, 19]),
    ("doe", {"fields": "name,email"}, [7, 19]),
    ("doe", {"fields": "email"}, []),
    ("7", {"exact_match": "true"}, []),
    ("jane", {"organization_id": 4}, [7]),
    ("jane", {"organization_id": 5}, [])])
def test_what_the_search_finds(acme, term, query, found):
    assert sorted(acme.search(term, **query)) == found


def test_digits_in_a_phone_are_a_switch(acme):
    acme.switch(searchDigits=False)
    assert acme.search("55123468", fields="phone") == [19] and sorted(acme.search("123468", fields="phone")) == [7, 19]


def test_equal_scores_come_in_an_order_that_means_nothing(acme):
    orders = set()
    for seed in range(12):
        acme.switch(seed=seed)
        orders.add(tuple(acme.search("twin@client.test", exact_match="true")))
    assert orders == {(20, 21), (21, 20)}


def test_the_search_has_pages(acme):
    first = acme.get("/v2/persons/search", term="client.test", limit=2)
    rest = acme.get("/v2/persons/search", term="client.test", limit=100, cursor=first.json["additional_data"]["next_cursor"])
    assert len(first.json["data"]["items"]) == 2 and rest.json["additional_data"]["next_cursor"] is None
    ids = [hit["item"]["id"] for reply in (first, rest) for hit in reply.json["data"]["items"]]
    assert sorted(ids) == [7, 20, 21, 22, 23]


def test_who_may_not_see_a_person_does_not_find_it(acme):
    lee, ash = Company(acme.world, "lee-token"), Company(acme.world, "ash-token")
    for user, found in ((acme, [22]), (lee, []), (ash, [22])):
        assert user.search("mine@client.test") == found
        assert [row["id"] for row in user.get("/v2/persons", ids="22").json["data"]] == found
        assert user.get("/v2/persons/22").status == (200 if found else 404)
    refused(lee.note(person_id=22), 404, "Person not found")
    acme.switch(invisibleStatus=403)
    refused(lee.note(person_id=22), 403, "access")


def test_on_large_plans_visibility_follows_groups(acme):
    lee = Company(acme.world, "lee-token")
    acme.limit(plan="premium")
    assert lee.search("jane@client.test") == []
    acme.world.control("POST", "users", {"org": "acme", "user": 12, "group": 1})
    assert lee.search("jane@client.test") == [7]


def test_nothing_about_a_person_is_unique(acme):
    twins = [acme.post("/v2/persons", {"name": "Ola", "emails": mails("ola@nord.test")}).json["data"]["id"] for _ in range(2)]
    assert twins == [24, 25]


def test_a_patch_replaces_whole_arrays(acme):
    reply = acme.send("PATCH", "/v2/persons/7", {"emails": mails("jd@client.test"), "name": "Jane D"})
    assert [mail["value"] for mail in reply.json["data"]["emails"]] == ["jd@client.test"] and reply.json["data"]["phones"] != []
    assert reply.json["data"]["update_time"] > reply.json["data"]["add_time"]


def test_the_first_mail_is_primary_unless_another_is(acme):
    created = acme.post("/v2/persons", {"name": "Ola", "emails": [{"value": "a@x.test"}, {"value": "b@x.test"}]}).json["data"]
    assert created["emails"] == [{"value": "a@x.test", "primary": True, "label": "work"},
                                 {"value": "b@x.test", "primary": False, "label": "work"}]


def test_a_deleted_person_is_marked_and_gone_from_lists(acme):
    assert acme.send("DELETE", "/v2/persons/20").json == {"success": True, "data": {"id": 20}}
    assert acme.get("/v2/persons/20").json["data"]["is_deleted"] is True
    assert 20 not in [row["id"] for row in acme.get("/v2/persons").json["data"]]
    refused(acme.note(person_id=20), 404, "Person not found")
    refused(acme.send("PATCH", "/v2/persons/20", {"name": "x"}), 404, "Person not found")
    refused(acme.send("DELETE", "/v2/persons/20"), 404, "Person not found")
    acme.world.control("POST", "clock", {"advance": 29 * 86400})
    assert acme.get("/v2/persons/20").status == 200
    acme.world.control("POST", "clock", {"advance": 2 * 86400})
    refused(acme.get("/v2/persons/20"), 404, "Person not found")
    acme.send("DELETE", "/v2/persons/21")
    acme.switch(deletedReadable=False)
    refused(acme.get("/v2/persons/21"), 404, "Person not found")


def test_what_is_deleted_may_be_gone_at_once(acme):
    acme.switch(deletedReadable=False)
    acme.send("DELETE", "/v2/persons/20")
    refused(acme.get("/v2/persons/20"), 404, "Person not found")


def test_persons_are_listed_by_time_and_owner(acme):
    assert [row["id"] for row in acme.get("/v2/persons", sort_by="add_time", sort_direction="desc", limit=3).json["data"]] == [23, 22, 21]
    assert [row["id"] for row in acme.get("/v2/persons", ids="7,19,999").json["data"]] == [7, 19]
    assert acme.get("/v2/persons", owner_id=12).json["data"] == []
    assert [row["id"] for row in acme.get("/v2/persons", org_id=4).json["data"]] == [7]
    assert [row["id"] for row in acme.get("/v2/persons", deal_id=52).json["data"]] == [7]
    assert [row["id"] for row in acme.get("/v2/persons", updated_since="2026-01-05T08:00:00Z").json["data"]] == [22, 23]


def test_a_merge_moves_what_hung_on_the_person(acme):
    acme.send("PATCH", "/v2/persons/20", {"emails": mails("twin@client.test", "JANE@client.test")})
    note = acme.note(person_id=20).json["data"]["id"]
    work = acme.activity(participants=[{"person_id": 20}]).json["data"]["id"]
    reply = acme.send("PUT", "/v1/persons/20/merge", {"merge_with_id": 7})
    assert reply.status == 200 and (reply.json["data"]["id"], reply.json["data"]["merge_what_id"]) == (7, 20)
    assert note in acme.notes(person_id=7)
    assert acme.get(f"/v2/activities/{work}").json["data"]["person_id"] == 7
    refused(acme.get("/v2/persons/20"), 404, "Person not found")
    assert [mail["value"] for mail in acme.get("/v2/persons/7").json["data"]["emails"]] == ["Jane@client.test", "twin@client.test"]
    assert ["delete", "persons", 20] in acme.world.journal(kind="write")[-1]["effects"]


def test_a_merged_persons_old_id_is_a_switch(acme):
    acme.switch(mergedGone=False)
    acme.send("PUT", "/v1/persons/20/merge", {"merge_with_id": 7})
    assert acme.get("/v2/persons/20").json["data"]["is_deleted"] is True


def deals(acme, path="/v2/deals", **query):
    return [deal["id"] for deal in acme.get(path, **query).json["data"]]


def test_archived_and_deleted_deals_are_not_in_the_list(acme):
    assert deals(acme, person_id=7) == [50, 51, 52]
    assert deals(acme, person_id=7, sort_by="add_time", sort_direction="desc") == [52, 51, 50]
    assert deals(acme, person_id=7, status="lost") == [50] and deals(acme, person_id=7, status="open,won") == [51, 52]
    assert deals(acme, person_id=7, status="deleted") == [54]
    assert deals(acme, "/v2/deals/archived", person_id=7) == [53]
    assert acme.get("/v2/deals/53").json["data"]["is_archived"] is True


def test_a_participants_deals_are_listed_only_if_the_switch_says_so(acme):
    acme.world.control("PATCH", "rows/acme/deals/60", {"participant_ids": [7]})
    assert deals(acme, person_id=7) == [50, 51, 52]
    acme.switch(participantListsDeals=True)
    assert deals(acme, person_id=7) == [50, 51, 52, 60]


def test_deals_of_the_same_second_come_by_id_whatever_the_direction(acme):
    assert deals(acme, person_id=23, sort_by="add_time", sort_direction="desc") == [60, 61]


def test_an_archived_deal_takes_no_note_and_no_activity(acme):
    refused(acme.note(deal_id=53), 400, "Archived deals cannot be edited.")
    refused(acme.activity(deal_id=53), 400, "Archived deals cannot be edited.", "ERR_BAD_REQUEST")
    acme.switch(notesOnArchivedDeals=True)
    assert acme.note(deal_id=53).status == 200


def test_a_deal_that_is_not_there(acme):
    refused(acme.get("/v2/deals/999"), 404, "Deal not found")
    assert acme.get("/v2/deals/54").json["data"]["is_deleted"] is True
    refused(acme.note(deal_id=54), 404, "Deal not found")


def test_a_company_wide_search_finds_persons_too(acme):
    reply = acme.get("/v2/itemSearch", term="jane", item_types="person,deal")
    assert [hit["item"]["id"] for hit in reply.json["data"]["items"]] == [7] and reply.json["data"]["related_items"] == []
    refused(acme.get("/v2/itemSearch", term="jane", limit=101), 400, "limit", "ERR_SCHEMA_VALIDATION_FAILED")


def test_recents_tell_what_was_written(acme):
    note = acme.note().json["data"]["id"]
    found = acme.get("/v1/recents", since_timestamp="2026-11-01 00:00:00", items="note").json["data"]
    assert [(each["item"], each["id"]) for each in found] == [("note", note)]
    refused(acme.get("/v1/recents", since_timestamp="soon"), 400, "since_timestamp", "ERR_SCHEMA_VALIDATION_FAILED")


def test_all_users_of_the_company(acme):
    found = acme.get("/v1/users").json["data"]
    assert [(user["id"], user["is_you"]) for user in found] == [(11, True), (12, False), (13, False), (14, False)]
