"""An organisation's rows, with versions and an undo log for change sets."""
from .schema import stable_id


class Store:
    def __init__(self, tables):
        self.rows = {table.name: {} for table in tables}
        self.column_names = {table.name: tuple(column.name for column in table.columns) for table in tables}
        self.version = 1_000_000
        self.tickets = 1000
        self._undo = None
        self._index = {}                     # (table, column) → folded text → ids

    def get(self, table, row_id):
        return self.rows[table].get(row_id)

    def next_version(self):
        self.version += 1
        return self.version

    def next_ticket(self):
        self.tickets += 1
        return f"CAS-{self.tickets:05d}-{stable_id('ticket', str(self.tickets))[:6].upper()}"

    def put(self, table, row_id, row):
        """Stores a whole row under a new version; an old row object is never changed, so it may be kept."""
        before = self.rows[table].get(row_id)
        row["@version"] = self.next_version()
        self._record(table, row_id, before)
        self.rows[table][row_id] = row
        self._forget_index(table)

    def remove(self, table, row_id):
        self._record(table, row_id, self.rows[table].pop(row_id))
        self._forget_index(table)

    def with_text(self, table, column, folded):
        """The rows whose text column equals one of the folded values, oldest first."""
        index = self._index.get((table, column))
        if index is None:
            index = self._index[(table, column)] = {}
            for row_id, row in self.rows[table].items():
                if row[column] is not None:
                    index.setdefault(row[column].casefold(), []).append(row_id)
        rows = self.rows[table]
        return [rows[row_id] for value in folded for row_id in index.get(value, ())]

    def begin(self):
        self._undo = []

    def commit(self):
        self._undo = None

    def roll_back(self):
        log, self._undo = self._undo or [], None
        for table, row_id, before in reversed(log):
            if before is None:
                self.rows[table].pop(row_id, None)
            else:
                self.rows[table][row_id] = before
            self._forget_index(table)

    def _record(self, table, row_id, before):
        if self._undo is not None:
            self._undo.append((table, row_id, before))

    def _forget_index(self, table):
        for key in [key for key in self._index if key[0] == table]:
            del self._index[key]
