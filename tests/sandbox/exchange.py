"""Carrying a request out as its fault says: now, later or never, and answering truly, falsely or not at all."""
import asyncio

from .answer import Dropped
from .faults import delay

UNTIL_LATER = {"after_commit", "hang", "late_commit_ms"}        # with these, a fault's status does not end the request at once
_late = set()                                                   # tasks that nobody awaits must be held by somebody


async def refused_first(action, instead):
    """What is to be answered before anybody asks who is there, or None."""
    if action.get("drop_before"):
        raise Dropped
    if instead and not UNTIL_LATER & set(action):
        await delay(action)
        return instead
    return None


async def committed(sandbox, request, entry, action, instead, perform):
    """`perform()` carries the request out in one go and returns its true answer."""
    await delay(action)
    if action.get("hang"):
        how = await sandbox.faults.hold(entry["seq"])
        if how == "drop" or request.gone():
            raise Dropped
    if "late_commit_ms" in action:
        task = asyncio.create_task(later(action["late_commit_ms"], perform))
        _late.add(task)
        task.add_done_callback(_late.discard)
        if instead:
            return instead
        raise Dropped
    found = perform()
    if action.get("drop_after_commit") or action.get("truncate"):
        entry.update(status=found.status, code=found.code)
        raise Dropped(found if action.get("truncate") else None)
    found = instead or found
    found.drip_ms = action.get("drip_ms", 0)
    return found


async def later(milliseconds, perform):
    await asyncio.sleep(milliseconds / 1000)
    perform()
