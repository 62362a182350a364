"""RFC 9113 sections 3 to 5: preface, frames, header blocks, streams."""

from casebook import case
from expecting import alive, answered, broken, ended, farewell, late
from talking import (ACK, CANCEL, CLOSED, COMPRESSION, CONTINUATION, DATA, END_HEADERS, END_STREAM, FLOW_CONTROL, FRAME_SIZE, GOAWAY, HEADERS, NO_ERROR, PING,
                     PREFACE, PRIORITISED, PRIORITY, PROTOCOL, PUSH_PROMISE, REFUSED, RST_STREAM, SETTINGS, WINDOW_UPDATE, Talk, frame, settings)

TOO_LONG = b"a" * 16385


@case("3.2", "ALPN chooses h2")
def _(talk):
    assert talk.line.selected_alpn_protocol() == "h2"
    alive(talk)


@case("3.2", "ALPN without h2 is answered in HTTP/1.1", alpn=("http/1.1",), greet=False)
def _(talk):
    assert talk.line.selected_alpn_protocol() == "http/1.1"
    talk.say(f"GET /api/v1/users?limit=1 HTTP/1.1\r\nHost: {talk.place.authority_name}\r\nAuthorization: SSWS {talk.place.key}\r\n\r\n".encode())
    assert talk.line.recv(12) == b"HTTP/1.1 200"


@case("3.4", "the server's first frame is SETTINGS")
def _(talk):
    assert talk.heard[0].kind == SETTINGS and not talk.heard[0].flags & ACK, talk.heard


@case("3.4", "a client's SETTINGS are acknowledged")
def _(talk):
    assert any(one.kind == SETTINGS and one.flags & ACK and not one.body for one in talk.heard)


@case("3.4", "a request right behind the preface is answered", greet=False)
def _(talk):
    talk.say(PREFACE, frame(SETTINGS)).ask()
    answered(talk)


@case("3.4", "an invalid preface ends the connection", greet=False)
def _(talk):
    talk.say(b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", frame(SETTINGS))
    ended(talk)


@case("3.4", "a preface without SETTINGS is a PROTOCOL_ERROR", greet=False)
def _(talk):
    talk.say(PREFACE, frame(PING, body=b"12345678"))
    farewell(talk, PROTOCOL)


@case("3.4", "a preface in single bytes is a preface", greet=False)
def _(talk):
    for byte in PREFACE + frame(SETTINGS):
        talk.say(bytes([byte]))
    talk.ask()
    answered(talk)


for kind in (10, 16, 0x42, 0xFF):
    @case("4.1", f"a frame of unknown kind {kind:#x} is ignored", kind=kind)
    def _(talk, kind):
        talk.say(frame(kind, 0xFF, 0, b"whatever"))
        alive(talk)


@case("4.1", "undefined flags are ignored")
def _(talk):
    talk.say(frame(PING, 0xFE, body=b"12345678"))
    alive(talk)


@case("4.1", "the reserved bit of a stream id is ignored")
def _(talk):
    talk.say(frame(PING, 0, 1 << 31, b"12345678"))
    alive(talk)


@case("4.1", "a frame in single bytes is a frame")
def _(talk):
    for byte in frame(HEADERS, END_HEADERS | END_STREAM, 1, talk.block()):
        talk.say(bytes([byte]))
    answered(talk)


@case("4.2", "DATA of 16,384 bytes is taken")
def _(talk):
    talk.post().say(frame(DATA, END_STREAM, 1, b'"' + b"a" * 16382 + b'"'))
    answered(talk, status="400")


@case("4.2", "DATA above SETTINGS_MAX_FRAME_SIZE is a FRAME_SIZE_ERROR")
def _(talk):
    talk.post().say(frame(DATA, END_STREAM, 1, TOO_LONG))
    broken(talk, 1, FRAME_SIZE)


@case("4.2", "HEADERS above SETTINGS_MAX_FRAME_SIZE is a connection error FRAME_SIZE_ERROR")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM, 1, talk.block() + TOO_LONG))
    farewell(talk, FRAME_SIZE)


@case("4.2", "SETTINGS above SETTINGS_MAX_FRAME_SIZE is a connection error FRAME_SIZE_ERROR")
def _(talk):
    talk.say(frame(SETTINGS, body=settings(*[(0x99, 1)] * 2731)))
    farewell(talk, FRAME_SIZE)


@case("4.2", "a frame of an unknown kind above SETTINGS_MAX_FRAME_SIZE is a FRAME_SIZE_ERROR")
def _(talk):
    talk.say(frame(0x42, body=TOO_LONG))
    farewell(talk, FRAME_SIZE)


