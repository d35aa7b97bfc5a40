"""One request as the API sees it."""
import dataclasses

from .answer import Refused, missing

PURGED = 30 * 86400                          # seconds after which what was deleted is really gone


@dataclasses.dataclass
class Call:
    company: object
    user: object
    operation: object
    row_id: int | None
    query: dict                              # of the types that the contract says
    body: dict
    now: float                               # the clock's

    def need(self, right):
        """Refuses unless the user may do that."""
        if right not in self.user.rights:
            raise Refused(403, f"You do not have permission to {right}.")

    def wanted(self, table, row_id, what):
        """A row that is there and that the user sees, deleted or not."""
        row = self.company.table(table).get(row_id)
        if row is None or (row.get("is_deleted") and self.now - row["update_time"] > PURGED):
            raise missing(what)
        if not self.company.sees(self.user, row):
            status = self.company.switches["invisibleStatus"]
            raise missing(what) if status == 404 else Refused(status, f"You do not have access to this {what.lower()}.")
        return row

    def living(self, table, row_id, what):
        row = self.wanted(table, row_id, what)
        if is_deleted(row):
            raise missing(what)
        return row

    def readable(self, table, row_id, what):
        row = self.wanted(table, row_id, what)
        if is_deleted(row) and (row.get("merged") or not self.company.switches["deletedReadable"]):
            raise missing(what)
        return row

    @property
    def created(self):
        return 201 if self.company.switches["created201"] else 200


def is_deleted(row):
    return row.get("is_deleted", False) or not row.get("active_flag", True)
