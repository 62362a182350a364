"""RFC 9113 section 8: requests, their fields and their bodies."""

from casebook import case
from expecting import alive, answered, broken, came, farewell, malformed
from talking import COMPRESSION, DATA, END_HEADERS, END_STREAM, HEADERS, PROTOCOL, frame

JSON = ("content-type", "application/json")
USER = b'{"profile":{"login":"h2@example.com","email":"h2@example.com","firstName":"H","lastName":"2"}}'


def trailers(talk, fields, end=True, stream=1):
    return frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, talk.coder.encode(fields))


@case("8.1", "GET is answered with a head and a body")
def _(talk):
    talk.ask()
    answered(talk)
    assert talk.answers[1]["content-type"].startswith("application/json") and talk.data_of(1)


@case("8.1", "POST with a body is answered")
def _(talk):
    talk.post().say(frame(DATA, END_STREAM, 1, USER))
    answered(talk)


@case("8.1", "a body that ends with an empty DATA is answered")
def _(talk):
    talk.post().say(frame(DATA, 0, 1, b"{"), frame(DATA, END_STREAM, 1))
    answered(talk, status="400")


@case("8.1", "an answer before the body is whole leaves the connection as it is")
def _(talk):
    talk.ask(1, talk.fields("POST", "/api/v1/users", [JSON], key="pcl_none"), end=False)
    assert talk.until(lambda: 1 in talk.answers) and talk.answers[1][":status"] == "401", came(talk)
    talk.ask(3)
    answered(talk, 3)


@case("8.1", "a second head without the end of the stream is malformed")
def _(talk):
    talk.post().say(frame(HEADERS, END_HEADERS, 1, talk.block()))
    malformed(talk)


@case("8.1", "trailers without the end of the stream are malformed")
def _(talk):
    talk.post().say(frame(DATA, 0, 1, b"{"), trailers(talk, [("x-later", "1")], end=False))
    malformed(talk)


@case("8.1", "trailers are never a header", refused=True)
def _(talk, refused):
    talk.ask(1, talk.fields("POST", "/api/v1/users", [JSON], without=("authorization",)), end=False)
    talk.say(frame(DATA, 0, 1, USER), trailers(talk, [("authorization", f"SSWS {talk.place.key}")]))
    assert talk.until(lambda: 1 in talk.answers) and talk.answers[1][":status"] in ("400", "401"), came(talk)


for name, field in (("an upper-case name", ("X-Test", "1")), ("a name with a space", ("x test", "1")), ("an empty name", ("", "1")),
                    ("a name with a colon within", ("x:test", "1")), ("a name with a control character", ("x\x01", "1")),
                    ("a name with a byte above 0x7f", ("x\xff", "1")), ("a value with CR", ("x-test", "a\rb")), ("a value with LF", ("x-test", "a\nb")),
                    ("a value with NUL", ("x-test", "a\0b"))):
    @case("8.2.1", f"{name} is malformed", field=field)
    def _(talk, field):
        encoded = tuple(part.encode("latin-1") for part in field)
        talk.ask(1, talk.fields(more=[encoded]))
        malformed(talk)


for name, value in (("connection", "keep-alive"), ("keep-alive", "5"), ("proxy-connection", "keep-alive"), ("transfer-encoding", "chunked"),
                    ("upgrade", "h2c"), ("te", "trailers, deflate"), ("te", "gzip")):
    @case("8.2.2", f"{name}: {value} is malformed", name=name, value=value)
    def _(talk, name, value):
        talk.ask(1, talk.fields(more=[(name, value)]))
        malformed(talk)


@case("8.2.2", "te: trailers is taken")
def _(talk):
    talk.ask(1, talk.fields(more=[("te", "trailers")]))
    answered(talk)


@case("8.2.3", "a cookie in crumbs is taken")
def _(talk):
    talk.ask(1, talk.fields(more=[("cookie", "a=1"), ("cookie", "b=2")]))
    answered(talk)


for name in (":unknown", ":status", ":protocol"):
    @case("8.3", f"the pseudo-header {name} in a request is malformed", name=name)
    def _(talk, name):
        talk.ask(1, [(name, "200"), *talk.fields()])
        malformed(talk)


@case("8.3", "a pseudo-header in trailers is malformed")
def _(talk):
    talk.post().say(frame(DATA, 0, 1, USER), trailers(talk, [(":method", "GET")]))
    malformed(talk)


@case("8.3", "a pseudo-header behind a field is malformed")
def _(talk):
    talk.ask(1, [*talk.fields(without=(":path",)), (":path", "/api/v1/users?limit=1")])
    malformed(talk)


for name in (":method", ":scheme", ":path", ":authority"):
    @case("8.3", f"a second {name} is malformed", name=name)
    def _(talk, name):
        pairs = talk.fields()
        talk.ask(1, [pair for pair in pairs if pair[0] == name] + pairs)
        malformed(talk)


