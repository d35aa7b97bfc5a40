"""What the API is said to take: each simulated call with its cost, its scopes, and the types of what may be sent.

A type is a name (`integer`, `string`, `boolean`, `number`, `uuid`, `flag`: the number 0 or 1, `date`, `moment`: RFC 3339), a set of
words, a list of one type, or an object: {name: type}. `object` is any object. In a query, `list` stands for words divided by commas.
"""
import dataclasses
import re

READ_PEOPLE = ("contacts:read", "contacts:full")
READ_DEALS = ("deals:read", "deals:full")
READ_WORK = ("activities:read", "activities:full")
NOTE_READ, NOTE_WRITE = READ_DEALS + READ_PEOPLE, ("deals:full", "contacts:full")

VALUES = [{"value": "string", "primary": "boolean", "label": "string"}]
PLACE = dict.fromkeys(("value", "country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality", "route",
                       "street_number", "subpremise", "postal_code"), "string")
PERSON = {"name": "string", "owner_id": "integer", "org_id": "integer", "emails": VALUES, "phones": VALUES, "visible_to": "integer",
          "label_ids": ["integer"], "postal_address": PLACE, "notes": "string", "im": VALUES, "birthday": "string",
          "job_title": "string", "marketing_status": {"no_consent", "unsubscribed", "subscribed", "archived"}, "custom_fields": "object"}
ACTIVITY = {"subject": "string", "type": "string", "owner_id": "integer", "deal_id": "integer", "lead_id": "string",
            "person_id": "integer", "org_id": "integer", "project_id": "integer", "due_date": "string", "due_time": "string",
            "duration": "string", "busy": "boolean", "done": "boolean", "location": PLACE,
            "participants": [{"person_id": "integer", "primary": "boolean"}],
            "attendees": [{"email": "string", "name": "string", "status": "string", "is_organizer": "boolean", "person_id": "integer",
                           "user_id": "integer"}],
            "public_description": "string", "priority": "integer", "note": "string"}
NOTE_TARGETS = {"lead_id": "uuid", "deal_id": "integer", "person_id": "integer", "org_id": "integer", "project_id": "integer",
                "task_id": "integer"}
PINS = {f"pinned_to_{target}_flag": "flag" for target in ("lead", "deal", "organization", "person", "project", "task")}
NOTE = {"content": "string", **NOTE_TARGETS, "user_id": "integer", "add_time": "string", **PINS}

PAGED = {"limit": "integer", "cursor": "string"}
SORTED = {"sort_by": {"id", "update_time", "add_time"}, "sort_direction": {"asc", "desc"}}
SINCE = {"updated_since": "moment", "updated_until": "moment"}
EXTRAS = {"include_fields": "list", "custom_fields": "list", "include_option_labels": "boolean", "include_labels": "boolean"}
DEAL_LIST = {"filter_id": "integer", "ids": "list", "owner_id": "integer", "person_id": "integer", "org_id": "integer",
             "pipeline_id": "integer", "stage_id": "integer", "status": "list", **SINCE, **SORTED, "include_fields": "list",
             "custom_fields": "list", **PAGED}


@dataclasses.dataclass(frozen=True)
class Operation:
    method: str
    version: int
    path: str                                # {id} stands for digits
    cost: int
    scopes: tuple                            # any one of them will do
    query: dict = dataclasses.field(default_factory=dict)
    body: dict | None = None
    must: tuple = ()                         # what body or query must have
    open_body: bool = False                  # unknown keys are ignored whatever the switches say

    @property
    def name(self):
        return f"{self.method} {self.path}"

    @property
    def is_search(self):
        return self.path in SEARCHES


