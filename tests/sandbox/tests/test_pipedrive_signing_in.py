"""Pipedrive's OAuth: what is granted, to whom, how long, and how it ends."""
import http.server
import threading
import urllib.parse

import pytest
from company import BASE, CALLBACK, FORM, Company, basic, refreshed, token
from waiting import wait_for


def authorized(world, **query):
    asked = {"client_id": "cid", "redirect_uri": CALLBACK, "state": "s", "login_hint": "lee@acme.test", **query}
    return world.request("GET", "/oauth/authorize?" + urllib.parse.urlencode({name: value for name, value in asked.items() if value}))


def back_of(reply):
    assert reply.status == 302, reply.body
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(reply.headers["Location"]).query))


def declined(reply, error, said):
    assert reply.status == 400 and reply.json["error"] == error and said in reply.json["message"], reply.body


def test_somebody_with_several_companies_picks_one(world):
    reply = authorized(world, login_hint="kim@acme.test")
    assert reply.status == 200 and b"Acme" in reply.body and b"Borg" in reply.body
    code = back_of(authorized(world, login_hint="kim@acme.test", company="borg"))["code"]
    granted = token(world, grant_type="authorization_code", code=code, redirect_uri=CALLBACK).json
    assert granted["api_domain"] == f"{world.base}/companies/borg"
    assert Company(world, access=granted["access_token"], base="/companies/borg/api").get("/v1/users/me").json["data"]["company_id"] == 901
    assert Company(world, access=granted["access_token"]).get("/v1/users/me").status == 401


def test_who_says_no_comes_back_with_an_error(world):
    assert back_of(authorized(world, login_hint="no@acme.test")) == {"state": "s", "error": "user_denied"}
    world.control("POST", "apps", {"app": "cid", "set": {"denial": "access_denied"}})
    assert back_of(authorized(world, login_hint="no@acme.test"))["error"] == "access_denied"


