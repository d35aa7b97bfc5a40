"""A world file → tenants, and each vendor's organisations. What a vendor's part holds is that vendor's business."""
import datetime
import re

from .dataverse.seed import add_org
from .demand import demand

RELATIVE = re.compile(r"@(-?\d+)d (\d\d:\d\d)")         # days from today and a time of day, UTC


class World:
    def __init__(self, today=None):
        self.today = today or datetime.datetime.now(datetime.timezone.utc).date()
        self.tenants, self.orgs = {}, {}

    def add(self, document):
        """Adds tenants, orgs and rows to what is there. Raises WorldProblem that names the place."""
        demand(document, {"tenants", "orgs", "refresh_tokens", "note"}, "world")
        for name, tenant in document.get("tenants", {}).items():
            demand(tenant, {"clients", "people"}, f"tenants.{name}")
            known = self.tenants.setdefault(name, {"clients": {}, "people": {}})
            known["clients"].update(tenant.get("clients", {}))
            known["people"].update(tenant.get("people", {}))
        for name, wanted in document.get("orgs", {}).items():
            add_org(self.orgs, name, self._dated(wanted))

    def _dated(self, value):
        """"@-1d 09:00" → that time yesterday, wherever it stands."""
        if isinstance(value, dict):
            return {name: self._dated(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._dated(inner) for inner in value]
        match = RELATIVE.fullmatch(value) if isinstance(value, str) else None
        return f"{self.today + datetime.timedelta(days=int(match[1]))}T{match[2]}:00Z" if match else value
