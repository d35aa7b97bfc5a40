"""Functions and actions: WhoAmI, which privileges a user has, AddToQueue."""
import json
import uuid

from . import errors, write
from .answer import ok
from .payload import read_json
from .read import fetch
from .schema import stable_id
from ..odata.options import split
from ..odata.values import is_guid


def who_am_i(call):
    if call.method != "GET":
        raise errors.no_resource(call.root + call.path)
    return ok({"@odata.context": f"{call.root}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse",
               "BusinessUnitId": call.org.business_unit, "UserId": call.user.id, "OrganizationId": call.org.id})


def privileges_by_names(call, user_id, parameters):
    """`RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p)?@p=["prvReadContact"]`: those of the names that the user has."""
    name, _, alias = (parameters or "").partition("=")
    options, aliases = split(call.query)
    if name != "PrivilegeNames" or alias not in aliases or options:
        raise errors.bad_query("RetrieveUserSetOfPrivilegesByNames takes PrivilegeNames=@alias and the alias as a JSON array.")
    try:
        wanted = json.loads(aliases[alias])
    except ValueError:
        wanted = None
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        raise errors.bad_query(f"The value of '{alias}' is no array of strings.")
    return role_privileges(call, user_id, "RetrieveUserSetOfPrivilegesByNames", wanted)


def all_privileges(call, user_id):
    return role_privileges(call, user_id, "RetrieveUserPrivileges", None)


def role_privileges(call, user_id, function, wanted):
    user = call.org.users.get(user_id)
    if user is None:
        raise errors.missing_row("systemuser", user_id)
    rows = [{"Depth": "Global", "PrivilegeId": stable_id("privilege", name), "BusinessUnitId": call.org.business_unit,
             "PrivilegeName": name, "RecordFilterId": "00000000-0000-0000-0000-000000000000", "RecordFilterUniqueName": ""}
            for name in sorted(user.privileges) if wanted is None or name in wanted]
    return ok({"@odata.context": f"{call.root}/$metadata#Microsoft.Dynamics.CRM.{function}Response", "RolePrivileges": rows})


def add_to_queue(call, queue_id):
    """Bound to the destination. A record is in one queue at a time: adding again moves its item."""
    org = call.org
    queues, items = org.tables["queue"], org.tables["queueitem"]
    body = read_json(call, "queues")
    for name in body:
        if name not in ("Target", "SourceQueue", "QueueItemProperties"):
            raise errors.bad_payload("queues", f"The parameter '{name}' in the request payload is not a valid parameter for "
                                     f"the operation 'AddToQueue'.")
    table, target_id = target_of(call, body.get("Target"))
    call.need("Read", queues)
    call.need("AppendTo", queues)
    call.need("Create", items)
    call.need("Read", table)
    queue = fetch(call, queues, queue_id)
    target = fetch(call, table, target_id)
    if queue["statecode"] != 0:
        raise errors.Refused(400, "0x80040522", "The queue is inactive, or the caller may not use it.")
    if target.get("statecode") not in (None, 0):
        raise errors.Refused(400, "0x8004051e", "A deactivated object cannot be added to a queue.")
    object_id = (table.name, target_id)
    found = next((row for row in org.store.rows["queueitem"].values()
                  if row["objectid"] == object_id and row["statecode"] == 0), None)
    values = {"queueid": ("queue", queue_id), "objectid": object_id, "enteredon": call.now,
              "title": (target.get("title") or target.get("subject") or "")[:300]}
    if found:
        row = write.change(call, items, found, values)
    else:
        row = write.insert(call, items, str(uuid.uuid4()), values)
    answer = ok({"@odata.context": f"{call.root}/$metadata#Microsoft.Dynamics.CRM.AddToQueueResponse",
                 "QueueItemId": row["queueitemid"]})
    answer.effects = [("update" if found else "create", "queueitem", row["queueitemid"])]
    return answer


def target_of(call, target):
    if not isinstance(target, dict) or not str(target.get("@odata.type", "")).startswith("Microsoft.Dynamics.CRM."):
        raise errors.bad_payload("queues", "The parameter 'Target' must be an entity with '@odata.type'.")
    name = target["@odata.type"].removeprefix("Microsoft.Dynamics.CRM.")
    table = call.org.tables.get(name)
    if table is None or name not in ("incident", "appointment"):
        raise errors.bad_payload("queues", f"A type named '{target['@odata.type']}' could not be resolved by the model.")
    if not is_guid(target.get(table.key)):
        raise errors.bad_payload("queues", f"The parameter 'Target' holds no '{table.key}'.")
    return table, target[table.key].lower()
