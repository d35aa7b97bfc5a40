"""Pipedrive's rate limits: a burst per token, searches per company, and tokens per day."""
import pytest
from company import Company, refreshed

PLANS = [("lite", 20, 80, 30_000), ("growth", 40, 160, 60_000), ("premium", 100, 400, 150_000), ("ultimate", 120, 480, 210_000)]


def left(reply):
    return int(reply.headers["x-daily-ratelimit-token-remaining"])


@pytest.mark.parametrize("plan, of_api, of_oauth, daily", PLANS)
def test_a_burst_is_counted_per_token_and_plan(world, plan, of_api, of_oauth, daily):
    kim, oauth = Company(world), Company(world, access=refreshed(world).json["access_token"])
    kim.limit(plan=plan, window=600)
    reply = kim.get("/v1/users/me")
    assert (reply.headers["x-ratelimit-limit"], reply.headers["x-ratelimit-remaining"]) == (str(of_api), str(of_api - 1))
    assert int(reply.headers["x-daily-ratelimit-token-limit"]) == daily and left(reply) == daily - 2
    assert oauth.get("/v1/users/me").headers["x-ratelimit-limit"] == str(of_oauth)
    assert [kim.get("/v1/users/me").status for _ in range(of_api)] == [200] * (of_api - 1) + [429]
    assert oauth.get("/v1/users/me").status == 200 and Company(world, "lee-token").get("/v1/users/me").status == 200


def test_the_window_moves_on(acme):
    acme.limit(burst=1)
    assert [acme.get("/v1/users/me").status for _ in range(2)] == [200, 429]
    acme.world.control("POST", "clock", {"advance": 2.1})
    assert acme.get("/v1/users/me").status == 200


def test_searches_have_a_limit_of_their_own_for_the_whole_company(acme):
    acme.limit(search=2, window=600)
    lee = Company(acme.world, "lee-token")
    assert [client.get("/v2/persons/search", term="jane").status for client in (acme, lee, acme)] == [200, 200, 429]
    reply = lee.get("/v2/itemSearch", term="jane")
    assert (reply.status, reply.headers["x-ratelimit-limit"], reply.headers["x-ratelimit-remaining"]) == (429, "2", "0")
    assert acme.get("/v2/persons").status == 200


@pytest.mark.parametrize("method, path, body, cost", [
    ("GET", "/v1/users/me", None, 2), ("GET", "/v2/persons/search?term=jane", None, 20), ("GET", "/v2/persons/7", None, 1),
    ("POST", "/v2/persons", {"name": "x"}, 5), ("PATCH", "/v2/persons/7", {"name": "x"}, 5), ("DELETE", "/v2/persons/7", None, 3),
    ("GET", "/v2/persons", None, 10), ("GET", "/v2/deals", None, 10), ("GET", "/v2/deals/52", None, 1),
    ("GET", "/v2/deals/archived", None, 20), ("POST", "/v1/notes", {"content": "x", "person_id": 7}, 10),
    ("PUT", "/v1/notes/800", {"content": "x"}, 10), ("GET", "/v1/notes/800", None, 2), ("DELETE", "/v1/notes/800", None, 6),
    ("GET", "/v1/notes", None, 20), ("GET", "/v1/activityTypes", None, 20),
    ("POST", "/v2/activities", {"subject": "x", "type": "call"}, 5), ("GET", "/v2/activities", None, 10),
    ("PUT", "/v1/persons/20/merge", {"merge_with_id": 7}, 40), ("GET", "/v2/itemSearch?term=jane", None, 20)])
def test_what_each_call_costs(acme, method, path, body, cost):
    reply = acme.send(method, path, body)
    assert reply.status == 200 and left(reply) == 30_000 - cost
    assert acme.world.journal(org="acme")[-1]["tokens"] == cost