for name in (":method", ":scheme", ":path"):
    @case("8.3.1", f"a request without {name} is malformed", name=name)
    def _(talk, name):
        talk.ask(1, talk.fields(without=(name,)))
        malformed(talk)

for path in ("", "api/v1/users", "*"):
    @case("8.3.1", f"GET with :path {path!r} is malformed", path=path)
    def _(talk, path):
        talk.ask(1, talk.fields(path=path))
        malformed(talk)


@case("8.3.1", "an empty :method is malformed")
def _(talk):
    talk.ask(1, talk.fields(method=""))
    malformed(talk)


@case("8.3.1", "an :authority with userinfo is malformed")
def _(talk):
    talk.ask(1, talk.fields(authority=f"user@{talk.place.authority_name}"))
    malformed(talk)


@case("8.3.1", "an :authority of another host is misdirected")
def _(talk):
    talk.ask(1, talk.fields(authority="elsewhere.example"))
    malformed(talk)


@case("8.3.1", ":authority and Host that differ are malformed")
def _(talk):
    talk.ask(1, talk.fields(more=[("host", "elsewhere.example")]))
    malformed(talk)


@case("8.3.1", "Host in place of :authority is taken")
def _(talk):
    talk.ask(1, talk.fields(without=(":authority",), more=[("host", talk.place.authority_name)]))
    answered(talk)


@case("8.3.1", "neither :authority nor Host is malformed")
def _(talk):
    talk.ask(1, talk.fields(without=(":authority",)))
    malformed(talk)


@case("8.1.1", "a Content-Length that is not the body's is malformed")
def _(talk):
    talk.post(more=[("content-length", "1")]).say(frame(DATA, END_STREAM, 1, USER))
    malformed(talk)


@case("8.1.1", "a Content-Length that is not that of several DATA is malformed")
def _(talk):
    talk.post(more=[("content-length", "1")]).say(frame(DATA, 0, 1, USER[:9]), frame(DATA, END_STREAM, 1, USER[9:]))
    malformed(talk)


@case("8.1.1", "a Content-Length and no body is malformed")
def _(talk):
    talk.ask(1, talk.fields("POST", "/api/v1/users", [JSON, ("content-length", "4")]))
    malformed(talk)


@case("8.1.1", "a Content-Length above the body is malformed")
def _(talk):
    talk.post(more=[("content-length", "4000")]).say(frame(DATA, END_STREAM, 1, USER))
    malformed(talk)


@case("8.1.1", "two Content-Lengths are malformed")
def _(talk):
    talk.post(more=[("content-length", str(len(USER))), ("content-length", "7")]).say(frame(DATA, END_STREAM, 1, USER))
    malformed(talk)


for value in ("-1", "+5", "0x10", "4 4", ""):
    @case("8.1.1", f"a Content-Length of {value!r} is malformed", value=value)
    def _(talk, value):
        talk.post(more=[("content-length", value)]).say(frame(DATA, END_STREAM, 1, USER))
        malformed(talk)


@case("8.4", "a client that pushes is ended")
def _(talk):
    talk.post().say(frame(5, END_HEADERS, 1, b"\0\0\0\2" + talk.block()))
    farewell(talk, PROTOCOL)


@case("8.5", "CONNECT opens no tunnel")
def _(talk):
    talk.ask(1, [(":method", "CONNECT"), (":authority", "okta.com:443")], end=False)
    assert talk.until(lambda: 1 in talk.answers or any(one.kind in (3, 7) for one in talk.heard)), came(talk)
    assert talk.answers.get(1, {}).get(":status", "400") in ("400", "401", "405", "421", "501"), came(talk)


@case("8.6", "an Upgrade to another protocol through :protocol is malformed")
def _(talk):
    talk.ask(1, [(":method", "CONNECT"), (":protocol", "websocket"), *talk.fields(without=(":method",))])
    malformed(talk)


@case("8.8", "a head of 16 KiB in fields is taken or too large, and the connection stands")
def _(talk):
    talk.ask(1, talk.fields(more=[(f"x-{number}", "v" * 900) for number in range(16)]))
    assert talk.until(lambda: 1 in talk.answers), came(talk)
    assert talk.answers[1][":status"] in ("200", "431"), came(talk)
    talk.ask(3)
    answered(talk, 3)


@case("10.5.1", "more fields than a head may have are refused")
def _(talk):
    block = talk.block(talk.fields(more=[(f"x-{number}", "v" * 100) for number in range(600)]))
    pieces = [block[at:at + 16384] for at in range(0, len(block), 16384)]
    kinds = [1] + [9] * (len(pieces) - 1)
    for at, (kind, piece) in enumerate(zip(kinds, pieces)):
        flags = (END_STREAM if kind == 1 else 0) | (END_HEADERS if at == len(pieces) - 1 else 0)
        talk.say(frame(kind, flags, 1, piece))
    ended = lambda: talk.answers.get(1, {}).get(":status") == "431" or any(one.kind in (3, 7) for one in talk.heard)
    assert talk.until(ended), came(talk)
