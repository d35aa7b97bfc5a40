"""The sandbox's control API, and its journal read as an oracle: what really reached the CRM, counted in requests."""

from sessions import link_of
from stack.http import call, get_json

WRITES = ("POST", "PATCH", "PUT", "DELETE")


class Sandbox:
    def __init__(self, url):
        self.url = url

    def ask(self, method, what, body=None):
        status, answer = call(method, f"{self.url}/_control/{what}", body, timeout=60)
        assert status == 200, f"{method} {what}: {status} {answer!r}"
        return answer

    # ---- what happened

    def mark(self):
        """Give it to what asks for entries to see only what comes later."""
        return get_json(f"{self.url}/_control/journal?since=999999999&limit=1")["next"]

    def entries(self, since=0, org=None, kind=None):
        query = f"since={since}" + (f"&org={org}" if org else "") + (f"&kind={kind}" if kind else "")
        found = get_json(f"{self.url}/_control/journal?{query}", timeout=60)
        assert found["dropped"] == 0, "the journal is no oracle any more: it lost entries"
        return found["entries"]

    def requests(self, since=0, org=None, kind=None):
        """HTTP requests: a batch is one."""
        return [each for each in self.entries(since, org, kind) if each["batch"] is None]

    def puts(self, since=0, org=None):
        """Writes that were asked for, alone or in a batch, whatever was answered."""
        return [each for each in self.entries(since, org) if each["method"] in WRITES and each["kind"] == "write"]

    def effects(self, since=0, org=None):
        """[verb, table, id] of all that changed, in order."""
        return [effect for each in self.entries(since, org) for effect in each["effects"]]

    def rows(self, org, table):
        return get_json(f"{self.url}/_control/rows/{org}/{table}", timeout=60)["rows"]

    def notes(self, org, text=""):
        """The notes whose text holds this; a session's notes link to its session_url."""
        return [each for each in self.rows(org, "annotations") if text in (each.get("notetext") or "")]

    def without_notes(self, sent, org="contoso"):
        """Of these sessions, those that have no note yet."""
        texts = "".join(note.get("notetext") or "" for note in self.rows(org, "annotations"))
        return [each for each in sent if f'"{link_of(each["session_id"])}"' not in texts]

    def notes_created(self, since=0, org="contoso"):
        """Ids, in order; a second one for the same note would stand twice."""
        return [each[2] for each in self.effects(since, org) if each[:2] == ["create", "annotation"]]

    # ---- what it shall do

    def fault(self, *faults):
        self.ask("POST", "faults", {"faults": list(faults)})

    def held(self):
        """Requests that hang."""
        return get_json(f"{self.url}/_control/faults")["held"]

    def release(self, how="answer"):
        self.ask("POST", "release", {"how": how})

    def throttle(self, **limits):
        """All orgs: requests, execution_ms, concurrent, window, body_bytes."""
        self.ask("POST", "limits", {"throttle": limits})

    def add_contact(self, org, **columns):
        call("PUT", f"{self.url}/_control/rows/{org}/contacts", columns)

    def behave(self):
        """No faults; what hangs goes on."""
        self.ask("DELETE", "faults")
        self.release()
