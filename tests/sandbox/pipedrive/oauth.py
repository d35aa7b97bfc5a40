"""The OAuth service over HTTP: /oauth/authorize, /oauth/token and /oauth/revoke."""
import base64
import html
import re
import urllib.parse

from .answer import JSON, to_json
from .company import Company
from .grants import Declined
from ..answer import Answer
from ..exchange import committed, refused_first
from ..journal import safe_form

PATH = re.compile(r"/oauth/(authorize|token/?|revoke)")


def declined(problem):
    body = {"success": False, "error": problem.error, "message": problem.message}
    return Answer(problem.status, {"Content-Type": JSON}, to_json(body), code=problem.error)


def unusual(status, code, message):
    """A fault's refusal in OAuth's form."""
    return declined(Declined(code or "server_error", message or "Simulated refusal.", status))


async def answer(sandbox, request, entry):
    fault = sandbox.faults.find(None, request.method, request.path, request.query, request.body)
    action = fault.action if fault else {}
    entry["fault"] = fault.id if fault else None
    instead = fault.answer(unusual) if fault else None
    found = await refused_first(action, instead)
    return found or await committed(sandbox, request, entry, action, instead, lambda: carry_out(sandbox, request, entry))


def carry_out(sandbox, request, entry):
    what = PATH.fullmatch(request.path)[1].rstrip("/")
    try:
        if what == "authorize":
            return authorize(sandbox, request, entry)
        if request.method != "POST":
            return Answer(405, {"Content-Type": JSON, "Allow": "POST"}, to_json({"success": False, "error": "Method not allowed"}))
        form = form_of(request)
        entry["body"] = safe_form(form)
        if what == "revoke":
            sandbox.oauth.app_of(form)
            sandbox.oauth.revoke(form.get("token", ""))
            return Answer(200, {"Content-Type": JSON})
        body, company = sandbox.oauth.token(form, sandbox.clock.time())
        entry["org"] = company.name
        body["api_domain"] = domain_of(company, request)
        return Answer(200, {"Content-Type": JSON, "Cache-Control": "no-store"}, to_json(body))
    except Declined as problem:
        return declined(problem)


def domain_of(company, request):
    """The company's own host if the client came by the vendor's name, else its address in the sandbox."""
    host = request.headers.get("host", "").partition(":")[0]
    return f"https://{company.host}" if host.endswith(".pipedrive.com") and company.host else f"{request.authority}/companies/{company.name}"


def form_of(request):
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Declined("invalid_request", "Invalid request: content must be application/x-www-form-urlencoded")
    form = dict(urllib.parse.parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    authorization = request.headers.get("authorization", "")
    if authorization.startswith("Basic "):
        try:
            name, _, secret = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
        except ValueError:
            raise Declined("invalid_client", "Invalid client: cannot retrieve client credentials") from None
        form.update(client_id=name, client_secret=secret)
    return form


def authorize(sandbox, request, entry):
    """Consents at once for the user whom `login_hint` and `company` leave, or offers a list to click."""
    asked = dict(urllib.parse.parse_qsl(request.query, keep_blank_values=True))
    app = sandbox.world.apps.get(asked.get("client_id", ""))
    if app is None or asked.get("redirect_uri", app["callback"]) != app["callback"] or asked.get("response_type", "code") != "code":
        text = "<title>Error</title><h1>This app or its callback URL is not known.</h1>"
        return Answer(400, {"Content-Type": "text/html; charset=utf-8"}, text.encode(), code="400")
    people = [(company, user) for company in sandbox.world.orgs.values() if isinstance(company, Company)
              for user in company.users.values()
              if not user.disabled and asked.get("company") in (None, company.name) and asked.get("login_hint") in (None, user.email)]
    if len(people) != 1:
        return people_page(people, request.query)
    company, user = people[0]
    entry["org"] = company.name
    back = {"state": asked["state"]} if "state" in asked else {}
    if user.declines:
        back["error"] = app["denial"]
    else:
        back["code"] = sandbox.oauth.new_code(asked["client_id"], company, user, app["callback"], sandbox.clock.time())
    joint = "&" if "?" in app["callback"] else "?"
    return Answer(302, {"Location": f"{app['callback']}{joint}{urllib.parse.urlencode(back)}"})


def people_page(people, query):
    rows = "".join(f'<p><a href="?{html.escape(query)}&amp;company={urllib.parse.quote(company.name)}&amp;login_hint='
                   f'{urllib.parse.quote(user.email)}">{html.escape(user.name)} &lt;{html.escape(user.email)}&gt;, '
                   f"{html.escape(company.title)}</a></p>" for company, user in people)
    return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, f"<title>Sign in</title><h1>Pick a user</h1>{rows}".encode())