@case("4.3", "an invalid header block is a COMPRESSION_ERROR")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x00\x85\xf2\xb2\x4a\x84\xff\x84\x49\x50\x9f\xff"))
    farewell(talk, COMPRESSION)


@case("4.3", "a header block that is cut off is a COMPRESSION_ERROR")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM, 1, talk.block()[:-5]))
    farewell(talk, COMPRESSION)


@case("4.3", "an empty header block is malformed")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM, 1))
    broken(talk, 1, PROTOCOL)


for name, other in (("PRIORITY", frame(PRIORITY, 0, 1, b"\0\0\0\0\x10")), ("PING", frame(PING, body=b"12345678")), ("SETTINGS", frame(SETTINGS)),
                    ("DATA on the same stream", frame(DATA, END_STREAM, 1, b"x")), ("WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1")),
                    ("RST_STREAM of the same stream", frame(RST_STREAM, 0, 1, b"\0\0\0\x08")), ("GOAWAY", frame(GOAWAY, body=b"\0" * 8)),
                    ("an unknown frame", frame(0x42, 0, 0, b"x")), ("CONTINUATION of another stream", frame(CONTINUATION, END_HEADERS, 3, b""))):
    @case("4.3", f"{name} within a header block is a PROTOCOL_ERROR", other=other)
    def _(talk, other):
        block = talk.block()
        talk.say(frame(HEADERS, END_STREAM, 1, block[:5]), other, frame(CONTINUATION, END_HEADERS, 1, block[5:]))
        farewell(talk, PROTOCOL)


@case("4.3", "HEADERS of another stream within a header block is a PROTOCOL_ERROR")
def _(talk):
    block = talk.block()
    talk.say(frame(HEADERS, END_STREAM, 1, block[:5]), frame(HEADERS, END_STREAM | END_HEADERS, 3, block))
    farewell(talk, PROTOCOL)


for name, said in (("DATA", frame(DATA, END_STREAM, 1, b"test")), ("RST_STREAM", frame(RST_STREAM, 0, 1, b"\0\0\0\x08")),
                   ("WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\x64")), ("CONTINUATION", frame(CONTINUATION, END_HEADERS, 1, b""))):
    @case("5.1", f"idle: {name} is a PROTOCOL_ERROR", said=said)
    def _(talk, said):
        talk.say(said)
        farewell(talk, PROTOCOL)


@case("5.1", "idle: PRIORITY is taken")
def _(talk):
    talk.say(frame(PRIORITY, 0, 1, b"\0\0\0\0\x10")).ask()
    answered(talk)


@case("5.1", "half-closed (remote): DATA is a STREAM_CLOSED error")
def _(talk):
    talk.ask().say(frame(DATA, END_STREAM, 1, b"test"))
    late(talk, 1)


@case("5.1", "half-closed (remote): HEADERS is a STREAM_CLOSED error")
def _(talk):
    block = talk.block()
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM, 1, block), frame(HEADERS, END_HEADERS | END_STREAM, 1, talk.block()))
    late(talk, 1, PROTOCOL)


@case("5.1", "half-closed (remote): CONTINUATION is a connection error")
def _(talk):
    talk.ask().say(frame(CONTINUATION, END_HEADERS, 1, talk.block()))
    farewell(talk, CLOSED, PROTOCOL)


