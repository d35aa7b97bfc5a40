"""One organisation (environment): its tables as it has them, its people, its switches and limits."""
import dataclasses

from . import tables as standard
from .schema import stable_id
from .store import Store
from .throttle import Limits, Usage

SWITCHES = {
    "onlineMeetingColumns": True,            # the activities extension is installed
    "omnichannelTable": False,               # oc_liveworkitem exists
    "extraPriority": False,                  # prioritycode has a fourth value
    "relaxedCustomer": False,                # a plug-in supplies a case's customer
    "unknownPropertyCode0x0": False,         # older answers to an unknown column
    "emptyPreconditionCodes": False,         # code "" on 412 and on 404 after If-Match: *
    "duplicateStatus412": False,             # 412 instead of 500 on a duplicate rule
    "disabled": False,                       # 503 on everything
}


@dataclasses.dataclass
class User:
    id: str
    privileges: set
    client: str | None = None                # an application user's client id
    person: str | None = None                # Entra object id
    disabled: bool = False
    usage: Usage = dataclasses.field(default_factory=Usage)


class Org:
    def __init__(self, name, tenant, organization_id=None, host=None):
        self.name, self.tenant, self.host = name, tenant, host
        self.id = organization_id or stable_id("org", name)
        self.business_unit = stable_id("businessunit", name)
        self.switches = dict(SWITCHES)
        self.lengths = {}                    # (table, column) → length that differs from the standard
        self.limits = Limits()
        self.users = {}
        self.duplicates_by_mail = True       # the default rule, asked for by a header only
        self.tables = {}
        self.settle_tables()
        self.store = Store((*standard.STANDARD, standard.LIVE_WORK_ITEM))

    def settle_tables(self):
        """Derives the tables from switches and lengths; to be called after either was changed."""
        found = list(standard.STANDARD)
        if self.switches["omnichannelTable"]:
            found.append(standard.LIVE_WORK_ITEM)
        self.tables = {table.name: self._adapted(table) for table in found}
        self.sets = {table.set: table for table in self.tables.values()}

    def _adapted(self, table):
        if table.name == "appointment" and not self.switches["onlineMeetingColumns"]:
            table = table.without(standard.ONLINE_MEETING_COLUMNS)
        if table.name == "incident" and self.switches["extraPriority"]:
            column = table.by_name["prioritycode"]
            table = table.with_column(dataclasses.replace(column, options=(*column.options, (4, "Critical"))))
        for (name, column), length in self.lengths.items():
            if name == table.name and column in table.by_name:
                table = table.with_column(dataclasses.replace(table.by_name[column], max=length))
        return table

    def all_privileges(self):
        names = {table.privilege for table in self.tables.values()} | {standard.LIVE_WORK_ITEM.privilege}
        return {f"prv{verb}{name}" for verb in standard.VERBS for name in names} | {"prvActOnBehalfOfAnotherUser"}

    def user_of(self, token):
        for user in self.users.values():
            if (token.person and user.person == token.person) or (token.client_only and user.client == token.client):
                return user
        return None
