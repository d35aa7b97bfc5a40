"""The journal of load tests: it keeps no entries, it counts."""
import collections
import time

MOST = 2_000_000


class Tally:
    def __init__(self, mark=None):
        self.mark = mark                     # its first group, found in a write's body, names what was written
        self.clear()
        self.entries, self.dropped = (), 0

    def clear(self):
        self.seq, self.requests, self.operations, self.effects = 0, collections.Counter(), collections.Counter(), collections.Counter()
        self.tokens, self.statuses = 0, collections.Counter()
        self.writes = collections.deque(maxlen=MOST)

    def open(self, kind=None, org=None, method=None, batch=None, **_):
        self.seq += 1
        return {"seq": self.seq, "org": org, "kind": kind, "method": method, "batch": batch, "status": None, "effects": [],
                "tokens": None}

    def close(self, entry, **_):
        name = f"{entry['org']} {entry['kind']} {entry['method']}"
        (self.requests if entry["batch"] is None else self.operations)[name] += 1
        self.statuses[f"{entry['status']}"] += 1
        self.tokens += entry["tokens"] or 0
        for verb, table, _ in entry["effects"]:
            self.effects[f"{verb} {table}"] += 1

    def take_body(self, entry, data):
        """Of a write's body only the mark is kept, and when it came."""
        if self.mark and entry["kind"] == "write":
            now = time.time()
            for found in self.mark.finditer(data.decode("utf-8", "replace")):
                self.writes.append((now, entry["org"], found[1]))

    def select(self, *_):
        return []

    def told(self):
        return {"requests": self.requests, "operations": self.operations, "effects": self.effects, "statuses": self.statuses,
                "tokens": self.tokens}