OPERATIONS = (
    Operation("GET", 1, "/users/me", 2, ("base",)),
    Operation("GET", 1, "/users", 20, ("users:read",)),
    Operation("GET", 1, "/activityTypes", 20, (*READ_WORK, "admin")),
    Operation("GET", 1, "/notes", 20, NOTE_READ,
              {"user_id": "integer", **NOTE_TARGETS, "start": "integer", "limit": "integer", "sort": "string", "start_date": "date",
               "end_date": "date", "updated_since": "moment", **PINS}),
    Operation("POST", 1, "/notes", 10, NOTE_WRITE, body=NOTE, must=("content",), open_body=True),
    Operation("GET", 1, "/notes/{id}", 2, NOTE_READ),
    Operation("PUT", 1, "/notes/{id}", 10, NOTE_WRITE, body=NOTE, open_body=True),
    Operation("DELETE", 1, "/notes/{id}", 6, NOTE_WRITE),
    Operation("PUT", 1, "/persons/{id}/merge", 40, ("contacts:full",), body={"merge_with_id": "integer"}, must=("merge_with_id",)),
    Operation("GET", 1, "/recents", 20, ("recents:read", "search:read"),
              {"since_timestamp": "string", "items": "list", "start": "integer", "limit": "integer"}, must=("since_timestamp",)),
    Operation("GET", 2, "/persons/search", 20, (*READ_PEOPLE, "search:read"),
              {"term": "string", "fields": "list", "exact_match": "boolean", "organization_id": "integer",
               "include_fields": {"person.picture"}, **PAGED}, must=("term",)),
    Operation("GET", 2, "/persons", 10, READ_PEOPLE,
              {"filter_id": "integer", "ids": "list", "owner_id": "integer", "org_id": "integer", "deal_id": "integer", **SINCE,
               **SORTED, **EXTRAS, **PAGED}),
    Operation("POST", 2, "/persons", 5, ("contacts:full",), body={**PERSON, "add_time": "string"}),
    Operation("GET", 2, "/persons/{id}", 1, READ_PEOPLE, EXTRAS),
    Operation("PATCH", 2, "/persons/{id}", 5, ("contacts:full",), body=PERSON),
    Operation("DELETE", 2, "/persons/{id}", 3, ("contacts:full",)),
    Operation("GET", 2, "/deals", 10, READ_DEALS,
              {**DEAL_LIST, "include_option_labels": "boolean", "include_labels": "boolean"}),
    Operation("GET", 2, "/deals/archived", 20, READ_DEALS, DEAL_LIST),
    Operation("GET", 2, "/deals/{id}", 1, READ_DEALS, EXTRAS),
    Operation("GET", 2, "/activities", 10, READ_WORK,
              {"filter_id": "integer", "ids": "list", "owner_id": "integer", "deal_id": "integer", "lead_id": "string",
               "person_id": "integer", "org_id": "integer", "done": "boolean", **SINCE,
               "sort_by": {"id", "update_time", "add_time", "due_date"}, "sort_direction": {"asc", "desc"}, "include_fields": "list",
               **PAGED}),
    Operation("POST", 2, "/activities", 5, ("activities:full",), body=ACTIVITY),
    Operation("GET", 2, "/activities/{id}", 1, READ_WORK, {"include_fields": "list"}),
    Operation("PATCH", 2, "/activities/{id}", 5, ("activities:full",), body=ACTIVITY),
    Operation("DELETE", 2, "/activities/{id}", 3, ("activities:full",)),
    Operation("GET", 2, "/itemSearch", 20, ("search:read",),
              {"term": "string", "item_types": "list", "fields": "list", "search_for_related_items": "boolean",
               "exact_match": "boolean", "include_fields": "list", **PAGED}, must=("term",)),
)
SEARCHES = ("/persons/search", "/itemSearch")      # which have a limit of their own
# Resources that have other calls, too, which are not simulated.
DOCUMENTED = {
    1: {"activityFields", "activityTypes", "billing", "callLogs", "channels", "currencies", "deals", "dealFields", "files", "filters",
        "goals", "leads", "leadFields", "leadLabels", "leadSources", "legacyTeams", "mailbox", "meetings", "notes", "noteFields",
        "organizations", "organizationFields", "organizationRelationships", "permissionSets", "persons", "personFields", "pipelines",
        "products", "productFields", "projects", "projectTemplates", "roles", "stages", "tasks", "users", "userConnections",
        "userSettings", "webhooks"},
    2: {"activities", "activityFields", "boards", "dealFields", "deals", "leads", "organizationFields", "organizations",
        "personFields", "persons", "phases", "pipelines", "productFields", "products", "projectFields", "projectTemplates",
        "projects", "stages", "tasks"},
}
# What version 2 replaced: the collection, one of its rows, and searching it.
REMOVED = re.compile(r"/(persons|deals|organizations|activities|products|pipelines|stages|itemSearch)(/\d+|/search|/collection)?")

_ROUTES = [(op, re.compile(op.path.replace("{id}", r"(\d+)"))) for op in OPERATIONS]


def find(method, version, path):
    """→ (operation, id or None), or the methods that there are instead."""
    others = []
    for operation, pattern in _ROUTES:
        match = pattern.fullmatch(path) if operation.version == version else None
        if match and operation.method == method:
            return operation, int(match[1]) if match.groups() else None
        if match:
            others.append(operation.method)
    return None, others
