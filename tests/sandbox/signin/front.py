"""The sign-in service over HTTP: /login/{tenant}/oauth2/v2.0/token and …/authorize."""
import html
import json
import re
import time
import urllib.parse

from .declined import Declined
from .tokens import basic_client, read_form
from ..answer import Answer, Dropped
from ..faults import delay
from ..journal import safe_form

PATH = re.compile(r"(?:/login)?/([^/]+)/oauth2/v2\.0/(token|authorize)")


def json_answer(status, value, code=None):
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    return Answer(status, headers, json.dumps(value).encode(), code=code)


def declined(problem):
    return json_answer(problem.status, problem.body(), str(problem.number))


def unusual(status, code, message):
    """A fault's refusal in OAuth's form."""
    return json_answer(status, {"error": code or "server_error", "error_description": message or "Simulated refusal."}, code)


async def answer(sandbox, match, request, entry):
    """`request` has method, path, query, headers (lower case), body, gone() → bool."""
    fault = sandbox.faults.find(None, request.method, request.path, request.query, request.body)
    action = fault.action if fault else {}
    entry["fault"] = fault.id if fault else None
    await delay(action)
    if action.get("drop_before"):
        raise Dropped
    if action.get("hang"):
        if await sandbox.faults.hold(entry["seq"]) == "drop" or request.gone():
            raise Dropped
    if "aadsts" in action:
        return declined(Declined(action["aadsts"], action.get("message", "Simulated refusal.")))
    if fault and fault.answer(unusual):
        return fault.answer(unusual)
    found = carry_out(sandbox, match, request, entry)
    if action.get("drop_after_commit"):
        raise Dropped
    return found


def carry_out(sandbox, match, request, entry):
    tenant, what = match.groups()
    try:
        if what == "authorize":
            return authorize(sandbox, tenant, request)
        if request.method != "POST":
            raise Declined(900144, "The endpoint only accepts POST requests.")
        form = basic_client(request.headers.get("authorization", ""), read_form(request.body, request.headers.get("content-type", "")))
        entry["body"] = safe_form(form)
        return json_answer(200, sandbox.signin.token(
            tenant, form, time.time(), lambda resource: org_of(sandbox, resource, tenant, request, entry)))
    except Declined as problem:
        return declined(problem)


def org_of(sandbox, resource, tenant, request, entry):
    org = sandbox.resource_org(resource, tenant, request.authority)
    entry["org"] = org.name if org else None
    return org


def authorize(sandbox, tenant_name, request):
    """Consents at once for the person named by login_hint, or for the only one; else offers a list to click."""
    asked = dict(urllib.parse.parse_qsl(request.query, keep_blank_values=True))
    tenant = sandbox.world.tenants.get(tenant_name)
    if tenant is None:
        raise Declined(90002, f"Tenant '{tenant_name}' not found.")
    client = tenant["clients"].get(asked.get("client_id", ""))
    if client is None:
        raise Declined(700016, "The application was not found in the directory.")
    redirect = asked.get("redirect_uri", "")
    if redirect not in client.get("redirect_uris", ()):
        raise Declined(50011, "The redirect URI specified in the request does not match those configured for the application.")
    if asked.get("response_type") != "code" or asked.get("code_challenge_method", "S256") != "S256" or "scope" not in asked:
        raise Declined(900144, "response_type=code, scope and, with a challenge, S256 are required.")
    people = {oid: person for oid, person in tenant["people"].items()
              if asked.get("login_hint") in (None, person.get("mail")) and not person.get("disabled")}
    if len(people) != 1:
        return people_page(people, request.query)
    oid, person = next(iter(people.items()))
    back = {"state": asked.get("state", "")}
    if person.get("declines"):
        back.update(error="access_denied", error_description="AADSTS65004: User declined to consent to access the app.")
    else:
        back["code"] = sandbox.signin.new_code(tenant_name, asked["client_id"], oid, asked["scope"], redirect,
                                               asked.get("code_challenge"), time.time())
    joint = "&" if "?" in redirect else "?"
    return Answer(302, {"Location": f"{redirect}{joint}{urllib.parse.urlencode(back)}"})


def people_page(people, query):
    rows = "".join(f'<p><a href="?{html.escape(query)}&amp;login_hint={urllib.parse.quote(person["mail"])}">'
                   f'{html.escape(person.get("name", ""))} &lt;{html.escape(person["mail"])}&gt;</a></p>'
                   for person in people.values() if person.get("mail"))
    return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, f"<title>Sign in</title><h1>Pick an account</h1>{rows}".encode())
