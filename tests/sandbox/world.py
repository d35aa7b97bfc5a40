"""A world file → tenants, and each vendor's organisations. What a vendor's part holds is that vendor's business."""
import datetime
import re

from .dataverse import vendor as dataverse
from .demand import WorldProblem, demand
from .pipedrive import vendor as pipedrive

VENDORS = (dataverse, pipedrive)
APP = {"secret", "callback", "scopes", "rotates", "denial"}
RELATIVE = re.compile(r"@(-?\d+)d (\d\d:\d\d)")         # days from today and a time of day, UTC


class World:
    def __init__(self, today=None):
        self.today = today or datetime.datetime.now(datetime.timezone.utc).date()
        self.tenants, self.apps, self.orgs = {}, {}, {}      # of any vendor, by name

    def add(self, document, fast=False):
        """Adds tenants, apps, organisations and rows to what is there. Raises WorldProblem that names the place."""
        demand(document, {"tenants", "apps", "refresh_tokens", "note", *(vendor.PLACE for vendor in VENDORS)}, "world")
        for name, tenant in document.get("tenants", {}).items():
            demand(tenant, {"clients", "people"}, f"tenants.{name}")
            known = self.tenants.setdefault(name, {"clients": {}, "people": {}})
            known["clients"].update(tenant.get("clients", {}))
            known["people"].update(tenant.get("people", {}))
        for name, wanted in document.get("apps", {}).items():
            self.set_app(name, wanted)
        for vendor in VENDORS:
            for name, wanted in document.get(vendor.PLACE, {}).items():
                if name in self.orgs and self.orgs[name].vendor is not vendor:
                    raise WorldProblem(f"{vendor.PLACE}.{name}: another vendor has an organisation of this name")
                vendor.add(self.orgs, name, self._dated(wanted))
                self.orgs[name].vendor, self.orgs[name].fast = vendor, fast

    def of(self, vendor):
        return [org for org in self.orgs.values() if org.vendor is vendor]

    def set_app(self, name, wanted):
        demand(wanted, APP, f"apps.{name}")
        self.apps.setdefault(name, {"secret": "", "callback": "", "scopes": "base", "rotates": False, "denial": "user_denied"}).update(wanted)

    def _dated(self, value):
        """"@-1d 09:00" → that time yesterday, wherever it stands."""
        if isinstance(value, dict):
            return {name: self._dated(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._dated(inner) for inner in value]
        match = RELATIVE.fullmatch(value) if isinstance(value, str) else None
        return f"{self.today + datetime.timedelta(days=int(match[1]))}T{match[2]}:00Z" if match else value
