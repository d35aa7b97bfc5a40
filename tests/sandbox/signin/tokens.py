"""The sign-in service: tokens for applications and people, and its refusals."""
import base64
import dataclasses
import hashlib
import json
import secrets
import urllib.parse

from .declined import Declined

CODE_LIFE = 600.0
REFRESH_LIFE = 90 * 86400.0


@dataclasses.dataclass
class Token:
    tenant: str
    client: str
    org: str
    expires: float
    person: str | None = None                # Entra object id; None: the application itself

    @property
    def client_only(self):
        return self.person is None


@dataclasses.dataclass
class Grant:
    """A refresh token or an authorization code."""
    tenant: str
    client: str
    person: str
    scope: str
    born: float
    redirect_uri: str = ""
    challenge: str | None = None
    used: bool = False


class SignIn:
    def __init__(self, world):
        self.world = world                   # tenants, and which org a resource names
        self.tokens, self.refresh, self.codes = {}, {}, {}
        self.expires_in = 3599
        self.revoked = {}                    # object id → time: older grants are dead

    def token(self, tenant_name, form, now, resource_org):
        """A form → the JSON of a 200. `resource_org(url)` → org or None. Raises Declined."""
        tenant = self.world.tenants.get(tenant_name)
        if tenant is None:
            raise Declined(90002, f"Tenant '{tenant_name}' not found.")
        grant = form.get("grant_type")
        if grant not in ("client_credentials", "refresh_token", "authorization_code"):
            raise Declined(70003 if grant else 900144, f"The grant type '{grant}' is not supported.")
        client = self._client(tenant, form)
        if grant == "client_credentials":
            return self._for_client(tenant_name, form, now, resource_org)
        if grant == "refresh_token":
            return self._refreshed(tenant, tenant_name, form, now, resource_org)
        return self._for_code(tenant, tenant_name, client, form, now, resource_org)

    def _client(self, tenant, form):
        client = tenant["clients"].get(form.get("client_id", ""))
        if client is None:
            raise Declined(700016, f"Application with identifier '{form.get('client_id', '')}' was not found in the directory.")
        if client.get("secret") is not None:
            if "client_secret" not in form:
                raise Declined(7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
            if form["client_secret"] != client["secret"]:
                raise Declined(7000215, "Invalid client secret provided.")
            if client.get("secret_expired"):
                raise Declined(7000222, "The provided client secret keys are expired.")
        return client

    def _org(self, scope, resource_org, wanted):
        """The one org that the scope names; the other words in it are OpenID's."""
        names = [word for word in scope.split() if "://" in word]
        if not names:
            raise Declined(70011, "The provided value for the input parameter 'scope' is not valid.")
        orgs = set()
        for name in names:
            resource, _, permission = name.rpartition("/")
            org = resource_org(resource)
            if org is None:
                raise Declined(500011, f"The resource principal named {resource} was not found in the tenant.")
            if permission not in wanted:
                raise Declined(70011, f"The scope '{name}' is not valid.")
            orgs.add(org.name)
        if len(orgs) > 1:
            raise Declined(28003, "Provided value for the input parameter scope can't contain more than one resource.")
        return orgs.pop()

    def _for_client(self, tenant_name, form, now, resource_org):
        org = self._org(form.get("scope", ""), resource_org, (".default",))
        return self._issue(Token(tenant_name, form["client_id"], org, now + self.expires_in))

    def _refreshed(self, tenant, tenant_name, form, now, resource_org):
        grant = self.refresh.get(form.get("refresh_token", ""))
        if grant is None or grant.client != form["client_id"]:
            raise Declined(70000, "The provided value for the input parameter 'refresh_token' is not valid.")
        self._check_person(tenant, grant, now)
        if now - grant.born > REFRESH_LIFE:
            raise Declined(700082, "The refresh token has expired due to inactivity.")
        org = self._org(form.get("scope") or grant.scope, resource_org, ("user_impersonation", ".default"))
        body = self._issue(Token(tenant_name, grant.client, org, now + self.expires_in, grant.person))
        return {**body, "scope": form.get("scope") or grant.scope, "refresh_token": self._new_refresh(grant, now)}

    def _check_person(self, tenant, grant, now):
        person = tenant["people"].get(grant.person, {})
        if person.get("disabled"):
            raise Declined(50057, "The user account is disabled.")
        if self.revoked.get(grant.person, -1.0) >= grant.born:
            raise Declined(50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed.")

    def _for_code(self, tenant, tenant_name, client, form, now, resource_org):
        grant = self.codes.get(form.get("code", ""))
        if grant is None or grant.client != form["client_id"]:
            raise Declined(70000, "The provided authorization code is not valid.")
        if grant.used:
            raise Declined(54005, "OAuth2 authorization code was already redeemed.")
        if now - grant.born > CODE_LIFE:
            raise Declined(70008, "The provided authorization code has expired.")
        if form.get("redirect_uri") != grant.redirect_uri:
            raise Declined(500112, "The reply address does not match the reply address of the authorization request.")
        check_verifier(grant.challenge, form.get("code_verifier"))
        self._check_person(tenant, grant, now)
        grant.used = True
        scope = form.get("scope") or grant.scope
        org = self._org(scope, resource_org, ("user_impersonation", ".default"))
        body = self._issue(Token(tenant_name, grant.client, org, now + self.expires_in, grant.person))
        body["scope"] = scope
        if "offline_access" in grant.scope.split():
            body["refresh_token"] = self._new_refresh(grant, now)
        if "openid" in grant.scope.split():
            body["id_token"] = id_token(tenant_name, grant.person, tenant["people"][grant.person])
        return body

    def new_code(self, tenant_name, client, person, scope, redirect_uri, challenge, now):
        code = "0.A" + secrets.token_urlsafe(48)
        self.codes[code] = Grant(tenant_name, client, person, scope, now, redirect_uri, challenge)
        return code

    def _new_refresh(self, grant, now):
        value = "1.A" + secrets.token_urlsafe(64)
        self.refresh[value] = Grant(grant.tenant, grant.client, grant.person, grant.scope, now)
        return value

    def seed_refresh(self, value, tenant, client, person, scope, now):
        self.refresh[value] = Grant(tenant, client, person, scope, now)

    def _issue(self, token):
        value = f"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.{secrets.token_urlsafe(96)}.{secrets.token_urlsafe(48)}"
        self.tokens[value] = token
        return {"token_type": "Bearer", "expires_in": self.expires_in, "ext_expires_in": self.expires_in, "access_token": value}

    def revoke(self, person, now):
        """Kills a person's refresh tokens; access tokens already issued live out their time."""
        self.revoked[person] = now

    def drop_access_tokens(self, person, client):
        """A person's, or without a person an application's own."""
        gone = [value for value, token in self.tokens.items()
                if (token.person == person if person else token.client_only and token.client == client)]
        for value in gone:
            del self.tokens[value]


def check_verifier(challenge, verifier):
    if challenge is None:
        if verifier:
            raise Declined(501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request.")
        return
    if not verifier or not 43 <= len(verifier) <= 128:
        raise Declined(50148, "The code_verifier does not match the code_challenge supplied in the authorization request.")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if digest != challenge:
        raise Declined(501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request.")


def id_token(tenant, object_id, person):
    claims = {"tid": tenant, "oid": object_id, "upn": person.get("mail"), "name": person.get("name")}
    packed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{packed}."


def read_form(body, content_type):
    """Refuses what the endpoint refuses: anything but a form, and a field given twice."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Declined(900144, "The request body must be application/x-www-form-urlencoded.")
    pairs = urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Declined(90013, "A parameter is given twice.")
    return form


def basic_client(authorization, form):
    """Client id and secret may come as HTTP Basic instead of in the form."""
    if authorization.startswith("Basic ") and "client_id" not in form:
        try:
            user, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
        except ValueError:
            return form
        return {**form, "client_id": urllib.parse.unquote(user), "client_secret": urllib.parse.unquote(secret)}
    return form
