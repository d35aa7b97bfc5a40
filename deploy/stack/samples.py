"""The sample sessions: loaded with their dates set, sent through the door."""

import datetime
import json
import re

import tomllib

from .http import call
from .paths import ROOT, SAMPLES
from .progress import Stop

TENANTS = ROOT / "deploy" / "examples" / "demo.toml"
KEYS = {(source["tenant"], source["id"]): source["key"] for source in tomllib.loads(TENANTS.read_text())["source"]}
DATE = re.compile(r"^@([+-]\d+)d (\d\d):(\d\d)$")


def dated(value, today):
    """"@-1d 09:00" is yesterday at nine, UTC: the sandbox's world says it in the same way."""
    if isinstance(value, dict):
        return {key: dated(each, today) for key, each in value.items()}
    if isinstance(value, list):
        return [dated(each, today) for each in value]
    found = DATE.match(value) if isinstance(value, str) else None
    if not found:
        return value
    day = today + datetime.timedelta(days=int(found[1]))
    return f"{day.isoformat()}T{found[2]}:{found[3]}:00Z"


def load(folder=SAMPLES, today=None):
    today = today or datetime.datetime.now(datetime.timezone.utc).date()
    samples = []
    for path in sorted(folder.glob("*.json")):
        sample = dated(json.loads(path.read_text()), today)
        sample["name"] = path.stem
        sample["session_id"] = sample["steps"][0]["session_id"]
        samples.append(sample)
    if not samples:
        raise Stop(f"no samples in {folder}")
    return samples


def sent_with(sample, all_samples):
    """The samples that go in the same request."""
    return [each for each in all_samples if each.get("sent_with") == sample["name"]]


def send(door, sample, step, keys, others=()):
    key = keys[sample["tenant"], sample["source"]]
    sessions = [sample["steps"][step], *(each["steps"][0] for each in others)]
    status, body = call("POST", door + "/v1/sessions", sessions if others else sessions[0], {"Authorization": "Bearer " + key})
    if status != 202:
        raise Stop(f"the door answered {status or 'nothing'} to sample {sample['name']}: {body.decode(errors='replace').strip()}")
