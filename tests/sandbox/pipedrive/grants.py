"""What apps were granted: codes, refresh tokens and access tokens. Time is an argument."""
import dataclasses
import secrets

CODE_LIFE = 300.0
REFRESH_LIFE = 60 * 86400.0                  # from its last use


class Declined(Exception):
    """The token endpoint's refusal."""

    def __init__(self, error, message, status=400):
        super().__init__(message)
        self.error, self.message, self.status = error, message, status


@dataclasses.dataclass
class Grant:
    app: str
    company: str
    user: int
    scopes: tuple
    refresh: str
    used: float                              # when last
    dead: bool = False


@dataclasses.dataclass
class Access:
    grant: Grant
    expires: float


@dataclasses.dataclass
class Code:
    app: str
    company: str
    user: int
    redirect: str
    born: float
    used: bool = False


class Grants:
    def __init__(self, world):
        self.world = world
        self.codes, self.refresh, self.access = {}, {}, {}
        self.exchanged = set()               # refresh tokens that another one took the place of
        self.expires_in = 3599

    def seed(self, company, grant, now):
        """A world file's: {"refresh_token", "app", "user", "age_days"?, "scopes"?}."""
        app = self.world.apps[grant["app"]]
        self.refresh[grant["refresh_token"]] = Grant(
            grant["app"], company.name, grant["user"], scopes_of(grant.get("scopes", app["scopes"])), grant["refresh_token"],
            now - grant.get("age_days", 0) * 86400)

    def new_code(self, app, company, user, redirect, now):
        value = secrets.token_hex(20)
        self.codes[value] = Code(app, company.name, user.id, redirect, now)
        return value

    def token(self, form, now):
        """→ (what a 200 says but for the api_domain, company)"""
        kind = form.get("grant_type")
        if not kind:
            raise Declined("invalid_request", "Missing parameter: grant_type")
        if kind not in ("authorization_code", "refresh_token"):
            raise Declined("unsupported_grant_type", "Unsupported grant type: grant_type is invalid")
        app = self.app_of(form)
        grant = self.for_code(form, now) if kind == "authorization_code" else self.refreshed(form, app, now)
        value = "v1u:" + secrets.token_urlsafe(180)
        self.access[value] = Access(grant, now + self.expires_in)
        body = {"access_token": value, "token_type": "bearer", "refresh_token": grant.refresh, "scope": ",".join(grant.scopes),
                "expires_in": self.expires_in}
        return body, self.world.orgs[grant.company]

    def app_of(self, form):
        if not form.get("client_id") or "client_secret" not in form:
            raise Declined("invalid_client", "Invalid client: cannot retrieve client credentials")
        app = self.world.apps.get(form["client_id"])
        if app is None or app["secret"] != form["client_secret"]:
            raise Declined("invalid_client", "Invalid client: client is invalid")
        return app

    def for_code(self, form, now):
        code = self.codes.get(form.get("code", ""))
        if code is None or code.used or code.app != form["client_id"]:
            raise Declined("invalid_grant", "Invalid grant: authorization_code is invalid")
        if now - code.born > CODE_LIFE:
            raise Declined("invalid_grant", "Invalid grant: authorization_code has expired")
        if form.get("redirect_uri") != code.redirect:
            raise Declined("invalid_grant", "Invalid grant: redirect_uri does not match")
        code.used = True
        grant = Grant(code.app, code.company, code.user, scopes_of(self.world.apps[code.app]["scopes"]), "", now)
        self.replace_refresh(grant)
        return grant

    def refreshed(self, form, app, now):
        value = form.get("refresh_token", "")
        grant = self.refresh.get(value)
        if value in self.exchanged:
            raise Declined("invalid_grant", "Invalid grant: refresh_token is invalid (already exchanged)")
        if grant is None or grant.dead or grant.app != form["client_id"] or now - grant.used > REFRESH_LIFE:
            raise Declined("invalid_grant", "Invalid grant: refresh_token is invalid")
        grant.used = now
        if app["rotates"]:
            self.exchanged.add(value)
            self.replace_refresh(grant)
        return grant

    def replace_refresh(self, grant):
        company = self.world.orgs[grant.company]
        self.refresh.pop(grant.refresh, None)
        grant.refresh = f"{company.id}:{grant.user}:{secrets.token_hex(20)}"
        self.refresh[grant.refresh] = grant

    def valid(self, value, now):
        """The grant behind an access token that is good now, or None."""
        access = self.access.get(value)
        return access.grant if access and access.expires > now and not access.grant.dead else None

    def revoke(self, value):
        """A refresh token takes all that was granted with it; an access token only itself."""
        self.access.pop(value, None)
        if value in self.refresh:
            self.refresh[value].dead = True

    def uninstall(self, company, user, app=None):
        """→ the grants that end here"""
        gone = [grant for grant in self.refresh.values()
                if (grant.company, grant.user) == (company.name, user.id) and app in (None, grant.app) and not grant.dead]
        for grant in gone:
            grant.dead = True
        return gone

    def drop_access_tokens(self, company, user):
        for value in [value for value, access in self.access.items() if (access.grant.company, access.grant.user) == (company.name, user.id)]:
            del self.access[value]


def scopes_of(text):
    return tuple(scope for scope in text.replace(" ", ",").split(",") if scope)
