"""Everything that a running sandbox knows."""
import copy
import json
import time

from .clock import Clock
from .cost import Cost
from .dataverse import vendor as dataverse
from .faults import Faults
from .pipedrive.grants import Grants
from .signin.tokens import SignIn
from .world import World


class Sandbox:
    def __init__(self, documents, today, journal, fast=False):
        self.documents, self.today = documents, today
        self.journal, self.fast = journal, fast
        self.faults = Faults()
        self.cost = Cost()
        self.authorities = set()             # scheme://host:port under which it is reached
        self.reset()

    def reset(self):
        """Back to the world it started with. The journal and requests that hang stay as they are."""
        self.clock = Clock()
        self.world = World(self.today)
        self.faults.clear()
        self.signin = SignIn(self.world)
        self.oauth = Grants(self.world)
        for document in self.documents:
            self.add_world(copy.deepcopy(document))      # the world changes what it was given

    def add_world(self, document):
        self.world.add(document, self.fast)
        for seed in document.get("refresh_tokens", ()):
            born = time.time() - seed.get("age_days", 0) * 86400
            self.signin.seed_refresh(seed["value"], seed["tenant"], seed["client"], seed["person"], seed["scope"], born)
        for name, company in document.get("companies", {}).items():
            for grant in company.get("grants", ()):
                self.oauth.seed(self.world.orgs[name], grant, self.clock.time())

    def resource_org(self, resource, tenant, authority):
        """The org that a token's resource names: its address here (as the client of this request writes it, too), or its
        host as a customer would write it."""
        known = self.authorities | {authority}
        for org in self.world.of(dataverse):
            named = resource in {f"{each}/orgs/{org.name}" for each in known}
            if (named or (org.host and resource == f"https://{org.host}")) and org.tenant == tenant:
                return org
        return None


def read_document(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