@case("5.1", "half-closed (remote): WINDOW_UPDATE, PRIORITY and RST_STREAM are taken")
def _(talk):
    talk.ask().say(frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\1"), frame(PRIORITY, 0, 1, b"\0\0\0\0\1"), frame(RST_STREAM, 0, 1, b"\0\0\0\x08"))
    alive(talk)


@case("5.1", "closed: DATA after RST_STREAM is a STREAM_CLOSED error")
def _(talk):
    talk.post().say(frame(RST_STREAM, 0, 1, b"\0\0\0\x08"), frame(DATA, END_STREAM, 1, b"test"))
    late(talk, 1)


@case("5.1", "closed: HEADERS after RST_STREAM is a STREAM_CLOSED error")
def _(talk):
    talk.post().say(frame(RST_STREAM, 0, 1, b"\0\0\0\x08")).ask(1)
    late(talk, 1, PROTOCOL)


@case("5.1", "closed: CONTINUATION after RST_STREAM is a connection error")
def _(talk):
    talk.post().say(frame(RST_STREAM, 0, 1, b"\0\0\0\x08"), frame(CONTINUATION, END_HEADERS, 1, talk.block()))
    farewell(talk, CLOSED, PROTOCOL)


@case("5.1", "closed: DATA after an answer is a STREAM_CLOSED error")
def _(talk):
    talk.ask()
    answered(talk)
    talk.say(frame(DATA, END_STREAM, 1, b"test"))
    late(talk, 1)


@case("5.1", "closed: HEADERS after an answer is a connection error")
def _(talk):
    talk.ask()
    answered(talk)
    talk.ask(1)
    broken(talk, 1, CLOSED, PROTOCOL)


@case("5.1", "closed: WINDOW_UPDATE and RST_STREAM after an answer are ignored")
def _(talk):
    talk.ask()
    answered(talk)
    talk.say(frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\1"), frame(RST_STREAM, 0, 1, b"\0\0\0\x08"), frame(PRIORITY, 0, 1, b"\0\0\0\0\1"))
    alive(talk)


@case("5.1.1", "a stream of an even number is a PROTOCOL_ERROR")
def _(talk):
    talk.ask(2)
    farewell(talk, PROTOCOL)


@case("5.1.1", "a stream with a smaller number than the last is a connection error")
def _(talk):
    talk.ask(5)
    answered(talk, 5)
    talk.ask(3)
    farewell(talk, PROTOCOL, CLOSED)


@case("5.1.1", "streams may leave numbers out")
def _(talk):
    talk.ask(1).ask(99)
    answered(talk, 1)
    answered(talk, 99)


@case("5.1.2", "the server says how many streams it takes")
def _(talk):
    alive(talk)
    assert 0 < talk.theirs[3] <= 256, talk.theirs


@case("5.1.2", "a stream above that number is refused")
def _(talk):
    alive(talk)
    most = talk.theirs[3]
    for number in range(most + 1):
        talk.post(2 * number + 1)
    broken(talk, 2 * most + 1, REFUSED, PROTOCOL)


@case("5.1.2", "streams that ended make room for others")
def _(talk):
    alive(talk)
    for number in range(talk.theirs[3] + 10):
        talk.ask(2 * number + 1)
        answered(talk, 2 * number + 1)


@case("5.2", "answers to two streams at once both come")
def _(talk):
    talk.ask(1).ask(3).ask(5)
    for stream in (5, 3, 1):
        answered(talk, stream)


@case("5.3.2", "a request with a priority is answered")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM | PRIORITISED, 1, b"\x80\0\0\0\xff" + talk.block()))
    answered(talk)


@case("5.3.1", "HEADERS that depend on themselves are broken off or their priority is ignored")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM | PRIORITISED, 1, b"\0\0\0\1\xff" + talk.block()))
    if talk.until(lambda: 1 in talk.answers or any(one.kind in (RST_STREAM, GOAWAY) for one in talk.heard)) and 1 not in talk.answers:
        broken(talk, 1, PROTOCOL)


@case("5.3.1", "PRIORITY that depends on itself is broken off or ignored")
def _(talk):
    talk.say(frame(PRIORITY, 0, 1, b"\0\0\0\1\xff"))
    talk.ask(3)
    answered(talk, 3)


@case("5.4.1", "after a connection error the connection ends")
def _(talk):
    talk.say(frame(PING, body=b"short"))
    farewell(talk, FRAME_SIZE)


@case("5.4.1", "the GOAWAY names the last stream that was taken")
def _(talk):
    talk.ask(7)
    answered(talk, 7)
    talk.say(frame(PING, body=b"short"))
    farewell(talk, FRAME_SIZE)
    said = next(one for one in talk.heard if one.kind == GOAWAY)
    assert int.from_bytes(said.body[:4]) == 7, said.body


@case("5.4.2", "a stream error leaves the connection as it is")
def _(talk):
    talk.post().say(frame(WINDOW_UPDATE, 0, 1, b"\x7f\xff\xff\xff") * 2)
    broken(talk, 1, FLOW_CONTROL)
    talk.ask(3)
    answered(talk, 3)


@case("5.4.3", "an end of the connection in the middle of a frame harms nobody")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS, 1, b"", length=500))
    talk.line.close()
    with Talk(talk.place) as other:
        alive(other)


@case("5.5", "an unknown frame on an open stream is ignored")
def _(talk):
    talk.post().say(frame(0x42, 0, 1, b"x"), frame(DATA, END_STREAM, 1, b"{"))
    answered(talk, status="400")


@case("5.5", "an unknown setting is ignored", initial=((0x99, 7), (0xFFFF, 0xFFFF_FFFF)))
def _(talk):
    talk.ask()
    answered(talk)
