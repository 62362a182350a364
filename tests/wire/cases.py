"""What is sent, and what may come of it."""

import dataclasses

# Stand-ins as long as what they are replaced by, so that lengths of bodies stay right.
HOST = b"127.0.0.1:@port"  # the address of the gateway under test
KEY = b"@key".ljust(42, b"@")  # a key of a client that may read users, and read and manage groups
USERS = ("GET", "/api/v1/users?limit=2", b"")
GROUP = b'{"profile":{"name":"Night shift","description":"Works at night"}}'
CREATED = ("POST", "/api/v1/groups", GROUP)


@dataclasses.dataclass(frozen=True)
class Case:
    family: str
    name: str
    data: bytes
    # refused: one 4xx, then the connection ends · denied: 4xx · passed: exactly this request reaches Okta
    # either: passed or denied · then_refused: exactly this request reaches Okta, then one 400 and the end
    outcome: str
    meant: tuple = None
    cut: bool = False  # the sender closes its side when all is sent
    pieces: int = 0  # sent in pieces of so many bytes
    waits: bool = False  # the body is sent after `100 Continue`


def line(*headers, method=b"GET", target=b"/api/v1/users?limit=2", version=b"HTTP/1.1", host=True, key=True, body=b""):
    """A request with these header lines, which must end themselves."""
    head = method + b" " + target + b" " + version + b"\r\n"
    head += b"Host: " + HOST + b"\r\n" if host else b""
    head += b"Authorization: SSWS " + KEY + b"\r\n" if key else b""
    return head + b"".join(headers) + b"\r\n" + body


def post(*headers, body=GROUP, **more):
    """A request that creates a group; how long its body is must be said by its headers."""
    return line(b"Content-Type: application/json\r\n", *headers, method=b"POST", target=b"/api/v1/groups", body=body, **more)


def sized(body):
    return b"Content-Length: %d\r\n" % len(body)


def chunked(*chunks):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


CHUNKED = b"Transfer-Encoding: chunked\r\n"
CLOSE = b"Connection: close\r\n"
# Hidden in what one reader takes for a body. Without a credential it would borrow another's; with one it would work by itself.
EMBEDDED = line(target=b"/api/v1/groups?q=embedded", key=False)
EMBEDDED_WITH_KEY = line(target=b"/api/v1/groups?q=embedded")
