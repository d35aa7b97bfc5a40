"""A world file's part on organisations → rows, users, switches and limits; also what the control API changes in them."""
import datetime

from . import rules, write
from .answer import Refused
from .call import Call
from .org import SWITCHES, Org, User
from .payload import values_of
from .schema import stable_id
from .throttle import Usage
from ..demand import WorldProblem, demand
from ..odata.values import is_guid

ORG_KEYS = {"tenant", "organization_id", "host", "switches", "lengths", "throttle", "users", "rows"}
USER_KEYS = {"systemuserid", "fullname", "internalemailaddress", "client", "person", "privileges", "lacks", "disabled"}


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_org(orgs, name, wanted):
    """Makes an organisation, or adds to the one that is there."""
    demand(wanted, ORG_KEYS, f"orgs.{name}")
    org = orgs.get(name)
    if org is None:
        org = orgs[name] = Org(name, wanted.get("tenant"), wanted.get("organization_id"), wanted.get("host"))
    set_switches(org, wanted.get("switches", {}))
    set_lengths(org, wanted.get("lengths", {}))
    set_throttle(org, wanted.get("throttle", {}))
    for user in wanted.get("users", ()):
        add_user(org, user)
    for entity_set, rows in wanted.get("rows", {}).items():
        for row in rows:
            put_row(org, entity_set, row)


def set_switches(org, wanted):
    demand(wanted, set(SWITCHES), f"{org.name}.switches")
    if not all(isinstance(value, bool) for value in wanted.values()):
        raise WorldProblem(f"{org.name}.switches: each is true or false")
    org.switches.update(wanted)
    org.settle_tables()


def set_lengths(org, wanted):
    """{"annotation.notetext": 500}; null restores the standard length."""
    for place, length in wanted.items():
        table, _, column = place.partition(".")
        if table not in org.tables or column not in org.tables[table].by_name or org.tables[table].by_name[column].max is None:
            raise WorldProblem(f"{org.name}.lengths: no text column {place}")
        if length is None:
            org.lengths.pop((table, column), None)
        else:
            org.lengths[(table, column)] = int(length)
    org.settle_tables()


def set_throttle(org, wanted):
    demand(wanted, set(vars(org.limits)), f"{org.name}.throttle")
    if not all(isinstance(value, (int, float)) for value in wanted.values()):
        raise WorldProblem(f"{org.name}.throttle: each is a number")
    for name, value in wanted.items():
        setattr(org.limits, name, value)
    if wanted:
        for user in org.users.values():      # a test that sets limits starts counting anew
            user.usage = Usage()


def add_user(org, wanted):
    demand(wanted, USER_KEYS, f"{org.name}.users")
    user_id = wanted["systemuserid"].lower()
    person = wanted.get("person")
    user = User(user_id, privileges_of(org, wanted), wanted.get("client"), person.lower() if person else None,
                wanted.get("disabled", False))
    org.users[user_id] = user
    row = {"systemuserid": user_id, "fullname": wanted.get("fullname"), "internalemailaddress": wanted.get("internalemailaddress"),
           "azureactivedirectoryobjectid": user.person, "isdisabled": user.disabled,
           "applicationid": user.client if is_guid(user.client) else None}
    put_row(org, "systemusers", row)


def privileges_of(org, wanted):
    """"all", a list of names, or {table: [verbs]}; minus what it `lacks`."""
    given = wanted.get("privileges", "all")
    if given == "all":
        names = org.all_privileges()
    elif isinstance(given, dict):
        names = {f"prv{verb}{org.tables[table].privilege}" for table, verbs in given.items() for verb in verbs}
    else:
        names = set(given)
    lacks = set(wanted.get("lacks", ()))
    unknown = (names | lacks) - org.all_privileges()
    if unknown:
        raise WorldProblem(f"{org.name}.users: unknown privileges: {', '.join(sorted(unknown))}")
    return names - lacks


def free_call(org, method="PATCH"):
    """A call of nobody in particular: what a person at the keyboard or a world file does needs no privileges."""
    return Call(org, User("", set()), method, "", "", {}, b"", f"sandbox:/orgs/{org.name}/api/data/v9.2", utc_now())


def put_row(org, entity_set, body, partial=False):
    """Stores a row given in the Web API's form. Read-only columns may be set; lengths and targets are not checked."""
    table = org.sets.get(entity_set)
    if table is None:
        raise WorldProblem(f"{org.name}: no table {entity_set}")
    call = free_call(org)
    try:
        values = values_of(call, table, body, free=True)
    except Refused as refusal:
        raise WorldProblem(f"{org.name}.{entity_set}: {refusal.message}") from None
    row_id = values.get(table.key) or stable_id(org.name, entity_set, str(len(org.store.rows[table.name])))
    before = org.store.get(table.name, row_id)
    row = write.blank(org, table)
    if before and partial:
        row.update(before)
    else:
        row.update({column.name: column.default for column in table.columns})
        row.update({"createdon": call.now} if "createdon" in row else {})
    row.update({"modifiedon": call.now} if "modifiedon" in row else {})
    row.update(values)
    row[table.key] = row_id
    rules.settle_state(table, row, values)
    rules.compute(table, row)
    if table.name == "incident" and not row["ticketnumber"]:
        row["ticketnumber"] = org.store.next_ticket()
    org.store.put(table.name, row_id, row)
    return row_id


def shown(table, row):
    """A row as JSON, lookups as `_x_value` with the table beside it."""
    body = {"@version": row["@version"]}
    for column in table.columns:
        value = row[column.name]
        body[column.property] = value[1] if column.lookup and value else value
        if column.lookup and value:
            body[f"{column.property}@Microsoft.Dynamics.CRM.lookuplogicalname"] = value[0]
    return body
