"""The text of a $batch request → operations. Line ends are CRLF and nothing else; the vendor stumbles over a bare LF."""
import dataclasses
import re

from .answer import Refused

BOUNDARY = re.compile(r'multipart/mixed\s*;.*?boundary=("([^"]+)"|[^\s;"]+)', re.IGNORECASE)
REQUEST_LINE = re.compile(r'([A-Z]+) ([^\x00-\x20\x7f-\xff"<>\\^`{|}]+) HTTP/1\.1')
MOST = 1000


@dataclasses.dataclass
class Operation:
    method: str
    target: str                              # absolute URL, absolute path or relative to the service root
    headers: dict
    body: bytes
    content_id: str | None = None
    entry: dict | None = None                # its line in the journal
    fault: object = None


@dataclasses.dataclass
class ChangeSet:
    operations: list


def malformed(what):
    return Refused(400, "0x80048d19", f"Error identified in Payload provided by the user for Entity :'', InnerException : "
                   f"Microsoft.OData.ODataException: {what}")


def boundary_of(content_type):
    match = BOUNDARY.match(content_type or "")
    if not match:
        raise malformed("The content type of a batch must be multipart/mixed with a boundary.")
    return match[2] or match[1]


def read_batch(content_type, body):
    """→ [Operation | ChangeSet] in order."""
    items = []
    for headers, content in parts_of(boundary_of(content_type), body):
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/mixed"):
            items.append(read_change_set(kind, content))
        else:
            items.append(read_operation(headers, content))
    total = sum(len(item.operations) if isinstance(item, ChangeSet) else 1 for item in items)
    if total > MOST:
        raise Refused(400, "0x80048d19", f"Number of requests in the batch {total} exceeds the maximum of {MOST}.")
    if not items:
        raise malformed("Stream was not readable.")
    return items


def read_change_set(kind, content):
    operations = []
    for headers, inner in parts_of(boundary_of(kind), content):
        operation = read_operation(headers, inner)
        if operation.method == "GET":
            raise malformed("A change set holds changes only: GET is not allowed in it.")
        if operation.content_id is None:
            raise malformed("Each operation in a change set needs a Content-ID.")
        operations.append(operation)
    ids = [operation.content_id for operation in operations]
    if len(set(ids)) != len(ids):
        raise malformed("A Content-ID stands twice in one change set.")
    return ChangeSet(operations)


def parts_of(boundary, body):
    """The parts between delimiters as (headers, content). The closing delimiter is demanded."""
    delimiter = b"--" + boundary.encode()
    text = b"\r\n" + body
    pieces = text.split(b"\r\n" + delimiter)
    if len(pieces) < 2 or pieces[0].strip(b"\r\n"):
        raise malformed("Stream was not readable.")
    if not pieces[-1].startswith(b"--") or pieces[-1][2:].strip(b"\r\n"):
        raise malformed("Stream was not readable. The closing boundary is missing.")
    for piece in pieces[1:-1]:
        if not piece.startswith(b"\r\n"):
            raise malformed("Stream was not readable. A boundary must end its line.")
        yield head_and_rest(piece[2:])


def head_and_rest(block):
    head, blank, rest = (b"\r\n" + block).partition(b"\r\n\r\n")
    if not blank:
        raise malformed("Stream was not readable. A blank line is missing after the headers.")
    return read_headers(head), rest


def read_headers(head):
    headers = {}
    for line in head.split(b"\r\n"):
        if not line:
            continue
        name, colon, value = line.partition(b":")
        if not colon or b"\n" in line or b"\r" in line or not name.strip():
            raise malformed("Stream was not readable. A header line is malformed.")
        headers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()
    return headers


def read_operation(headers, content):
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/http":
        raise malformed("The content type of a part must be application/http.")
    if headers.get("content-transfer-encoding", "").lower() != "binary":
        raise malformed("The header Content-Transfer-Encoding: binary is missing from a part.")
    line, ended, rest = content.partition(b"\r\n")
    match = REQUEST_LINE.fullmatch(line.decode("latin-1"))
    if not ended or not match:
        raise malformed("The request line of a part is malformed.")
    if match[2].endswith("/$batch"):
        raise malformed("A batch inside a batch is not allowed.")
    inner, body = head_and_rest(rest)
    return Operation(match[1], match[2], inner, body, headers.get("content-id"))
