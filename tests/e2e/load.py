"""Sessions sent steadily from a thread, while a test does things to the processes."""

import queue
import threading

from sessions import link_of, session
from waiting import wait_until

TENANTS = ("contoso", "fabrikam")
A_REQUEST = 4  # sessions
CONTACT_AND_ACCOUNT = 2  # records that each of these sessions leaves


class Load:
    """`count` sessions, both tenants in turn, from four senders; what the door did not accept is sent again."""

    def __init__(self, pipeline, count, name):
        self.pipeline, self.name = pipeline, name
        self.sessions = [session(f"{name}-{number}", TENANTS[number % 2]) for number in range(count)]
        self.parts = queue.SimpleQueue()
        for first in range(0, count, 2 * A_REQUEST):
            for offset, tenant in enumerate(TENANTS):
                self.parts.put((self.sessions[first + offset:first + 2 * A_REQUEST:2], tenant))
        self.accepted = []
        self.failed = None
        self.threads = [threading.Thread(target=self._send, daemon=True) for _ in range(4)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    @property
    def sent(self):
        return len(self.accepted)

    def _send(self):
        try:
            while True:
                part, tenant = self.parts.get_nowait()
                wait_until(lambda: self.pipeline.post(part, tenant)[0] == 202, 60, "the door's 202")
                self.accepted += part
        except queue.Empty:
            return
        except BaseException as error:
            self.failed = error

    def wait_sent(self, count=None):
        def sent():
            if self.failed:
                raise self.failed
            return self.sent >= (len(self.sessions) if count is None else count)

        wait_until(sent, 120, f"{count or 'all'} sessions of {self.name} being accepted", tick=0.01)

    # ---- what became of it

    def notes(self):
        """session id → its notes in the CRM."""
        found = {each["session_id"]: [] for each in self.sessions}
        for org in TENANTS:
            for note in self.pipeline.sandbox.notes(org, link_of(self.name)):
                found[note["notetext"].split(link_of(""), 1)[1].split('"')[0]].append(note)
        return found

    def written(self):
        return sum(1 for notes in self.notes().values() if len(notes) >= CONTACT_AND_ACCOUNT)

    def wait_written(self, count=None, deadline=120):
        wanted = len(self.sessions) if count is None else count
        wait_until(lambda: self.written() >= wanted, deadline, f"{wanted} sessions of {self.name} being written", tick=0.2)

    def assert_written_once(self):
        """Every session has its notes, and no more."""
        wrong = {each: len(notes) for each, notes in self.notes().items() if len(notes) != CONTACT_AND_ACCOUNT}
        assert wrong == {}
        for notes in self.notes().values():
            assert len({note["_objectid_value"] for note in notes}) == CONTACT_AND_ACCOUNT


def assert_no_put_sent_twice(sandbox, since=0):
    """The strict oracle: as many puts as records, none refused, none for the same record again."""
    puts = sandbox.puts(since)
    refused = [each for each in puts if each["status"] != 204]
    assert refused == []
    paths = [(each["org"], each["path"]) for each in puts]
    twice = {path for path in paths if paths.count(path) > 1} if len(set(paths)) != len(paths) else set()
    assert twice == set()
    return len(puts)
