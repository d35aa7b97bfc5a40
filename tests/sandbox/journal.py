"""Every request that arrived, whatever became of it: the oracle of Aftercall's tests.

One entry a request; the operations of a batch have entries of their own that name the outer one in `batch`.
An entry appears when its request arrives and is filled in when it ends (`status` is null until then).
"""
import collections
import datetime
import hashlib
import itertools
import json
import re

MOST = 200_000                               # entries in memory; `dropped` says how many older ones are gone


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Journal:
    def __init__(self, path=None):
        self.entries = collections.deque(maxlen=MOST)
        self.seq = 0
        self.dropped = 0
        self._file = open(path, "a", encoding="utf-8", buffering=1) if path else None

    def open(self, **known):
        self.seq += 1
        entry = {"seq": self.seq, "time": now_text(), "org": None, "kind": None, "method": None, "path": None, "query": "",
                 "headers": {}, "body": None, "batch": None, "part": None, "content_id": None, "user": None, "status": None,
                 "code": None, "tokens": None, "fault": None, "effects": [], "ms": None}
        entry.update(known, query=safe_query(known.get("query", "")), headers=safe_headers(known.get("headers", {})))
        self.dropped += len(self.entries) == MOST
        self.entries.append(entry)
        return entry

    def take_body(self, entry, body):
        entry["body"] = text_of(body)

    def close(self, entry, **known):
        entry.update(known)
        if self._file:
            self._file.write(json.dumps(entry) + "\n")

    def select(self, org=None, since=0, kind=None, limit=MOST):
        """Entries after `since`, oldest first."""
        first = self.entries[0]["seq"] if self.entries else 0       # numbers run without gaps
        later = itertools.islice(self.entries, max(0, since - first + 1), None)
        fitting = (entry for entry in later if (org is None or entry["org"] == org) and (kind is None or entry["kind"] == kind))
        return list(itertools.islice(fitting, limit))

    def clear(self):
        self.entries.clear()
        self.dropped = 0


def safe_headers(headers):
    """Header names in lower case; a token is told apart by a prefix of its hash, never shown."""
    found = {name.lower(): value for name, value in headers.items()}
    if "authorization" in found:
        scheme = found["authorization"].partition(" ")[0]
        found["authorization"] = f"{scheme} {fingerprint(found['authorization'])}"
    if "x-api-token" in found:
        found["x-api-token"] = fingerprint(found["x-api-token"])
    return found


def safe_query(query):
    if "api_token=" not in query:
        return query
    return re.sub(r"(?<=api_token=)[^&]+", lambda found: fingerprint(found[0]), query)


SECRET_FIELDS = ("client_secret", "refresh_token", "code", "code_verifier", "client_assertion", "token")


def safe_form(fields):
    return {name: fingerprint(value) if name in SECRET_FIELDS else value for name, value in fields.items()}


def fingerprint(secret):
    return f"sha256:{hashlib.sha256(secret.encode()).hexdigest()[:12]}"


def text_of(body):
    """A body for the journal: JSON as JSON, other text as text."""
    if not body:
        return None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"bytes": len(body)}
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