def test_refused_calls_cost_too_unless_the_switch_says_so(acme):
    assert left(acme.get("/v2/deals/999")) == 30_000 - 1
    acme.switch(failedCallsCost=False)
    assert left(acme.get("/v2/deals/999")) == 30_000 - 1


def test_the_budget_is_the_companys_and_comes_back_at_midnight(acme):
    acme.limit(daily=3)
    lee = Company(acme.world, "lee-token")
    assert [client.get("/v1/users/me").status for client in (acme, lee, acme, lee)] == [200, 200, 429, 429]
    assert Company(acme.world, "borg-token", base="/companies/borg/api").get("/v1/users/me").status == 200
    acme.world.control("POST", "clock", {"advance": 86400})
    assert acme.get("/v1/users/me").status == 200


def test_the_hour_of_the_reset_may_be_moved(acme):
    hour = acme.world.control("POST", "clock", {"advance": 0})["time"] / 3600 % 24
    acme.limit(daily=2, reset_hour=(hour + 1) % 24)
    statuses = []
    for seconds in (0, 1800, 1860):
        acme.world.control("POST", "clock", {"advance": seconds})
        statuses += [acme.get("/v1/users/me").status for _ in range(2)]
    assert statuses == [200, 429, 429, 429, 200, 429]


def test_seats_and_top_ups_count(acme):
    acme.limit(seats=3, top_up=500)
    assert acme.get("/v1/users/me").headers["x-daily-ratelimit-token-limit"] == "90500"


def test_the_old_header_comes_with_writes_by_api_token_only(world):
    kim, oauth = Company(world), Company(world, access=refreshed(world).json["access_token"])
    assert kim.note().headers["x-daily-requests-left"] == str(30_000 - 10)
    assert all("x-daily-requests-left" not in reply.headers for reply in (kim.get("/v1/users/me"), oauth.note()))


@pytest.mark.parametrize("counts, after", [(False, 200), (True, 429)])
def test_a_request_that_was_refused_counts_only_if_the_switch_says_so(acme, counts, after):
    acme.switch(refusedCount=counts)
    acme.limit(burst=1, window=600, ignored=50)
    assert acme.get("/v1/users/me").status == 200
    acme.world.control("POST", "clock", {"advance": 300})
    assert acme.get("/v1/users/me").status == 429
    acme.world.control("POST", "clock", {"advance": 300})
    assert acme.get("/v1/users/me").status == after


def test_the_wall_stands_for_a_while_and_not_for_oauth(world):
    kim, oauth = Company(world), Company(world, access=refreshed(world).json["access_token"])
    kim.limit(burst=1, window=600, ignored=2, blocked=900)
    assert [kim.get("/v1/users/me").status for _ in range(5)] == [200, 429, 429, 403, 403]
    assert [oauth.get("/v1/users/me").status for _ in range(5)] == [200] + [429] * 4
    world.control("POST", "clock", {"advance": 601})
    assert kim.get("/v1/users/me").status == 403
    world.control("POST", "clock", {"advance": 300})
    assert kim.get("/v1/users/me").status == 200


def test_heeding_the_limit_in_between_forgives(acme):
    acme.limit(burst=1, ignored=2)
    for _ in range(3):
        assert [acme.get("/v1/users/me").status for _ in range(3)] == [200, 429, 429]
        acme.world.control("POST", "clock", {"advance": 2.1})


def test_limits_of_one_vendor_leave_the_other_alone(acme):
    acme.world.control("POST", "limits", {"throttle": {"concurrent": 5}})
    acme.world.control("POST", "limits", {"throttle": {"plan": "ultimate"}})
    for wrong in ({"throttle": {"nothing": 5}}, {"throttle": {"plan": "free"}}, {"throttle": {"burst": "x"}}, {"lengths": {"notes.subject": 5}}):
        assert acme.world.request("POST", "/_control/limits", {"org": "acme", **wrong}).status == 400
        assert acme.world.request("POST", "/_control/limits", wrong).status == 400
