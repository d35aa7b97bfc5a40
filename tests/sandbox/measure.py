#!/usr/bin/python3
"""How many requests a second the sandbox answers on one core: started here, driven over a few connections kept alive.

  tests/sandbox/measure.py [--seconds 5] [--connections 8] [run's arguments, such as --fast]

Notes have NOTE_BYTES (4000). Divided by the CPU seconds that the sandbox itself took, so a busy machine spoils little.
"""
import argparse
import asyncio
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.parse
import urllib.request

HOME = pathlib.Path(__file__).resolve().parent
CLIENT, SECRET = "5a5e0000-0000-4000-8000-00000000c001", "contoso-demo-secret"
CONTOSO = "/orgs/contoso/api/data/v9.2"
PIPEDRIVE = "/companies/tailwind/api"
CONTACT = "cccccccc-0000-4000-8000-000000000001"
SELECT = ("$select=contactid,fullname,emailaddress1,mobilephone,telephone1,statecode,createdon"
          "&$expand=parentcustomerid_account($select=accountid,name)")
SIZE = int(os.environ.get("NOTE_BYTES", "4000"))
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)
ITEM = "<li>We agreed on the &amp; that follows, <b>in time</b> for the first quarter of the year.</li>"
PART = "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"


def html(size):
    return ('<h4>Review</h4><p><a href="https://app.example/s/1">Recording</a></p><ul>' + ITEM * (size // len(ITEM)) +
            "</ul><p>Ref: ACL-1</p>")


def http_request(method, path, headers, body=b""):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def batch(head, operations):
    parts = [f"{PART}{line} HTTP/1.1\r\nAccept: application/json\r\n{more}\r\n{body}\r\n" for line, more, body in operations]
    return http_request("POST", f"{CONTOSO}/$batch", {**head, "Content-Type": 'multipart/mixed; boundary="b"',
                                                      "Prefer": "odata.continue-on-error"}, "".join([*parts, "--b--\r\n"]).encode())


def dataverse(address):
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET,
            "scope": f"{address}/orgs/contoso/.default"}
    answer = urllib.request.urlopen(f"{address}/login/contoso.example/oauth2/v2.0/token", urllib.parse.urlencode(form).encode())
    head = {"Authorization": f"Bearer {json.load(answer)['access_token']}", "OData-MaxVersion": "4.0", "OData-Version": "4.0",
            "Accept": "application/json", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    contacts = (f"GET {CONTOSO}/contacts?{SELECT}&$filter=emailaddress1%20eq%20%27maja.lindqvist%40northwind.example%27"
                "&$orderby=createdon,contactid", "Prefer: odata.maxpagesize=500\r\n", "")
    yield "Dynamics: batch that reads contacts", lambda _: batch(head, [contacts])
    yield "Dynamics: batch that creates two notes", lambda n: batch(head, [note(n, 1, "contact"), note(n, 2, "account")])


def note(number, part, target):
    rows = {"contact": f"/contacts({CONTACT})", "account": "/accounts(aaaaaaaa-0000-4000-8000-000000000001)"}
    body = json.dumps({"notetext": html(SIZE), f"objectid_{target}@odata.bind": rows[target], "subject": "Q1"})
    return (f"PATCH {CONTOSO}/annotations({number:08x}-0000-4000-8000-00000000000{part})",
            "Content-Type: application/json; charset=utf-8\r\nIf-None-Match: *\r\n", body)


def pipedrive(_):
    head = {"x-api-token": "tailwind-demo-token", "Accept": "application/json"}
    body = json.dumps({"content": html(SIZE), "person_id": 101, "deal_id": 501}).encode()
    activity = json.dumps({"subject": "x", "type": "demo", "due_date": "2026-09-30", "due_time": "09:30", "duration": "00:45", "done": True,
                           "participants": [{"person_id": 101, "primary": True}], "note": "<p>x</p>"}).encode()
    typed = {**head, "Content-Type": "application/json"}
    search = f"{PIPEDRIVE}/v2/persons/search?term=maja.lindqvist%40northwind.example&fields=email&exact_match=true&limit=100"
    yield "Pipedrive: search by e-mail", lambda _: http_request("GET", search, head)
    deals = f"{PIPEDRIVE}/v2/deals?person_id=101&sort_by=add_time&sort_direction=desc&limit=1"
    yield "Pipedrive: deals of a person", lambda _: http_request("GET", deals, head)
    yield "Pipedrive: create a note", lambda _: http_request("POST", f"{PIPEDRIVE}/v1/notes", typed, body)
    yield "Pipedrive: create an activity", lambda _: http_request("POST", f"{PIPEDRIVE}/v2/activities", typed, activity)


async def drive(port, make, numbers, until):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = 0
    while time.monotonic() < until:
        writer.write(make(next(numbers)))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 2"):
            raise SystemExit(f"measure: {head.decode()}")
        await reader.readexactly(int(LENGTH.search(head)[1]))
        done += 1
    writer.close()
    return done


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def control(address, path, body):
    urllib.request.urlopen(urllib.request.Request(f"{address}/_control/{path}", json.dumps(body).encode(), method="POST")).read()


async def measure(address, pid, options):
    port, numbers = int(address.rsplit(":", 1)[1]), iter(range(1, 1 << 31))
    most = 1 << 40
    control(address, "limits", {"throttle": {"requests": most, "execution_ms": most, "concurrent": most}})
    control(address, "limits", {"throttle": {"burst": most, "search": most, "daily": most}})
    for name, make in (*dataverse(address), *pipedrive(address)):
        before, started = cpu_of(pid), time.monotonic()
        done = sum(await asyncio.gather(*(drive(port, make, numbers, started + options.seconds) for _ in range(options.connections))))
        took, cpu = time.monotonic() - started, cpu_of(pid) - before
        print(f"{name:42} {done / took:8.0f}/s now   {done / cpu:8.0f} per CPU second", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="measure.py", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=5, help="for each kind of request (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=8)
    options, rest = parser.parse_known_args()
    process = subprocess.Popen([str(HOME / "run"), *rest], stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().split()[-1]
        asyncio.run(measure(address, process.pid, options))
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
