"""A company's rows. A stored row is never changed, only replaced, so it may be kept."""

KEPT = 8                                     # versions of a row; what a lagging index sees is among them


class Table:
    def __init__(self, *indexed):
        self.rows = {}
        self.versions = {}                   # id → [(when, row)], oldest first
        self.last_id = 0
        self._by = {column: {} for column in indexed}

    def next_id(self):
        self.last_id += 1
        return self.last_id

    def put(self, row, when):
        row_id = row["id"]
        self.last_id = max(self.last_id, row_id)
        before = self.rows.get(row_id)
        for column, index in self._by.items():
            if before and before[column] != row[column]:
                index.get(before[column], {}).pop(row_id, None)
            index.setdefault(row[column], {})[row_id] = True
        self.rows[row_id] = row
        versions = self.versions.setdefault(row_id, [])
        versions.append((when, row))
        del versions[:-KEPT]

    def remove(self, row_id):
        """Purged, not only marked as deleted."""
        row = self.rows.pop(row_id)
        self.versions.pop(row_id, None)
        for column, index in self._by.items():
            index.get(row[column], {}).pop(row_id, None)

    def get(self, row_id):
        return self.rows.get(row_id)

    def where(self, column, value):
        """Rows whose indexed column has this value, by id."""
        return [self.rows[row_id] for row_id in sorted(self._by[column].get(value, ()))]

    def as_of(self, row_id, when):
        """The row as it was then, or None."""
        return next((row for since, row in reversed(self.versions.get(row_id, ())) if since <= when), None)

    def since(self, row_id):
        """When the oldest version that is known was written: for a young row, its creation."""
        return self.versions[row_id][0][0]
