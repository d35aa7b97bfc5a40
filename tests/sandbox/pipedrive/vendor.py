"""What the sandbox around it asks of this vendor: where its requests go, and what the control API may do to a company."""
from . import front, pages, records, seed
from .company import SWITCHES, TABLES
from .callback import announce
from ..demand import demand
from ..refused import Wrong

PLACE = "companies"                          # in a world file, and in paths
API = front.API

add = seed.add
set_switches = seed.set_switches
set_limits = seed.set_limits
state = records.state
index_card = pages.index_card


async def answer(sandbox, company, rest, request, entry):
    """`rest` is the path below the company's base URL."""
    if not API.fullmatch(rest):
        return pages.answer(company, rest)
    return await front.answer(sandbox, company, request, rest, entry)


async def answer_anywhere(sandbox, request, entry):
    """As at api.pipedrive.com: the token says which company is meant."""
    return await front.answer(sandbox, None, request, request.path, entry)


def knows_switches(_, names):
    return names <= set(SWITCHES)


def knows_limits(company, lengths, throttle):
    return lengths <= set(company.lengths) and throttle <= seed.THROTTLE


class Table:
    """For the control API, see rows.py."""

    key = "id"

    def __init__(self, company, name, now):
        if name not in TABLES:
            raise Wrong(404, f"no table {name}")
        self.company, self.name, self.now, self.rows = company, name, now, company.table(name).rows

    def key_of(self, row_id):
        return int(row_id) if row_id.isdigit() else None

    def all(self):
        return records.rows_shown(self.company, self.name)

    def one(self, key):
        return records.row_shown(self.company, self.name, self.rows[key])

    def put(self, row, partial=False):
        return seed.put_row(self.company, self.name, row, self.now, partial)

    def delete(self, key):
        gone = {"active_flag": False} if self.name in ("notes", "activityTypes") else {"is_deleted": True}
        self.put({"id": key, **gone}, partial=True)
        return [[self.name, key]]


def set_user(sandbox, company, body):
    """Changes a user, or ends what the user granted."""
    demand(body, {"org", "user", "rights", "grant", "lacks", "disabled", "declines", "admin", "group", "api_token", "revoke",
                  "access_tokens", "uninstall", "add"}, "users")
    if "add" in body:
        seed.add_user(company, body["add"])
        return {}
    user = company.users.get(body["user"])
    if user is None:
        raise Wrong(404, f"no user {body['user']} in {company.name}")
    if "rights" in body:
        user.rights = seed.rights_of(company, {"rights": body["rights"]})
    user.rights |= seed.rights_of(company, {"rights": body.get("grant", [])})
    user.rights -= seed.rights_of(company, {"rights": body.get("lacks", [])})
    for name in ("disabled", "declines", "admin", "group", "api_token"):
        setattr(user, name, body.get(name, getattr(user, name)))
    if body.get("access_tokens"):
        sandbox.oauth.drop_access_tokens(company, user)
    if body.get("revoke"):
        sandbox.oauth.uninstall(company, user)
    if body.get("uninstall"):
        announce(sandbox, company, sandbox.oauth.uninstall(company, user))
    return {"rights": sorted(user.rights)}
