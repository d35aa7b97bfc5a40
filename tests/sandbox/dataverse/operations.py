"""The operations of a batch as the journal and the faults see them: like requests of their own."""
from .answer import error
from .multipart import ChangeSet

WHOLE = {"after_commit", "hang", "delay_ms", "late_commit_ms"}       # what can only be done to the whole request


def operations_of(items):
    for item in items or ():
        yield from item.operations if isinstance(item, ChangeSet) else (item,)


def note(journal, org, outer, operations):
    """A journal line for each operation, in order, before anything is carried out."""
    for number, operation in enumerate(operations):
        path, _, query = operation.target.partition("?")
        operation.entry = journal.open(
            org=org.name, kind=kind_of(operation.method, path), method=operation.method, path=path, query=query,
            headers=operation.headers, batch=outer["seq"], part=number, content_id=operation.content_id)
        journal.take_body(operation.entry, operation.body)


def kind_of(method, path):
    if path.endswith("/$batch"):
        return "batch"
    if "EntityDefinitions" in path or path.endswith("WhoAmI"):
        return "metadata"
    if method == "GET":
        return "read"
    return "action" if "Microsoft.Dynamics.CRM." in path else "write"


def strike(faults, org, request, operations):
    """The fault that concerns the whole request. One that only answers an operation stays with that operation."""
    if not faults.all:
        return None
    whole = faults.find(org.name, request.method, request.path, request.query, request.body)
    if whole:
        return whole
    for operation in operations:
        found = faults.find(org.name, operation.method, operation.entry["path"], operation.entry["query"], operation.body)
        if not found:
            continue
        operation.entry["fault"] = found.id
        if found.answer(error) and not WHOLE & set(found.action):
            operation.fault = found
        else:
            whole = whole or found
    return whole
