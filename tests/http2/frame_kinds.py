"""RFC 9113 sections 6 and 7: every kind of frame, settings, windows, error codes."""

from casebook import case
from expecting import Unmet, alive, answered, broken, came, farewell, first
from talking import (ACK, CLOSED, CONTINUATION, DATA, ENABLE_PUSH, END_HEADERS, END_STREAM, FLOW_CONTROL, FRAME_SIZE, GOAWAY, HEADERS,
                     HEADER_TABLE_SIZE, INITIAL_WINDOW, MAX_FRAME, MAX_HEADER_LIST, MAX_STREAMS, PADDED, PING, PRIORITY, PROTOCOL, PUSH_PROMISE,
                     RST_STREAM, SETTINGS, WINDOW_UPDATE, frame, settings)

MOST = 2**31 - 1


def window(stream, size):
    return frame(WINDOW_UPDATE, 0, stream, size.to_bytes(4))


def first_data(talk, stream=1):
    """The size of the first DATA frame that has something in it."""
    sizes = talk.until(lambda: [len(data) for data in talk.data_of(stream) if data])
    if not sizes:
        raise Unmet(f"no DATA on {stream}; {came(talk)}")
    return sizes[0]


@case("6.1", "DATA in several frames is one body")
def _(talk):
    talk.post().say(frame(DATA, 0, 1, b'{"profile"'), frame(DATA, 0, 1, b""), frame(DATA, END_STREAM, 1, b":"))
    answered(talk, status="400")


@case("6.1", "padded DATA is taken without its padding")
def _(talk):
    talk.post(more=[("content-length", "1")]).say(frame(DATA, END_STREAM | PADDED, 1, b"\x06{" + b"\0" * 6))
    answered(talk, status="400")


@case("6.1", "DATA on stream 0 is a PROTOCOL_ERROR")
def _(talk):
    talk.say(frame(DATA, END_STREAM, 0, b"test"))
    farewell(talk, PROTOCOL)


@case("6.1", "DATA on a stream that is not open is a STREAM_CLOSED error")
def _(talk):
    talk.ask().say(frame(DATA, END_STREAM, 1, b"test"))
    broken(talk, 1, CLOSED)


@case("6.1", "DATA with more padding than body is a PROTOCOL_ERROR")
def _(talk):
    talk.post().say(frame(DATA, END_STREAM | PADDED, 1, b"\x06test"))
    farewell(talk, PROTOCOL)


@case("6.1", "padded DATA without a pad length is a connection error")
def _(talk):
    talk.post().say(frame(DATA, END_STREAM | PADDED, 1))
    farewell(talk, PROTOCOL, FRAME_SIZE)


@case("6.2", "padded HEADERS is taken")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\x08" + talk.block() + b"\0" * 8))
    answered(talk)


@case("6.2", "HEADERS on stream 0 is a PROTOCOL_ERROR")
def _(talk):
    talk.ask(0)
    farewell(talk, PROTOCOL)


@case("6.2", "HEADERS with more padding than block is a PROTOCOL_ERROR")
def _(talk):
    block = talk.block()
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, bytes([min(255, len(block) + 1)]) + block[:200]))
    farewell(talk, PROTOCOL)


@case("6.2", "HEADERS too short for its priority is a connection error")
def _(talk):
    talk.say(frame(HEADERS, END_HEADERS | END_STREAM | 0x20, 1, b"\0\0"))
    farewell(talk, PROTOCOL, FRAME_SIZE)


@case("6.3", "PRIORITY on stream 0 is a PROTOCOL_ERROR")
def _(talk):
    talk.say(frame(PRIORITY, 0, 0, b"\0\0\0\1\x10"))
    farewell(talk, PROTOCOL)


@case("6.3", "PRIORITY that has not 5 bytes is a FRAME_SIZE_ERROR")
def _(talk):
    talk.say(frame(PRIORITY, 0, 1, b"\0\0\0\0"))
    broken(talk, 1, FRAME_SIZE)


