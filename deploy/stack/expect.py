"""Compares what a sample's file expects with the sandbox's records, its journal and control's story."""

import json
from collections import Counter

from . import crm_writes

OF_ACTIVITIES = ("subject", "due", "duration", "participants", "done")
ENDED = ("written", "nothing to write", "dead", "blocked")


def expected_units(sample):
    """What is expected of each CRM account. A sample that goes to one CRM only need not name it: its account is None."""
    expected = sample["expect"]
    return expected["units"] if "units" in expected else {None: expected}


def link_of(sample):
    return sample["steps"][0]["session_url"]


def edits_of(sample):
    """How often the session was sent with another content than before."""
    sent = [json.dumps(each, sort_keys=True) for each in sample["steps"]]
    return len(dict.fromkeys(sent)) - 1


def own_records(sample, crm):
    """What this session left in the CRM: each record links to the session's own page."""
    return [each for each in crm["records"] if f'"{link_of(sample)}"' in each["text"]]


def wanted_target(record, people):
    if "id" in record:
        return record["id"]
    found = [each["id"] for each in people if record["email"] in each["emails"]]
    return found[0] if len(found) == 1 else f"(there are {len(found)} people with {record['email']})"


def name_of(record, target):
    return f"{record['kind']} on {record.get('on', '')} {target}"


def fits(found, record, target):
    return found["kind"] == record["kind"] and found["on"] == target and \
        all(found.get(key) == record[key] for key in ("deal", "type") if key in record)


def differences(found, record, keys):
    return [f"{key} is {found.get(key)!r} instead of {record[key]!r}" for key in keys if key in record and found.get(key) != record[key]]


def compare_unit(sample, expected, crm, sessions):
    """What is wrong in one CRM; nothing if all is as expected. `sessions` says how many create the same person."""
    wrong = []
    own = own_records(sample, crm)
    left = list(own)
    for record in expected["records"]:
        target = wanted_target(record, crm["people"])
        found = [each for each in left if fits(each, record, target)]
        if not found:
            wrong.append(f"no {name_of(record, target)}")
            continue
        left.remove(found[0])
        wrong += [f"the {name_of(record, target)} lacks {text!r}" for text in record.get("contains", []) if text not in found[0]["text"]]
        wrong += [f"the {name_of(record, target)}: {each}" for each in differences(found[0], record, OF_ACTIVITIES)]
    wrong += [f"a {each['kind']} that nobody expects, on {each['on']}" for each in left]
    for each in own:
        wrong += [f"the {each['kind']} on {each['on']} still holds {text!r}" for text in expected.get("no_longer", []) if text in each["text"]]
    wrong += crm_writes.compare_texts(link_of(sample), expected.get("never", []), crm["writes"])
    for contact in expected.get("created_contacts", []):
        found = [each for each in crm["people"] if contact["email"] in each["emails"]]
        if len(found) != 1:
            wrong.append(f"{len(found)} people with {contact['email']} instead of one")
        wrong += [f"{contact['email']}: {each}" for person in found for each in differences(person, contact, ("name", "phones"))]
        wrong += crm_writes.compare_person(contact["email"], sessions[contact["email"]], crm["writes"])
    return wrong + crm_writes.compare(link_of(sample), expected, edits_of(sample), crm["writes"])


def vendor_of(account, crms):
    return account.split(":")[0] if account else next(iter(crms))


def creators(samples):
    """How many samples have a person with this e-mail created."""
    units = [unit for sample in samples for unit in expected_units(sample).values()]
    return Counter(each["email"] for unit in units for each in unit.get("created_contacts", []))


def compare_records(sample, crms, samples):
    """crms: vendor → what crm_rows found at this tenant's; samples: all of them."""
    wrong = []
    for account, expected in expected_units(sample).items():
        wrong += compare_unit(sample, expected, crms[vendor_of(account, crms)], creators(samples))
    return wrong


def compare_rest(samples, crms):
    """The writes at a tenant's that none of its samples accounts for."""
    known = {vendor: [f'"{link_of(sample)}"' for sample in samples] for vendor in crms}
    for sample in samples:
        for account, expected in expected_units(sample).items():
            known[vendor_of(account, crms)] += [each["email"] for each in expected.get("created_contacts", [])]
    return [f"{vendor} saw a write of no sample: {each['what']} {each['record'][0]}"
            for vendor, crm in crms.items() for each in crm_writes.unexplained(known[vendor], crm["writes"])]


def units_of(story):
    return story.get("units", [])


def unit_for(account, story):
    return next((unit for unit in units_of(story) if account in (None, unit.get("crm_account"))), None)


def settled(sample, story):
    """Whether every unit of the session's newest revision has ended, waits for a person, or stands as it is expected to."""
    def stands(account, expected):
        state = (unit_for(account, story) or {}).get("state")
        return state is not None and (state in ENDED or state == expected.get("state"))

    return all(stands(*each) for each in expected_units(sample).items())


def compare_story(sample, story):
    wanted = expected_units(sample)
    if len(units_of(story)) != len(wanted):
        return [f"the story tells of {len(units_of(story))} units instead of {len(wanted)}"]
    wrong = []
    for account, expected in wanted.items():
        unit = unit_for(account, story)
        wrong += [f"the story tells nothing of {account}"] if unit is None else compare_unit_story(expected, unit)
    return wrong


def compare_unit_story(expected, unit):
    wrong = []
    for key, value in (("reason", expected.get("outcome")), ("state", expected.get("state"))):
        if value and unit.get(key) != value:
            wrong.append(f"the story says {unit.get(key)!r} instead of {value!r}")
    told = " ".join([unit.get("detail", "")] + [each.get("found", "") for each in unit.get("evidence", [])])
    if expected.get("detail") and expected["detail"] not in told:
        wrong.append(f"the story's reason does not say {expected['detail']!r}: {told!r}")
    artifacts = [each for each in unit.get("artifacts", []) if each.get("kind") in ("note", "activity") and each.get("crm_id")]
    if len(artifacts) != len(expected["records"]):
        wrong.append(f"the story tells of {len(artifacts)} records instead of {len(expected['records'])}")
    for what in expected.get("left_out", []):
        reasons = [each.get("reason", "") for each in unit.get("left_out", []) if what in each.get("what", "")]
        if not any(reason and expected.get("left_out_reason", "") in reason for reason in reasons):
            wrong.append(f"the story does not say why {what!r} was left out")
    if expected.get("ambiguous") and not any(each.get("ambiguous") for each in unit.get("matches", [])):
        wrong.append("the story does not name the rivals")
    return wrong
