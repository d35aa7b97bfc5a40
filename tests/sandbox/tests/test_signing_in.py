"""Tokens: for applications and people, their refusals, and what a token is good for."""
import base64
import hashlib
import re
import urllib.parse

import pytest
from waiting import wait_for

RESOURCE = "https://org.crm4.dynamics.com"
VERIFIER = "v" * 64
CALLBACK = "http://127.0.0.1:8400/oauth/callback"


def token(world, tenant="t1", **fields):
    form = {"client_id": "app1", "client_secret": "ok", **fields}
    return world.post_form(f"/login/{tenant}/oauth2/v2.0/token", **{name: value for name, value in form.items() if value is not None})


def client_credentials(world, **fields):
    return token(world, **{"grant_type": "client_credentials", "scope": f"{RESOURCE}/.default", **fields})


def refreshed(world, value, **fields):
    return token(world, grant_type="refresh_token", refresh_token=value, scope=f"{RESOURCE}/user_impersonation offline_access", **fields)


def declined(reply, error, number, status=400):
    body = reply.json
    assert (reply.status, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ") and body["trace_id"] and body["correlation_id"]


def test_an_application_gets_a_token_and_no_refresh_token(world):
    reply = client_credentials(world)
    assert reply.status == 200 and (reply.json["token_type"], reply.json["expires_in"]) == ("Bearer", 3599)
    assert reply.json["access_token"] and "refresh_token" not in reply.json
    bare = world.post_form("/t1/oauth2/v2.0/token", grant_type="client_credentials", client_id="app1", client_secret="ok",
                           scope=f"{world.base}/orgs/org/.default")
    assert bare.status == 200


@pytest.mark.parametrize("fields, error, number, status", [
    ({"client_secret": "wrong"}, "invalid_client", 7000215, 401),
    ({"client_secret": None}, "invalid_client", 7000218, 401),
    ({"client_id": "expired"}, "invalid_client", 7000222, 401),
    ({"client_id": "nobody"}, "unauthorized_client", 700016, 400),
    ({"tenant": "t9"}, "invalid_request", 90002, 400),
    ({"scope": "https://other.crm4.dynamics.com/.default"}, "invalid_resource", 500011, 400),
    ({"scope": f"{RESOURCE}//.default"}, "invalid_resource", 500011, 400),
    ({"scope": f"{RESOURCE}/user_impersonation"}, "invalid_scope", 70011, 400),
    ({"scope": ""}, "invalid_scope", 70011, 400),
    ({"grant_type": "password"}, "unsupported_grant_type", 70003, 400)])
def test_what_is_wrong_is_named_by_number(world, fields, error, number, status):
    declined(client_credentials(world, **fields), error, number, status)


def test_a_secret_that_is_not_encoded_is_wrong(world):
    world.control("POST", "tenants", {"tenant": "t1", "client": "app1", "set": {"secret": "a+b/c=&d"}})
    assert client_credentials(world, client_secret="a+b/c=&d").status == 200
    raw = f"grant_type=client_credentials&client_id=app1&client_secret=a+b/c=&scope={RESOURCE}/.default"
    reply = world.request("POST", "/login/t1/oauth2/v2.0/token", raw, {"Content-Type": "application/x-www-form-urlencoded"})
    declined(reply, "invalid_client", 7000215, 401)


def test_only_a_form_is_accepted(world):
    reply = world.request("POST", "/login/t1/oauth2/v2.0/token", {"grant_type": "client_credentials"},
                          {"Content-Type": "application/json"})
    declined(reply, "invalid_request", 900144)


def test_client_id_and_secret_may_come_as_basic(world):
    packed = base64.b64encode(b"app1:ok").decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": f"{RESOURCE}/.default"})
    reply = world.request("POST", "/login/t1/oauth2/v2.0/token", form, {
        "Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {packed}"})
    assert reply.status == 200


def test_each_refresh_gives_a_new_token_and_the_old_one_lives(world):
    first = refreshed(world, "R1")
    assert first.status == 200 and first.json["refresh_token"] != "R1"
    assert refreshed(world, "R1").status == 200
    assert refreshed(world, first.json["refresh_token"]).status == 200
    assert world.client(first.json["access_token"]).get("/WhoAmI").json["UserId"].endswith("a2")


def test_a_revoked_person_must_sign_in_again(world):
    world.control("POST", "users", {"org": "org", "user": "00000000-0000-0000-0000-0000000000a2", "revoke": True})
    declined(refreshed(world, "R1"), "invalid_grant", 50173)
    declined(refreshed(world, "R9"), "invalid_grant", 70000)


def authorize(world, **changed):
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    asked = {"client_id": "app1", "response_type": "code", "redirect_uri": CALLBACK, "response_mode": "query", "state": "s1",
             "scope": f"{RESOURCE}/user_impersonation offline_access openid profile", "code_challenge": challenge,
             "code_challenge_method": "S256", "login_hint": "ines.falk@contoso.example", **changed}
    asked = {name: value for name, value in asked.items() if value is not None}
    return world.request("GET", f"/login/t1/oauth2/v2.0/authorize?{urllib.parse.urlencode(asked)}")


def code_of(reply):
    assert reply.status == 302 and reply.headers["Location"].startswith(CALLBACK + "?")
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(reply.headers["Location"]).query))
    assert query["state"] == "s1"
    return query.get("code") or query["error"]


