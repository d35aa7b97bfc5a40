"""Running a batch: in order, stopping at the first failure unless asked to go on, change sets as a whole or not at all."""
import dataclasses
import uuid

from .answer import Answer, BASIC, Refused
from .call import Call
from .multipart import ChangeSet

URL_MOST = 65536


def run(outer, items, perform, undone):
    """`perform(operation, call, refused)` → Answer stands between, so that faults and the journal see every operation;
    `undone(operations)` hears of a change set that was rolled back."""
    go_on = "odata.continue-on-error" in outer.preferences
    boundary = f"batchresponse_{uuid.uuid4()}"
    answers, status, effects = [], 200, []
    for item in items:
        if isinstance(item, ChangeSet):
            text, answer = run_change_set(outer, item, perform, undone)
        else:
            answer = perform_one(outer, item, perform, {})
            text = part_text(answer, item.content_id)
        answers.append(text)
        effects += answer.effects
        if answer.status >= 400 and not go_on:
            status = answer.status
            break
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + text for text in answers) + b"--" + boundary.encode() + b"--\r\n"
    return Answer(status, {**BASIC, "Content-Type": f"multipart/mixed; boundary={boundary}"}, body,
                  code=answer.code if status >= 400 else None, effects=effects)


def perform_one(outer, operation, perform, content_ids):
    try:
        call = inner_call(outer, operation, content_ids)
    except Refused as refusal:
        answer = refusal.answer()
        perform(operation, None, answer)
        return answer
    return perform(operation, call, None)


def run_change_set(outer, change_set, perform, undone):
    """One part for each operation, or one error part in place of all."""
    boundary = f"changesetresponse_{uuid.uuid4()}"
    texts, content_ids, effects = [], {}, []
    store = outer.org.store
    store.begin()
    for operation in change_set.operations:
        answer = perform_one(outer, operation, perform, content_ids)
        if answer.status >= 400:
            store.roll_back()
            undone(change_set.operations)
            return part_text(answer, operation.content_id), dataclasses.replace(answer, effects=[])
        if answer.effects:
            content_ids[operation.content_id] = answer.effects[0][1:]
        effects += answer.effects
        texts.append(b"--" + boundary.encode() + b"\r\n" + part_text(answer, operation.content_id))
    store.commit()
    body = b"".join(texts) + b"--" + boundary.encode() + b"--\r\n"
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode()
    return head + body, Answer(200, effects=effects)


def inner_call(outer, operation, content_ids):
    target = operation.target
    if len(target) > URL_MOST:
        raise Refused(414, "", "The request URL in the batch is too long.")
    path, _, query = resolve(outer, target, content_ids).partition("?")
    headers = {"prefer": "", **operation.headers}
    for name in ("callerobjectid", "mscrmcallerid"):
        if name in outer.headers:
            headers.setdefault(name, outer.headers[name])
    return Call(outer.org, outer.user, operation.method, path, query, headers, operation.body, outer.root, outer.now,
                content_ids=content_ids)


def resolve(outer, target, content_ids):
    """→ path below the service root. A reference `$1` stands for the row that Content-ID 1 made."""
    if target.startswith("$"):
        name, slash, rest = target[1:].partition("/")
        if name not in content_ids:
            raise Refused(400, "0x80048d19", f"Content-ID Reference: '${name}' does not exist in the batch context.")
        table, row_id = content_ids[name]
        return f"/{outer.org.tables[table].set}({row_id}){slash}{rest}"
    root_path = "/" + outer.root.split("/", 3)[3]
    for prefix in (outer.root, root_path, "/api/data/v9.2"):       # absolute URL; absolute path, with and without /orgs/<name>
        if target.startswith(prefix + "/"):
            return target[len(prefix):]
    if target.startswith("/") or "://" in target:
        raise Refused(404, "", f"No HTTP resource was found that matches the request URI '{target}'.")
    return "/" + target


def part_text(answer, content_id):
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    if content_id is not None:
        head += f"Content-ID: {content_id}\r\n"
    lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    if answer.status >= 400:
        lines.append(f"REQ_ID: {uuid.uuid4()}")
    return (head + "\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode() + answer.body + b"\r\n"


REASONS = {200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized",
           403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 412: "Precondition Failed", 413: "Payload Too Large",
           414: "URI Too Long", 415: "Unsupported Media Type", 429: "Too Many Requests", 500: "Internal Server Error",
           501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