@pytest.mark.parametrize("query", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/cb"}, {"response_type": "token"}])
def test_an_app_that_is_not_known_gets_nowhere(world, query):
    assert authorized(world, **query).status == 400


def test_the_answer_names_the_companys_own_host(world):
    reply = world.request("POST", "/oauth/token", "grant_type=refresh_token&refresh_token=1%3A2%3Ar1",
                          {"Content-Type": FORM, "Host": "oauth.pipedrive.com", **basic()})
    assert reply.json["api_domain"] == "https://acme.pipedrive.com"
    kim = {"Authorization": f"Bearer {reply.json['access_token']}"}
    for host, path in (("acme.pipedrive.com", "/api/v1/users/me"), ("acme.pipedrive.com", "/v1/users/me"),
                       ("api.pipedrive.com", "/v1/users/me"), ("api.pipedrive.com", "/api/v2/persons/7")):
        assert world.request("GET", path, headers={**kim, "Host": host}).status == 200
    assert world.request("GET", "/api/v1/users/me", headers={**kim, "Host": "borg.pipedrive.com"}).status == 401


@pytest.mark.parametrize("fields, client, error, said", [
    ({}, {}, "invalid_request", "grant_type"),
    ({"grant_type": "password"}, {}, "unsupported_grant_type", "nsupported grant type"),
    ({"grant_type": "refresh_token", "refresh_token": "1:2:r1"}, {"secret": "wrong"}, "invalid_client", "client is invalid"),
    ({"grant_type": "refresh_token", "refresh_token": "1:2:r1"}, {"app": "nobody"}, "invalid_client", "client is invalid"),
    ({"grant_type": "refresh_token", "refresh_token": "1:2:r1"}, {"app": "reader"}, "invalid_grant", "refresh_token is invalid"),
    ({"grant_type": "refresh_token", "refresh_token": "nothing"}, {}, "invalid_grant", "refresh_token is invalid"),
    ({"grant_type": "authorization_code", "code": "nothing"}, {}, "invalid_grant", "authorization_code is invalid")])
def test_what_is_wrong_is_said(world, fields, client, error, said):
    declined(token(world, **client, **fields), error, said)


def test_credentials_may_stand_in_the_form_but_not_nowhere(world):
    form = {"grant_type": "refresh_token", "refresh_token": "1:2:r1"}
    inside = urllib.parse.urlencode({**form, "client_id": "cid", "client_secret": "shh"})
    assert world.request("POST", "/oauth/token", inside, {"Content-Type": FORM}).status == 200
    declined(world.request("POST", "/oauth/token", urllib.parse.urlencode(form), {"Content-Type": FORM}), "invalid_client",
             "cannot retrieve client credentials")
    declined(world.request("POST", "/oauth/token", urllib.parse.urlencode(form), {"Content-Type": FORM, "Authorization": "Basic &"}),
             "invalid_client", "cannot retrieve client credentials")


def test_the_code_is_bound_to_its_callback(world):
    code = back_of(authorized(world))["code"]
    declined(token(world, grant_type="authorization_code", code=code, redirect_uri="https://evil.example/cb"), "invalid_grant", "redirect_uri")


def test_only_a_form_that_is_posted_is_accepted(world):
    declined(world.request("POST", "/oauth/token", {"grant_type": "refresh_token"}, {"Content-Type": "application/json", **basic()}),
             "invalid_request", "x-www-form-urlencoded")
    assert world.request("GET", "/oauth/token").status == 405


def test_each_use_gives_a_refresh_token_sixty_days_more(world):
    declined(refreshed(world, "1:2:idle"), "invalid_grant", "refresh_token is invalid")
    for days, status in ((59, 200), (59, 200), (61, 400)):
        world.control("POST", "clock", {"advance": days * 86400})
        assert refreshed(world).status == status


def test_where_refresh_tokens_rotate_the_old_one_is_dead(world):
    world.control("POST", "apps", {"app": "cid", "set": {"rotates": True}})
    second = refreshed(world).json["refresh_token"]
    assert second != "1:2:r1"
    declined(refreshed(world), "invalid_grant", "already exchanged")
    third = refreshed(world, second)
    assert third.status == 200 and Company(world, access=third.json["access_token"]).get("/v1/users/me").status == 200


def test_revoking_an_access_token_ends_only_that_one(world):
    first, second = (refreshed(world).json["access_token"] for _ in range(2))
    revoke = lambda value: world.request("POST", "/oauth/revoke", urllib.parse.urlencode({"token": value}), {"Content-Type": FORM, **basic()})
    assert (revoke(first).status, revoke("unknown").status) == (200, 200)
    assert [Company(world, access=value).get("/v1/users/me").status for value in (first, second)] == [401, 200]
    assert refreshed(world).status == 200


def test_scopes_may_be_divided_by_spaces_in_the_settings(world):
    assert refreshed(world, "1:2:reader", app="reader").json["scope"] == "base,contacts:read,deals:read,activities:read"


def test_a_user_who_left_takes_the_connection_along(world):
    kim = Company(world, access=refreshed(world).json["access_token"])
    world.control("POST", "users", {"org": "acme", "user": 11, "disabled": True})
    assert kim.get("/v1/users/me").status == 401 and Company(world).get("/v1/users/me").status == 401


def test_an_uninstall_is_told_to_the_app(world):
    told = []

    class Callback(http.server.BaseHTTPRequestHandler):
        def do_DELETE(self):
            told.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Callback)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.control("POST", "apps", {"app": "cid", "set": {"callback": f"http://127.0.0.1:{server.server_port}/cb"}})
    world.control("POST", "users", {"org": "acme", "user": 11, "uninstall": True})
    wait_for(lambda: told and world.journal(kind="callback")[0]["status"] == 200)
    server.shutdown()
    server.server_close()
    headers, body = told[0]
    assert headers["Authorization"] == basic()["Authorization"]
    assert b'"client_id": "cid", "company_id": 900, "user_id": 11, "timestamp": "20' in body


def test_the_sign_in_misbehaves_too(world):
    world.control("POST", "faults", {"match": {"path": "/oauth/token"}, "action": {"status": 503}, "times": 1})
    assert (refreshed(world).status, refreshed(world).status) == (503, 200)
    world.control("POST", "faults", {"match": {"path": "/oauth/token"}, "action": {"status": 400, "code": "invalid_client"}, "times": 1})
    assert refreshed(world).json["error"] == "invalid_client"


def test_api_tokens_stand_in_their_header_only(world):
    assert world.request("GET", f"{BASE}/v1/users/me?api_token=kim-token").status == 401
    assert world.request("GET", f"{BASE}/v1/users/me", headers={"x-api-token": "kim-token"}).status == 200
    assert world.request("GET", f"{BASE}/v1/users/me", headers={"x-api-token": ""}).status == 401
    assert "kim-token" not in str(world.journal())
