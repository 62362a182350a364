"""HTTP/2 abuse: each connection must be cut, while a caller on another one is served and the gateway's memory stays bounded.

Every abuser comes from an address of its own, shows a valid key where it shows one, and goes on until its connection ends.
"""

import ssl
import socket
import threading
import time

import h2.config
import h2.connection
import h2.events
import hpack

from talking import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, INITIAL_WINDOW, PING, PREFACE, PRIORITY, RST_STREAM, SETTINGS,
                     WINDOW_UPDATE, Talk, frame, settings)

ALL = []
CUT_WITHIN_S = 45


def abuse(says, reason=None, **how):
    """Adds an abuse: a function that yields what to send next, for ever. `reason` is what the trail must name."""
    def add(function):
        ALL.append((says, reason, how, function))
        return function
    return add


def streams():
    number = 1
    while number < 2**31:
        yield number
        number += 2


def asking(talk, stream, end=True):
    return frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, talk.block(talk.fields(key=talk.place.attackers_key)))


@abuse("rapid reset (CVE-2023-44487)")
def _(talk):
    for stream in streams():
        yield asking(talk, stream) + frame(RST_STREAM, 0, stream, b"\0\0\0\x08")


@abuse("rapid reset at a pace that lets every stream be taken first", "http2_rapid_reset")
def _(talk):
    for stream in streams():
        yield asking(talk, stream)
        talk.pump(0.001)
        yield frame(RST_STREAM, 0, stream, b"\0\0\0\x08")


@abuse("resets of streams with a body on its way", "http2_rapid_reset")
def _(talk):
    for stream in streams():
        yield asking(talk, stream, end=False)
        talk.pump(0.001)
        yield frame(RST_STREAM, 0, stream, b"\0\0\0\x08")


@abuse("CONTINUATION without end")
def _(talk):
    yield frame(HEADERS, END_STREAM, 1, talk.block())
    while True:
        yield frame(CONTINUATION, 0, 1, b"\x00\x06x-test\x7f\x00" + b"v" * 127) * 50


@abuse("empty CONTINUATION without end")
def _(talk):
    yield frame(HEADERS, END_STREAM, 1, talk.block())
    while True:
        yield frame(CONTINUATION, 0, 1)


@abuse("heads in more pieces than they need", "http2_continuation_flood")
def _(talk):
    for stream in streams():
        block = talk.block()
        yield frame(HEADERS, END_STREAM, stream, block[:1]) + frame(CONTINUATION, 0, stream, block[1:2]) * 1 + frame(CONTINUATION, END_HEADERS, stream, block[2:])


