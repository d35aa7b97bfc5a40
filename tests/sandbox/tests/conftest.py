"""A real sandbox process, and clients that speak raw HTTP to it. Nothing of the sandbox's own code is imported here."""
import http.client
import json
import pathlib
import subprocess
import urllib.parse

import pytest
from company import Company

HOME = pathlib.Path(__file__).resolve().parent.parent
API = "/orgs/org/api/data/v9.2"
STANDARD = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
A1 = "11111111-0000-0000-0000-000000000001"
C1, C2, C3, C4 = (f"22222222-0000-0000-0000-00000000000{n}" for n in (1, 2, 3, 4))
P1, P2 = (f"33333333-0000-0000-0000-00000000000{n}" for n in (1, 2))
Q1, Q2 = (f"44444444-0000-0000-0000-00000000000{n}" for n in (1, 2))
N1, N2, N3 = (f"55555555-0000-0000-0000-00000000000{n}" for n in (1, 2, 3))
USER = "00000000-0000-0000-0000-0000000000a1"
PERSON = "00000000-0000-0000-0000-0000000000a2"


class Reply:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(status, code, message)"""
        error = self.json["error"]
        return self.status, error["code"], error["message"]

    @property
    def rows(self):
        return self.json["value"]


class World:
    """One process, told to forget everything before each test."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([str(HOME / "run"), *arguments], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("sandbox listening on http://127.0.0.1:"), line
        self.port = int(line.rsplit(":", 1)[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def stop(self):
        self.connection.close()
        self.process.terminate()
        return self.process.wait(20)

    def request(self, method, path, body=None, headers=None):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        self.connection.request(method, path, body, headers or {})
        return Reply(self.connection.getresponse())

    def control(self, method, path, body=None):
        reply = self.request(method, f"/_control/{path}", body)
        assert reply.status == 200, reply.body
        return reply.json

    def journal(self, **query):
        return self.control("GET", f"journal?{urllib.parse.urlencode(query)}")["entries"]

    def post_form(self, path, **fields):
        return self.request("POST", path, urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, tenant="t1", client="app1", secret="ok", org="org"):
        return self.post_form(f"/login/{tenant}/oauth2/v2.0/token", grant_type="client_credentials", client_id=client,
                              client_secret=secret, scope=f"{self.base}/orgs/{org}/.default")

    def client(self, token=None):
        return Client(self, token or self.sign_in().json["access_token"])


class Client:
    """Data requests with the four standard headers."""

    def __init__(self, world, token):
        self.world = world
        self.headers = {**STANDARD, "Authorization": f"Bearer {token}"}

    def send(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        if isinstance(body, (dict, list)) and "Content-Type" not in named:
            named["Content-Type"] = "application/json; charset=utf-8"
        return self.world.request(method, API + path, body, {**self.headers, **named})

    def get(self, path, options=None, **headers):
        """`options` are encoded as a careful client does it: everything but what is safe."""
        if options:
            path += "?" + "&".join(f"{name}={urllib.parse.quote(str(value), safe='')}" for name, value in options.items())
        return self.send("GET", path, **headers)

    def patch(self, path, body, **headers):
        return self.send("PATCH", path, body, **headers)

    def post(self, path, body, **headers):
        return self.send("POST", path, body, **headers)

    def put_note(self, note_id=N1, **values):
        body = {"subject": "Q1 review", "notetext": "<p>Hi</p>", "objectid_contact@odata.bind": f"/contacts({C1})", **values}
        return self.patch(f"/annotations({note_id})", body, If_None_Match="*")

    def batch(self, text, boundary="batch_x", **headers):
        return self.send("POST", "/$batch", text, Content_Type=f'multipart/mixed; boundary="{boundary}"', **headers)


@pytest.fixture(scope="session")
def process():
    world = World("--world", str(HOME / "worlds" / "fixture.json"))
    yield world
    assert world.stop() == 0


@pytest.fixture
def world(process):
    process.control("POST", "reset")
    return process


@pytest.fixture
def api(world):
    return world.client()


@pytest.fixture
def acme(world):
    """With limits that do not bite; who tries them sets them."""
    company = Company(world)
    company.limit(burst=100_000, search=100_000)
    return company
