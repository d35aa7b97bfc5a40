"""What the control API may do to a table's rows, as a person would see or edit them: the same for every vendor."""
from .refused import Wrong


def answer(table, method, row_id, body):
    """`table` is a vendor's: name, rows by key, key_of (of a path's part; None for what no key can be), all, one, put, delete."""
    if row_id is None and method == "GET":
        return {"rows": table.all()}
    if row_id is None and method == "PUT":
        return {"id": table.put(body)}
    if row_id is None or method not in ("GET", "PUT", "PATCH", "DELETE"):
        raise Wrong(405, f"{method} is not possible here")
    key = table.key_of(row_id)
    if key is None or (method != "PUT" and key not in table.rows):
        raise Wrong(404, f"no row {row_id} in {table.name}")
    if method == "GET":
        return table.one(key)
    if method == "DELETE":
        return {"deleted": table.delete(key)}
    return {"id": table.put({**body, table.key: key}, partial=method == "PATCH")}
