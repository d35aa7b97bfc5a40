"""Small HTTP calls to our own processes on loopback."""

import json
import urllib.error
import urllib.request


def call(method, url, body=None, headers=None, timeout=10.0):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (urllib.error.URLError, OSError):
        return 0, b""


def get_json(url, timeout=10.0):
    status, body = call("GET", url, timeout=timeout)
    return json.loads(body) if status == 200 else None
