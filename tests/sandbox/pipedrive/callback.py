"""Telling an app that it was uninstalled: a DELETE to its callback URL, whose answer interests nobody."""
import asyncio
import json
import urllib.parse

import aiohttp

from . import times

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_running = set()                             # tasks that nobody awaits must be held by somebody


def announce(sandbox, company, grants):
    for grant in grants:
        task = asyncio.create_task(send(sandbox, company, grant))
        _running.add(task)
        task.add_done_callback(_running.discard)


async def send(sandbox, company, grant):
    app = sandbox.world.apps[grant.app]
    body = {"client_id": grant.app, "company_id": company.id, "user_id": grant.user, "timestamp": times.v2(sandbox.clock.time())}
    entry = sandbox.journal.open(kind="callback", org=company.name, method="DELETE", path=app["callback"], body=body)
    if urllib.parse.urlsplit(app["callback"]).hostname in LOOPBACK:
        try:
            auth = aiohttp.BasicAuth(grant.app, app["secret"])
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
                async with session.delete(app["callback"], data=json.dumps(body), auth=auth,
                                          headers={"Content-Type": "application/json"}) as found:
                    entry["status"] = found.status
        except (aiohttp.ClientError, asyncio.TimeoutError) as problem:
            entry["code"] = type(problem).__name__
    sandbox.journal.close(entry)