def redeem(world, code, **changed):
    return token(world, **{"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
                           "code_verifier": VERIFIER, "scope": f"{RESOURCE}/user_impersonation offline_access", **changed})


def test_a_person_signs_in_with_a_code_that_works_once(world):
    code = code_of(authorize(world))
    reply = redeem(world, code)
    assert reply.status == 200 and reply.json["refresh_token"] and reply.json["id_token"].count(".") == 2
    assert world.client(reply.json["access_token"]).get("/WhoAmI").status == 200
    declined(redeem(world, code), "invalid_grant", 54005)


def test_pkce_is_verified(world):
    declined(redeem(world, code_of(authorize(world)), code_verifier="w" * 64), "invalid_grant", 501481)
    declined(redeem(world, code_of(authorize(world)), code_verifier=None), "invalid_grant", 50148)


def test_the_redirect_address_must_match(world):
    declined(authorize(world, redirect_uri="https://evil.example/cb"), "invalid_request", 50011)
    declined(redeem(world, code_of(authorize(world)), redirect_uri="http://127.0.0.1:8400/other"), "invalid_grant", 500112)


@pytest.mark.parametrize("changed, error, number", [
    ({"client_id": "nobody"}, "unauthorized_client", 700016), ({"response_type": "token"}, "invalid_request", 900144),
    ({"code_challenge_method": "plain"}, "invalid_request", 900144)])
def test_a_wrong_request_for_a_code_is_refused(world, changed, error, number):
    declined(authorize(world, **changed), error, number)


def test_nobody_signs_in_to_a_tenant_that_there_is_not(world):
    declined(world.request("GET", "/login/nowhere/oauth2/v2.0/authorize?client_id=app1"), "invalid_request", 90002)


def test_a_verifier_without_a_challenge_is_refused(world):
    declined(redeem(world, code_of(authorize(world, code_challenge=None))), "invalid_grant", 501481)


def test_a_code_is_worth_only_what_was_asked_for(world):
    declined(redeem(world, "nonsense"), "invalid_grant", 70000)
    declined(redeem(world, code_of(authorize(world)), client_id="app2"), "invalid_grant", 70000)
    two = f"{RESOURCE}/user_impersonation https://second.crm4.dynamics.com/user_impersonation"
    world.control("POST", "world", {"orgs": {"second": {"tenant": "t1", "host": "second.crm4.dynamics.com"}}})
    declined(redeem(world, code_of(authorize(world)), scope=two), "invalid_request", 28003)


