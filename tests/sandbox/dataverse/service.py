"""One call → one answer: which table, function or action it is for. Used alike for single requests and for parts of a batch."""
import dataclasses

from . import actions, errors, metadata, read, write
from .answer import Refused, ok
from .call import segments
from ..odata.evaluate import UnknownProperty
from ..odata.options import OptionProblem
from ..odata.parse import SyntaxProblem

QUALIFIER = "Microsoft.Dynamics.CRM."


def answer(call):
    """Never raises for anything a client can send."""
    try:
        return route(impersonated(call))
    except Refused as refusal:
        return refusal.answer()
    except UnknownProperty as problem:
        code = "0x0" if call.org.switches["unknownPropertyCode0x0"] else "0x80060888"
        return errors.bad_query(str(problem), code).answer()
    except (SyntaxProblem, OptionProblem) as problem:
        return errors.bad_query(str(problem)).answer()
    except RecursionError:
        return errors.bad_query("Recursion depth exceeded allowed limit.").answer()


def impersonated(call):
    by_person, by_user = call.headers.get("callerobjectid"), call.headers.get("mscrmcallerid")
    if by_person is None and by_user is None:
        return call
    users = call.org.users.values()
    target = next((user for user in users if (by_person and user.person == by_person.lower()) or
                   (not by_person and user.id == by_user.lower())), None)
    if "prvActOnBehalfOfAnotherUser" not in call.user.privileges:
        raise errors.missing_privilege(call.user.id, "prvActOnBehalfOfAnotherUser", "-", call.org.tables["systemuser"])
    if target is None:
        raise errors.missing_row("systemuser", by_person or by_user)
    return dataclasses.replace(call, user=target, caller=call.user)


def route(call):
    if call.path.strip("/") == "":
        return service_document(call)
    parts = segments(call.path)
    name, key = parts[0]
    if name == "WhoAmI" and key in (None, "") and len(parts) == 1:
        return actions.who_am_i(call)
    if name == "EntityDefinitions":
        return metadata.answer(call, parts)
    table = call.org.sets.get(name)
    if table is None:
        raise errors.missing_segment(name)
    if key is None:
        return on_set(call, table, parts[1:])
    return on_row(call, table, read.row_id_of(table, key), parts[1:])


def service_document(call):
    sets = [{"name": table.set, "kind": "EntitySet", "url": table.set} for table in call.org.tables.values()]
    return ok({"@odata.context": f"{call.root}/$metadata", "value": sets})


def on_set(call, table, rest):
    if rest:
        if rest != [("$count", None)]:
            raise errors.missing_segment(rest[0][0])
        return read.count(call, table)
    if call.method == "GET":
        return read.many(call, table)
    if call.method == "POST":
        return write.create(call, table)
    raise errors.wrong_method(call.method)


def on_row(call, table, row_id, rest):
    if not rest:
        verbs = {"GET": read.one, "PATCH": write.upsert, "DELETE": write.remove}
        if call.method not in verbs:
            raise errors.wrong_method(call.method)
        return verbs[call.method](call, table, row_id)
    name, key = rest[0]
    if name.startswith(QUALIFIER):
        return bound_to_row(call, table, row_id, name.removeprefix(QUALIFIER), key, rest[1:])
    if call.method != "GET" or key is not None or len(rest) > 1:
        raise errors.missing_segment(name)
    return along(call, table, row_id, name)


def bound_to_row(call, table, row_id, name, parameters, rest):
    known = {("POST", "queue", "AddToQueue"): lambda: actions.add_to_queue(call, row_id),
             ("GET", "systemuser", "RetrieveUserPrivileges"): lambda: actions.all_privileges(call, row_id),
             ("GET", "systemuser", "RetrieveUserSetOfPrivilegesByNames"):
                 lambda: actions.privileges_by_names(call, row_id, parameters)}
    act = known.get((call.method, table.name, name))
    if act is None or rest:
        raise errors.missing_segment(QUALIFIER + name)
    return act()


def along(call, table, row_id, nav):
    """A row's related rows: `/contacts(1)/Contact_Annotation`, `/contacts(1)/parentcustomerid_account`."""
    call.need("Read", table)
    row = read.fetch(call, table, row_id)
    if nav in table.by_child:
        child, column = table.by_child[nav]
        return read.many(call, call.org.tables[child], lambda found: found[column] == (table.name, row_id))
    if nav in table.by_nav:
        value = row[table.by_nav[nav][0].name]
        if value is None or value[0] not in table.by_nav[nav][1]:
            raise errors.Refused(404, "0x80060888", f"'{nav}' of {table.name} With Id = {row_id} is empty.")
        return read.one(call, call.org.tables[value[0]], value[1])
    raise errors.missing_segment(nav)
