"""Okta's SDKs for Python and Node wait out a 429 of the gateway's own as they would Okta's, and get their answer.

Runs on the stage with limits: uses a budget up, then lets both SDKs list what it is for, at the same time.
"""

import asyncio
import os
import pathlib
import threading
import time
import urllib.error
import urllib.request

from okta.client import Client

HERE = pathlib.Path(__file__).resolve().parent


WAITING_MAX = 32  # calls of one client the gateway lets wait


def call(wait):
    """One call that waits so many seconds for its turn; the headers of its refusal, if it was refused."""
    url, key = os.environ["OKTA_CLIENT_ORGURL"], os.environ["OKTA_CLIENT_TOKEN"]
    request = urllib.request.Request(f"{url}/api/v1/apps?limit=1", headers={"Authorization": f"SSWS {key}", "Prefer": f"wait={wait}"})
    try:
        urllib.request.urlopen(request, timeout=90).read()
    except urllib.error.HTTPError as error:
        assert error.code == 429, error.code
        return error.headers
    return None


def use_up():
    """Calls until nothing is left and as many calls wait as may, so that the next one is refused; the headers of a refusal."""
    while not call(0):
        pass
    for _ in range(WAITING_MAX):
        threading.Thread(target=call, args=(70,), daemon=True).start()
    while not (refused := call(9)):
        pass
    return refused


async def python():
    okta = Client({"orgUrl": os.environ["OKTA_CLIENT_ORGURL"], "token": os.environ["OKTA_CLIENT_TOKEN"],
                   "testing": {"testingDisableHttpsCheck": True}})
    begun = time.monotonic()
    *_, error = await okta.list_applications(limit=1)
    assert error is None, error
    return time.monotonic() - begun


async def node():
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec("node", str(HERE / "waiting_out.mjs"), cwd=HERE)
    assert await process.wait() == 0
    return time.monotonic() - begun


async def main():
    headers = use_up()
    assert headers["X-Okta-Request-Id"] is None, "refused by the org itself"
    took = await asyncio.gather(python(), node())
    for name, seconds in zip(("Python", "Node"), took):
        # As long as the gateway itself lets a call wait would mean that nothing was refused.
        assert seconds > 11, f"{name}: {seconds:.1f} s"
        print(f"Okta's SDK for {name} waited {seconds:.0f} s and got its answer")


asyncio.run(main())