def test_a_refresh_token_dies_of_age_and_with_its_person(world):
    seed = {"tenant": "t1", "client": "app1", "scope": f"{RESOURCE}/user_impersonation", "value": "OLD", "age_days": 91,
            "person": "0a000000-0000-0000-0000-000000000001"}
    world.control("POST", "world", {"refresh_tokens": [seed]})
    declined(refreshed(world, "OLD"), "invalid_grant", 700082)
    world.control("POST", "world", {"tenants": {"t1": {"people": {seed["person"]: {"name": "Ines Falk", "disabled": True}}}}})
    declined(refreshed(world, "R1"), "invalid_grant", 50057)


def test_the_token_endpoint_takes_one_posted_form(world):
    assert world.request("GET", "/login/t1/oauth2/v2.0/token").json["error"] == "invalid_request"
    twice = "grant_type=client_credentials&grant_type=client_credentials&client_id=app1&client_secret=ok"
    reply = world.request("POST", "/login/t1/oauth2/v2.0/token", twice, {"Content-Type": "application/x-www-form-urlencoded"})
    declined(reply, "invalid_request", 90013)


def test_a_person_may_decline(world):
    assert code_of(authorize(world, login_hint="otto.lind@contoso.example")) == "access_denied"


def test_without_a_hint_the_page_offers_people(world):
    reply = authorize(world, login_hint="nobody@contoso.example")
    assert reply.status == 200 and not re.search(b"Otto", reply.body)


def test_a_request_without_a_good_token_gets_401_and_no_json(world):
    for header in (None, "Bearer nonsense", "Basic YXBwMTpvaw=="):
        reply = world.request("GET", "/orgs/org/api/data/v9.2/WhoAmI", None, {"Authorization": header} if header else {})
        assert reply.status == 401 and reply.body == b""
        assert reply.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


def test_a_token_expires_when_it_said(world):
    world.control("POST", "expires_in", {"seconds": 1})
    body = client_credentials(world).json
    assert body["expires_in"] == 1
    api = world.client(body["access_token"])
    wait_for(lambda: api.get("/WhoAmI").status == 401)


def test_a_token_for_one_organisation_is_foreign_to_another(world):
    world.control("POST", "world", {"orgs": {"second": {"tenant": "t1", "users": []}}})
    value = world.sign_in(org="second").json["access_token"]
    assert world.client(value).get("/WhoAmI").status == 401
    reply = world.request("GET", "/orgs/second/api/data/v9.2/WhoAmI", None, {"Authorization": f"Bearer {value}"})
    assert reply.error == (403, "0x80072560", "The user is not a member of the organization.")


def test_an_organisation_is_reached_by_its_host_too(world):
    value = client_credentials(world).json["access_token"]
    reply = world.request("GET", "/api/data/v9.2/WhoAmI", None, {"Authorization": f"Bearer {value}", "Host": "org.crm4.dynamics.com"})
    assert reply.status == 200
    assert reply.json["@odata.context"].startswith("http://org.crm4.dynamics.com/api/data/v9.2/$metadata")


def test_a_dropped_access_token_is_dead_at_once(world, api):
    world.control("POST", "users", {"org": "org", "user": "00000000-0000-0000-0000-0000000000a1", "access_tokens": True})
    assert api.get("/WhoAmI").status == 401
    assert world.client().get("/WhoAmI").status == 200


def test_no_secret_is_in_the_journal(world):
    refreshed(world, "R1")
    client_credentials(world)
    api = world.client()
    api.get("/WhoAmI")
    text = world.request("GET", "/_control/journal").body.decode()
    assert api.headers["Authorization"].partition(" ")[2] not in text
    assert '"R1"' not in text and '"ok"' not in text
    assert world.journal(kind="signin")[0]["body"]["grant_type"] == "refresh_token"
