"""Pages: offsets in version 1, cursors in version 2."""
import base64
import json

from .answer import invalid

MOST, USUAL = 500, 100


def limit_of(query, usual=USUAL, most=MOST):
    limit = query.get("limit", usual)
    if not 1 <= limit <= most:
        raise invalid("limit", f"This value should be between 1 and {most}.")
    return limit


def by_cursor(rows, query, most=MOST):
    """→ (the page, additional_data)"""
    start, limit = 0, limit_of(query, min(USUAL, most), most)
    if "cursor" in query:
        try:
            start = json.loads(base64.b64decode(query["cursor"], validate=True))["x"]
            rows[start:]
        except (ValueError, KeyError, TypeError):
            raise invalid("cursor", "This value is not a valid cursor.") from None
    more = start + limit < len(rows)
    cursor = base64.b64encode(json.dumps({"x": start + limit}, separators=(",", ":")).encode()).decode() if more else None
    return rows[start:start + limit], {"next_cursor": cursor}


def by_offset(rows, query):
    start, limit = query.get("start", 0), limit_of(query)
    if start < 0:
        raise invalid("start", "This value should be 0 or more.")
    more = start + limit < len(rows)
    pagination = {"start": start, "limit": limit, "more_items_in_collection": more}
    if more:
        pagination["next_start"] = start + limit
    return rows[start:start + limit], {"pagination": pagination}


def in_order(rows, query):
    """Rows of equal times stay as they are: by id, whatever the direction."""
    column = query.get("sort_by", "id")
    rows = sorted(rows, key=lambda row: row["id"])
    return sorted(rows, key=lambda row: (row[column] is not None, row[column] or 0) if column != "due_date" else (row[column] or ""),
                  reverse=query.get("sort_direction") == "desc")


def changed_within(row, query):
    return query.get("updated_since", 0) <= row["update_time"] <= query.get("updated_until", 1 << 62)