@case("6.4", "RST_STREAM on stream 0 is a PROTOCOL_ERROR")
def _(talk):
    talk.say(frame(RST_STREAM, 0, 0, b"\0\0\0\x08"))
    farewell(talk, PROTOCOL)


@case("6.4", "RST_STREAM on an idle stream is a PROTOCOL_ERROR")
def _(talk):
    talk.say(frame(RST_STREAM, 0, 1, b"\0\0\0\x08"))
    farewell(talk, PROTOCOL)


@case("6.4", "RST_STREAM that has not 4 bytes is a FRAME_SIZE_ERROR")
def _(talk):
    talk.post().say(frame(RST_STREAM, 0, 1, b"\0\0\0"))
    farewell(talk, FRAME_SIZE)


@case("6.4", "RST_STREAM ends one stream and no other")
def _(talk):
    talk.post(1).post(3).say(frame(RST_STREAM, 0, 1, b"\0\0\0\x08"), frame(DATA, END_STREAM, 3, b"{"))
    answered(talk, 3, "400")


@case("6.5", "SETTINGS that acknowledges and says something is a FRAME_SIZE_ERROR")
def _(talk):
    talk.say(frame(SETTINGS, ACK, 0, b"\0"))
    farewell(talk, FRAME_SIZE)


@case("6.5", "SETTINGS on a stream is a PROTOCOL_ERROR")
def _(talk):
    talk.say(frame(SETTINGS, 0, 1, settings((MAX_STREAMS, 100))))
    farewell(talk, PROTOCOL)


@case("6.5", "SETTINGS that has not a multiple of 6 bytes is a FRAME_SIZE_ERROR")
def _(talk):
    talk.say(frame(SETTINGS, 0, 0, b"\0\3\0"))
    farewell(talk, FRAME_SIZE)


for key, value, code, says in ((ENABLE_PUSH, 2, PROTOCOL, "ENABLE_PUSH other than 0 or 1 is a PROTOCOL_ERROR"),
                               (INITIAL_WINDOW, MOST + 1, FLOW_CONTROL, "INITIAL_WINDOW_SIZE above 2^31-1 is a FLOW_CONTROL_ERROR"),
                               (MAX_FRAME, 16383, PROTOCOL, "MAX_FRAME_SIZE below 16,384 is a PROTOCOL_ERROR"),
                               (MAX_FRAME, 2**24, PROTOCOL, "MAX_FRAME_SIZE above 2^24-1 is a PROTOCOL_ERROR")):
    @case("6.5.2", says, key=key, value=value, code=code)
    def _(talk, key, value, code):
        talk.say(frame(SETTINGS, body=settings((key, value))))
        farewell(talk, code)


for key, value in ((ENABLE_PUSH, 0), (ENABLE_PUSH, 1), (MAX_STREAMS, 0), (MAX_STREAMS, 2**32 - 1), (INITIAL_WINDOW, MOST), (MAX_FRAME, 16384),
                   (MAX_FRAME, 2**24 - 1), (MAX_HEADER_LIST, 2**32 - 1), (HEADER_TABLE_SIZE, 0), (HEADER_TABLE_SIZE, 2**32 - 1), (0x42, 0)):
    @case("6.5.2", f"setting {key:#x} = {value} is taken", key=key, value=value)
    def _(talk, key, value):
        talk.say(frame(SETTINGS, body=settings((key, value)))).ask()
        answered(talk)


@case("6.5.3", "SETTINGS are acknowledged at once, each of them")
def _(talk):
    for _ in range(3):
        before = sum(one.kind == SETTINGS and one.flags & ACK for one in talk.heard)
        talk.say(frame(SETTINGS))
        assert talk.until(lambda: sum(one.kind == SETTINGS and one.flags & ACK for one in talk.heard) == before + 1)


