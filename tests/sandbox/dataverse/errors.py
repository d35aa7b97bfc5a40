"""Dataverse's refusals, one function each, so that a wording stands once. Texts are matched on by clients: keep them literal."""
from .answer import Refused

HELP = "https://go.microsoft.com/fwlink/?linkid=2195293"


def missing_row(table, row_id):
    return Refused(404, "0x80040217", f"{table} With Id = {row_id} Does Not Exist")


def missing_segment(segment):
    return Refused(404, "0x8006088a", f"Resource not found for the segment '{segment}'.")


def no_resource(url):
    return Refused(404, "", f"No HTTP resource was found that matches the request URI '{url}'.")


def bad_query(message, code="0x80060888"):
    return Refused(400, code, message)


def bad_payload(entity_set, inner):
    return Refused(400, "0x80048d19",
                   f"Error identified in Payload provided by the user for Entity :'{entity_set}', For more information on "
                   f"this error please follow this help link {HELP}  ---->  InnerException : "
                   f"Microsoft.OData.ODataException: {inner}")


def undeclared(entity_set, name, table):
    return bad_payload(entity_set, f"An undeclared property '{name}' which only has property annotations in the payload but "
                       f"no property value was found in the payload. In OData, only declared navigation properties and declared "
                       f"named streams can be represented as properties without values. (type {table.type_name})")


def unknown_value_property(entity_set, name, table):
    return bad_payload(entity_set, f"The property '{name}' does not exist on type '{table.type_name}'. Make sure to only use "
                       f"property names that are defined by the type.")


def too_long(table, column, limit):
    return Refused(400, "0x80044331", f"A validation error occurred.  The length of the '{column}' attribute of the '{table}' "
                   f"entity exceeded the maximum allowed length of '{limit}'.")


def invalid_characters(table, column):
    return Refused(400, "0x80040278", f"The '{column}' attribute of the '{table}' entity contains invalid characters.")


def bad_choice(table, column, value, accepted):
    return Refused(400, "0x8004431a", f"A validation error occurred. The value {value} of '{column}' on record of type "
                   f"'{table}' is outside the valid range. Accepted Values: {','.join(map(str, accepted))}")


def read_only(table, column):
    return Refused(400, "0x80040203", f"The property '{column}' of '{table}' is read-only.")


def exists(code="0x80040237"):
    return Refused(412, code, "A record with matching key values already exists.")


def stale(code="0x80060882"):
    return Refused(412, code, "The version of the existing record doesn't match the RowVersion property provided.")


def missing_privilege(user, name, privilege_id, owner):
    return Refused(403, "0x80040220", f"Principal user (Id={user}, type=8, roleCount=1, privilegeCount=1) is missing {name} "
                   f"privilege (Id={privilege_id}) on OTC={owner.code} for entity '{owner.name}'. "
                   f"context.Caller={user}")


def not_a_member():
    return Refused(403, "0x80072560", "The user is not a member of the organization.")


def no_customer():
    return Refused(400, "0x80044410", "You should specify a parent contact or account.")


def wrong_primary_contact():
    return Refused(400, "0x8004f864", "The specified contact doesn't belong to the account selected as the customer. Specify a "
                   "contact that belongs to the selected account, and then try again.")


def unrelated_contact():
    return Refused(400, "0x8004f865", "The specified contact doesn't belong to the contact that was specified in the customer "
                   "field. Remove the value from the contact field, or select a contact associated to the selected customer, "
                   "and then try again.")


def duplicate(status):
    return Refused(status, "0x80040333", "A record was not created or updated because a duplicate of the current record "
                   "already exists.")


def wrong_method(method):
    return Refused(405, "0x80060888", f"The requested resource does not support http method '{method}'.")


def disabled():
    return Refused(503, "0x8004a104", "The organization is disabled.")


def not_simulated(what):
    return Refused(501, "0x80040203", f"{what} is not simulated here.")
