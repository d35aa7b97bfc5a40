"""One company: its rows, its people, its knobs and limits."""
import dataclasses

from .sanitiser import SEEN, quickly_sanitised, sanitised
from .store import Table
from .throttle import Limits, Usage

SWITCHES = {
    "indexLag": 5.0,                         # seconds until the search sees a write
    "listLag": 0.0,                          # seconds until the lists show a new note, person or activity
    "searchDigits": True,                    # a search for digits finds them in a phone however it was typed
    "unknownBodyKeys400": True,              # version 2 refuses keys that it does not know
    "unknownQuery400": True,
    "unknownType400": True,                  # an activity of a type that does not exist, or is inactive
    "created201": False,                     # 201 instead of 200 on what was created
    "emptyListNull": True,                   # an empty list of version 1 is null
    "removed410": True,                      # the calls that version 2 replaced; else 404
    "failedCallsCost": True,                 # refused calls cost tokens, too (a 429 never does)
    "refusedCount": False,                   # a 429 counts in the windows, too
    "tokenHeaders": True,                    # x-daily-ratelimit-token-…
    "oneTargetPerNote": False,               # a note may not carry a person and a deal
    "participantListsDeals": False,          # a person's list shows deals of which the person is a participant
    "personListsDealNotes": False,           # a person's list shows notes of the person's deals
    "notesOnArchivedDeals": False,
    "notesPerDeal": 0,                       # the most, 0: as many as you like
    "noteTooLong413": False,                 # else 400
    "deletedNotesEditable": False,           # PUT on a deleted note: 200 instead of 404
    "deletedReadable": True,                 # GET of a deleted person, deal or activity: 200 with is_deleted
    "onlySeenTags": False,                   # of a note's tags only those stay that were seen to stay
    "mergedGone": True,                      # a merged person's old id: 404, else a deleted person
    "invisibleStatus": 404,                  # for rows that the user may not see
    "contactSync": False,                    # persons have im, notes, birthday, …
    "campaigns": False,                      # persons have marketing_status
    "seed": 1,                               # shuffles search results of equal score
    "disabled": False,                       # 402 on everything
}
TABLES = ("organizations", "persons", "deals", "notes", "activities", "activityTypes")
LENGTHS = {"notes.content": 100_000, "activities.note": 100_000}      # bytes of UTF-8
RIGHTS = {"use api"} | {f"{verb} {table}" for verb in ("add", "edit", "delete") for table in ("persons", "notes", "activities")}
SMALL_PLANS = ("lite", "growth")


@dataclasses.dataclass
class User:
    id: int
    name: str
    email: str
    rights: set
    api_token: str | None = None
    admin: bool = False
    group: int = 1                           # visibility group
    disabled: bool = False
    declines: bool = False                   # says no when an app asks


class Company:
    def __init__(self, name, company_id, title, host, timezone, offset, country, currency):
        self.name, self.id, self.title, self.host = name, company_id, title, host
        self.timezone, self.offset, self.country, self.currency = timezone, offset, country, currency
        self.domain = (host or name).partition(".")[0]
        self.switches = dict(SWITCHES)
        self.lengths = dict(LENGTHS)
        self.limits = Limits()
        self.usage = Usage()                 # of the whole company
        self.usages = {}                     # token → its own
        self.users = {}
        indexed = {"deals": ("person_id",), "notes": ("person_id", "deal_id"), "activities": ("person_id",)}
        self.tables = {table: Table(*indexed.get(table, ())) for table in TABLES}
        self.folded = {}                     # (field, text in lower case) → ids of persons that have or had it

        self.fast = False

    def sanitised(self, text):
        if self.switches["onlySeenTags"]:
            return sanitised(text, SEEN)
        return quickly_sanitised(text) if self.fast else sanitised(text)

    def is_listed(self, table, row_id, now):
        """Whether the lists show it by now; what a person made from behind they show at once."""
        return self.table(table).since(row_id) <= now - self.switches["listLag"]

    def table(self, name):
        return self.tables[name]

    def sees(self, user, row):
        """By the row's visibility: on small plans 1 is the owner's and 3 everybody's; on large ones 3 and 5 are the owner's group's
        and 7 is everybody's."""
        level = row.get("visible_to", 3)
        if user.admin or row.get("owner_id") in (user.id, None):
            return True
        if level >= 7 or (level >= 3 and self.limits.plan in SMALL_PLANS):
            return True
        owner = self.users.get(row["owner_id"])
        return level >= 3 and owner is not None and owner.group == user.group

    def sees_activity(self, user, row):
        """Its owner does, and who sees the person and the deal that it is about."""
        about = [self.table(table).get(row[column]) for column, table in (("person_id", "persons"), ("deal_id", "deals"))]
        return row["owner_id"] == user.id or all(self.sees(user, each) for each in about if each)

    def token_user(self, token):
        return next((user for user in self.users.values() if user.api_token == token), None) if token else None