@case("6.5.3", "settings of one frame are taken in their order", initial=((INITIAL_WINDOW, 100), (INITIAL_WINDOW, 1)))
def _(talk):
    talk.ask()
    assert first_data(talk) == 1, talk.heard


@case("6.6", "PUSH_PROMISE from a client is a PROTOCOL_ERROR")
def _(talk):
    talk.say(frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2" + talk.block()))
    farewell(talk, PROTOCOL)


@case("6.7", "a PING is answered with its own 8 bytes")
def _(talk):
    alive(talk)


@case("6.7", "the acknowledgement of a PING that was never sent is not answered")
def _(talk):
    talk.say(frame(PING, ACK, 0, b"invalid!"), frame(PING, 0, 0, b"h2spec!!"))
    said = talk.until(first(talk, lambda one: one.kind == PING))
    assert said and said.body == b"h2spec!!", talk.heard


@case("6.7", "PING on a stream is a PROTOCOL_ERROR")
def _(talk):
    talk.say(frame(PING, 0, 1, b"12345678"))
    farewell(talk, PROTOCOL)


for length in (0, 6, 9):
    @case("6.7", f"PING of {length} bytes is a FRAME_SIZE_ERROR", length=length)
    def _(talk, length):
        talk.say(frame(PING, 0, 0, b"x" * length))
        farewell(talk, FRAME_SIZE)


@case("6.8", "GOAWAY on a stream is a PROTOCOL_ERROR")
def _(talk):
    talk.say(frame(GOAWAY, 0, 1, b"\0" * 8))
    farewell(talk, PROTOCOL)


@case("6.8", "GOAWAY that is too short is a FRAME_SIZE_ERROR")
def _(talk):
    talk.say(frame(GOAWAY, 0, 0, b"\0" * 7))
    farewell(talk, FRAME_SIZE)


@case("6.8", "what was asked before a GOAWAY is answered")
def _(talk):
    talk.ask().say(frame(GOAWAY, 0, 0, b"\0" * 8))
    answered(talk)


@case("6.9", "WINDOW_UPDATE by 0 is a connection error PROTOCOL_ERROR")
def _(talk):
    talk.say(window(0, 0))
    farewell(talk, PROTOCOL)


@case("6.9", "WINDOW_UPDATE by 0 on a stream is a stream error PROTOCOL_ERROR")
def _(talk):
    talk.post().say(window(1, 0))
    broken(talk, 1, PROTOCOL)


for length in (3, 5):
    @case("6.9", f"WINDOW_UPDATE of {length} bytes is a FRAME_SIZE_ERROR", length=length)
    def _(talk, length):
        talk.say(frame(WINDOW_UPDATE, 0, 0, b"\0" * length))
        farewell(talk, FRAME_SIZE)


@case("6.9", "the reserved bit of a WINDOW_UPDATE is ignored")
def _(talk):
    talk.say(frame(WINDOW_UPDATE, 0, 0, b"\x80\0\0\1"))
    alive(talk)


@case("6.9.1", "no more DATA than the stream's window", initial=((INITIAL_WINDOW, 1),))
def _(talk):
    talk.ask()
    assert first_data(talk) == 1
    alive(talk)
    assert sum(map(len, talk.data_of(1))) == 1, talk.heard
    talk.say(window(1, MOST - 1))
    answered(talk)


@case("6.9.1", "a window of the connection above 2^31-1 is a connection error FLOW_CONTROL_ERROR")
def _(talk):
    talk.say(window(0, MOST), window(0, MOST))
    farewell(talk, FLOW_CONTROL)


@case("6.9.1", "a window of a stream above 2^31-1 is a stream error FLOW_CONTROL_ERROR")
def _(talk):
    talk.post().say(window(1, MOST), window(1, MOST))
    broken(talk, 1, FLOW_CONTROL)


@case("6.9.1", "a body above the stream's window is a FLOW_CONTROL_ERROR")
def _(talk):
    alive(talk)
    talk.post(path="/api/v1/users/nobody/lifecycle/suspend")
    for _ in range(talk.theirs.get(INITIAL_WINDOW, 65535) * 4 // 16384 + 2):
        talk.say(frame(DATA, 0, 1, b" " * 16384))
    code = talk.until(first(talk, lambda one: one.kind in (RST_STREAM, GOAWAY) or one.kind == HEADERS))
    assert code is not None, came(talk)


@case("6.9.2", "a new initial window counts for streams that are open", initial=((INITIAL_WINDOW, 0),))
def _(talk):
    talk.ask().say(frame(SETTINGS, body=settings((INITIAL_WINDOW, 1))))
    assert first_data(talk) == 1


@case("6.9.2", "a window can be negative, and nothing is sent until it is not", initial=((INITIAL_WINDOW, 3),))
def _(talk):
    talk.ask()
    assert first_data(talk) == 3
    talk.say(frame(SETTINGS, body=settings((INITIAL_WINDOW, 2))), window(1, 2))
    assert talk.until(lambda: sum(map(len, talk.data_of(1))) == 4), talk.heard
    alive(talk)
    assert sum(map(len, talk.data_of(1))) == 4, "3 sent, window -1, opened by 2: one byte more"


@case("6.9.2", "an initial window that would push a stream's above 2^31-1 is a FLOW_CONTROL_ERROR")
def _(talk):
    talk.post().say(window(1, MOST - 65535), frame(SETTINGS, body=settings((INITIAL_WINDOW, 65536))))
    farewell(talk, FLOW_CONTROL)


@case("6.9.2", "the initial window does not change the connection's", initial=((INITIAL_WINDOW, MOST),))
def _(talk):
    talk.ask()
    answered(talk)


@case("6.10", "a header block in several CONTINUATIONs is one")
def _(talk):
    block = talk.block()
    talk.say(frame(HEADERS, END_STREAM, 1, block[:1]), frame(CONTINUATION, 0, 1, block[1:3]), frame(CONTINUATION, 0, 1, b""),
             frame(CONTINUATION, END_HEADERS, 1, block[3:]))
    answered(talk)


@case("6.10", "CONTINUATION on stream 0 is a PROTOCOL_ERROR")
def _(talk):
    block = talk.block()
    talk.say(frame(HEADERS, END_STREAM, 1, block[:5]), frame(CONTINUATION, END_HEADERS, 0, block[5:]))
    farewell(talk, PROTOCOL)


@case("6.10", "CONTINUATION behind a whole header block is a PROTOCOL_ERROR")
def _(talk):
    talk.post().say(frame(CONTINUATION, END_HEADERS, 1, talk.block()))
    farewell(talk, PROTOCOL)


@case("6.10", "CONTINUATION behind the last CONTINUATION is a PROTOCOL_ERROR")
def _(talk):
    block = talk.block(talk.fields("POST"))
    talk.say(frame(HEADERS, 0, 1, block[:5]), frame(CONTINUATION, END_HEADERS, 1, block[5:]), frame(CONTINUATION, END_HEADERS, 1, b""))
    farewell(talk, PROTOCOL)


@case("6.10", "CONTINUATION behind DATA is a PROTOCOL_ERROR")
def _(talk):
    talk.post().say(frame(DATA, 0, 1, b"{"), frame(CONTINUATION, END_HEADERS, 1, b""))
    farewell(talk, PROTOCOL)


@case("7", "GOAWAY with an unknown error code is a GOAWAY")
def _(talk):
    talk.ask().say(frame(GOAWAY, 0, 0, b"\0\0\0\0\0\0\0\xff"))
    answered(talk)


@case("7", "RST_STREAM with an unknown error code is a RST_STREAM")
def _(talk):
    talk.post().say(frame(RST_STREAM, 0, 1, b"\0\0\0\xff"))
    alive(talk)