for name, reason, said in (("SETTINGS", "http2_settings_flood", frame(SETTINGS)),
                           ("SETTINGS that change a table's size", "http2_settings_flood", frame(SETTINGS, body=settings((1, 0), (1, 4096)))),
                           ("acknowledgements of SETTINGS", None, frame(SETTINGS, ACK)),
                           ("PING", "http2_ping_flood", frame(PING, body=b"12345678")), ("acknowledgements of PINGs", "http2_ping_flood", frame(PING, ACK, body=b"12345678")),
                           ("PRIORITY", "http2_priority_flood", frame(PRIORITY, 0, 5, b"\0\0\0\3\x10")),
                           ("WINDOW_UPDATE", None, frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1")),
                           ("unknown frames", "http2_unknown_frame_flood", frame(0x42, body=b"x")),
                           ("GOAWAY", None, frame(GOAWAY, body=b"\0" * 8))):
    @abuse(f"a flood of {name}", reason, said=said)
    def _(talk, said):
        while True:
            yield said * 20


@abuse("empty DATA frames")
def _(talk):
    yield asking(talk, 1, end=False)
    while True:
        yield frame(DATA, 0, 1) * 20


@abuse("DATA in single bytes")
def _(talk):
    for stream in streams():
        yield asking(talk, stream, end=False)
        for _ in range(50):
            yield frame(DATA, 0, stream, b" ") * 20


@abuse("DATA that is all padding")
def _(talk):
    yield asking(talk, 1, end=False)
    while True:
        yield frame(DATA, 8, 1, b"\x03\0\0\0") * 20


@abuse("streams beyond the number there may be", "http2_made_you_reset")
def _(talk):
    for stream in streams():
        yield asking(talk, stream, end=False)


for name, error in (("an empty window update", lambda stream: frame(WINDOW_UPDATE, 0, stream, b"\0\0\0\0")),
                    ("too large a window", lambda stream: frame(WINDOW_UPDATE, 0, stream, b"\x7f\xff\xff\xff") * 2),
                    ("DATA behind the end", lambda stream: frame(DATA, END_STREAM, stream, b"x")),
                    ("HEADERS behind the end", lambda stream: frame(HEADERS, END_HEADERS | END_STREAM, stream, b"\x82")),
                    ("a PRIORITY of 4 bytes", lambda stream: frame(PRIORITY, 0, stream, b"\0\0\0\1"))):
    @abuse(f"MadeYouReset (CVE-2025-8671) by {name}", error=error)
    def _(talk, error):
        for stream in streams():
            yield asking(talk, stream) + error(stream)
            talk.pump(0.001)


@abuse("malformed requests without end")
def _(talk):
    for stream in streams():
        yield frame(HEADERS, END_HEADERS | END_STREAM, stream, talk.block([*talk.fields(), ("connection", "close")]))
        talk.pump(0.001)


@abuse("an HPACK bomb: one field of 4 KB, named 16,000 times in every head")
def _(talk):
    for stream in streams():
        planted = b"\x40\x06x-bomb\x7f\xbd\x1d" + b"v" * 3900 if stream == 1 else b"\xbe" * 16000
        yield frame(HEADERS, END_HEADERS | END_STREAM, stream, planted_in(talk, planted))
        talk.pump(0.001)


def planted_in(talk, planted):
    """A head of fields that are not kept in the table, then the planted ones."""
    plain = [hpack.NeverIndexedHeaderTuple(name, value) for name, value in talk.fields()]
    return hpack.Encoder().encode(plain, huffman=False) + planted


@abuse("a window that stays shut, pinging", "http2_answer_not_taken", initial=((INITIAL_WINDOW, 0),), slow=True)
def _(talk):
    for stream in range(1, 60, 2):
        yield asking(talk, stream)
    while True:
        time.sleep(0.5)
        yield frame(PING, body=b"12345678")


@abuse("a window that opens by a byte a second, and new requests meanwhile", "http2_answer_not_taken", initial=((INITIAL_WINDOW, 1),), slow=True)
def _(talk):
    for stream in range(1, 100_000, 2):
        yield asking(talk, stream) + frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\1")
        time.sleep(1)


@abuse("a head that is not ended", "http2_slow_head", slow=True)
def _(talk):
    block = talk.block()
    yield frame(HEADERS, END_STREAM, 1, block[:-6])
    for byte in block[-6:-1]:
        time.sleep(3)
        yield frame(CONTINUATION, 0, 1, bytes([byte]))
    while True:
        time.sleep(1)
        yield b""


@abuse("a preface and nothing else", greet=False, slow=True)
def _(talk):
    yield PREFACE
    while True:
        time.sleep(1)
        yield b""


@abuse("the first letter of a preface", greet=False, slow=True)
def _(talk):
    yield PREFACE[:1]
    while True:
        time.sleep(1)
        yield b""


@abuse("a frame's head, then a byte a second", slow=True)
def _(talk):
    yield frame(HEADERS, END_HEADERS | END_STREAM, 1, b"", length=16384)
    while True:
        time.sleep(1)
        yield b"\0"


@abuse("PINGs that are not answered", greet=False, slow=True)
def _(talk):
    yield PREFACE + frame(SETTINGS)
    while True:
        time.sleep(1)
        yield b""


class Good(threading.Thread):
    """A caller with PyPI `h2` on a connection of its own, who must be served all the time."""

    def __init__(self, place):
        super().__init__(daemon=True)
        self.place, self.going, self.took_ms, self.failed = place, True, [], []

    def run(self):
        while self.going:
            try:
                self.converse()
            except Exception as error:  # whatever it is, it is a call that was not served
                self.failed.append(repr(error))
                time.sleep(0.2)

    def converse(self):
        context = ssl.create_default_context(cafile=self.place.authority)
        context.set_alpn_protocols(["h2"])
        line = socket.create_connection((self.place.host, self.place.port), timeout=5, source_address=("127.0.0.2", 0))
        with context.wrap_socket(line, server_hostname=self.place.host) as line:
            talk = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
            talk.initiate_connection()
            line.sendall(talk.data_to_send())
            while self.going:
                begun = time.monotonic()
                status = self.call(talk, line)
                self.took_ms.append((time.monotonic() - begun) * 1000)
                if status != "200":
                    self.failed.append(status)
                time.sleep(0.02)

    def call(self, talk, line):
        stream = talk.get_next_available_stream_id()
        talk.send_headers(stream, [(":method", "GET"), (":scheme", "https"), (":path", "/api/v1/users?limit=1"), (":authority", self.place.authority_name),
                                   ("authorization", f"SSWS {self.place.key}")], end_stream=True)
        line.sendall(talk.data_to_send())
        status = None
        while True:
            for event in talk.receive_data(line.recv(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[":status"]
                elif isinstance(event, h2.events.DataReceived):
                    talk.acknowledge_received_data(event.flow_controlled_length, stream)
                elif isinstance(event, h2.events.StreamEnded):
                    line.sendall(talk.data_to_send())
                    return status
                elif isinstance(event, (h2.events.ConnectionTerminated, h2.events.StreamReset)):
                    raise ConnectionError(repr(event))
            line.sendall(talk.data_to_send())


def until_cut(place, number, how, function):
    """Abuses until the connection ends; how long that took, how much was sent, and with which GOAWAY it ended."""
    values = {name: value for name, value in how.items() if name not in ("greet", "initial", "slow")}
    begun, sent = time.monotonic(), 0
    with Talk(place, source=f"127.0.7.{number + 1}", greet=how.get("greet", True), initial=how.get("initial", ())) as talk:
        for said in function(talk, **values):
            if talk.closed or time.monotonic() - begun > CUT_WITHIN_S:
                break
            sent += len(said)
            talk.say(said)
            talk.pump(0)
        while not talk.closed and time.monotonic() - begun < CUT_WITHIN_S:
            talk.pump(1)
        codes = [one.error for one in talk.heard if one.kind == GOAWAY]
        return talk.closed, time.monotonic() - begun, sent, codes


def run(place):
    """Runs every abuse; the slow ones at once, the others one after the other. Prints a line for each; gives those that were not cut."""
    good, failed, cut = Good(place), [], {}
    good.start()
    time.sleep(0.5)
    before = place.rss_mib()
    most = before

    def one(number):
        says, _, how, function = ALL[number]
        cut[number] = until_cut(place, number, how, function)

    slow = [threading.Thread(target=one, args=(number,)) for number, (_, _, how, _) in enumerate(ALL) if how.get("slow")]
    for thread in slow:
        thread.start()
    for number, (says, _, how, _) in enumerate(ALL):
        if not how.get("slow"):
            one(number)
            most = max(most, place.rss_mib())
    for thread in slow:
        thread.join()
    for number, (says, _, _, _) in enumerate(ALL):
        closed, took_s, sent, codes = cut[number]
        print(f"  {'cut' if closed else 'NOT CUT'} after {took_s:5.1f} s, {sent:>8} bytes, GOAWAY {codes}: {says}")
        if not closed:
            failed.append(says)
    most = max(most, place.rss_mib())
    good.going = False
    good.join(timeout=10)
    return failed, good, before, most
