"""What Dataverse does or demands beyond columns: lengths, choices, computed columns, cases, duplicate rules."""
from . import errors

CONTROLS = bytes(number for number in range(32) if chr(number) not in "\t\n\r")

DEFAULT_STATUS = {"incident": {0: 1, 1: 5, 2: 6}, "appointment": {0: 1, 1: 3, 2: 4, 3: 5}}


def is_xml(text):
    """Whether XML 1.0 can hold it: no controls, no halves of pairs, no U+FFFE or U+FFFF."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        return False
    return len(octets) == len(octets.translate(None, CONTROLS)) and "\ufffe" not in text and "\uffff" not in text


def utf16_units(text):
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_values(table, values):
    """Every changed value against its column's declaration."""
    for name, value in values.items():
        column = table.by_name[name]
        if value is None:
            if column.required:
                raise errors.Refused(400, "0x80040203", f"The required attribute '{name}' of '{table.name}' must not be null.")
        elif column.max is not None and not is_xml(value):
            raise errors.invalid_characters(table.name, name)
        elif column.max is not None and utf16_units(value) > column.max:
            raise errors.too_long(table.name, name, column.max)
        elif column.options and value not in dict(column.options):
            raise errors.bad_choice(table.name, name, value, [option for option, _ in column.options])


def check_targets(call, values):
    for value in values.values():
        if isinstance(value, tuple) and call.org.store.get(*value) is None:
            raise errors.missing_row(*value)


def compute(table, row):
    """Columns that follow from others."""
    if table.name == "contact":
        parts = (row["firstname"], row["middlename"], row["lastname"])
        row["fullname"] = " ".join(part for part in parts if part)[:160] or None
    elif table.name == "annotation":
        row["objecttypecode"] = row["objectid"][0] if row["objectid"] else None


def settle_state(table, row, values):
    """A new statecode without a statuscode takes that state's default."""
    if "statecode" in values and "statuscode" not in values:
        state = values["statecode"]
        row["statuscode"] = DEFAULT_STATUS.get(table.name, {0: 1, 1: 2}).get(state, 1)


def check_case(call, row):
    customer, contact = row["customerid"], row["primarycontactid"]
    if customer is None and not call.org.switches["relaxedCustomer"]:
        raise errors.no_customer()
    if contact is None or customer is None:
        return
    parent = call.org.store.get(*contact)["parentcustomerid"]
    if customer[0] == "account" and parent != customer:
        raise errors.wrong_primary_contact()
    if customer[0] == "contact" and contact != customer and parent != customer:
        raise errors.unrelated_contact()


def check_duplicates(call, table, row):
    """Duplicate rules are asleep unless the header wakes them."""
    if call.headers.get("mscrm.suppressduplicatedetection", "true").lower() != "false" or not call.org.duplicates_by_mail:
        return
    if table.name != "contact" or not row["emailaddress1"]:
        return
    same = call.org.store.with_text("contact", "emailaddress1", [row["emailaddress1"].casefold()])
    if any(found["contactid"] != row["contactid"] and found["statecode"] == 0 for found in same):
        raise errors.duplicate(412 if call.org.switches["duplicateStatus412"] else 500)
