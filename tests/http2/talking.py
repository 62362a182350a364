"""One HTTP/2 connection, spoken frame by frame: says anything, also what no library would say, and reads what comes back.

Nothing here judges; `expecting.py` does. Frames are written by hand (RFC 9113 section 4.1), header blocks by PyPI `hpack`.
"""

import socket
import ssl
import struct
import time

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITISED = 0x1, 0x1, 0x4, 0x8, 0x20
NO_ERROR, PROTOCOL, INTERNAL, FLOW_CONTROL, SETTINGS_TIMEOUT, CLOSED, FRAME_SIZE, REFUSED, CANCEL, COMPRESSION = range(10)
CALM = 11
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_STREAMS, INITIAL_WINDOW, MAX_FRAME, MAX_HEADER_LIST = range(1, 7)
WAIT_S = 3.0


def frame(kind, flags=0, stream=0, body=b"", length=None):
    """The bytes of a frame; `length` only where it is to lie."""
    length = len(body) if length is None else length
    return struct.pack(">I", length)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


def settings(*pairs):
    return b"".join(struct.pack(">HI", key, value) for key, value in pairs)


class Heard:
    """A frame that came."""

    def __init__(self, kind, flags, stream, body):
        self.kind, self.flags, self.stream, self.body = kind, flags, stream, body

    @property
    def error(self):
        return struct.unpack(">I", self.body[4:8] if self.kind == GOAWAY else self.body[:4])[0]

    def __repr__(self):
        names = ["DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION"]
        error = f" error {self.error}" if self.kind in (RST_STREAM, GOAWAY) else ""
        return f"{names[self.kind]}(stream {self.stream}, flags {self.flags:#x}, {len(self.body)} bytes{error})"


class Talk:
    """One connection to the gateway."""

    def __init__(self, place, greet=True, initial=(), source="127.0.0.1", alpn=("h2",)):
        self.place = place
        context = ssl.create_default_context(cafile=place.authority)
        context.set_alpn_protocols(list(alpn))
        line = socket.create_connection((place.host, place.port), timeout=WAIT_S, source_address=(source, 0))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.line = context.wrap_socket(line, server_hostname=place.host)
        self.coder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.rest, self.heard, self.closed, self.answers = b"", [], False, {}
        self.theirs = {}
        if greet:
            self.say(PREFACE + frame(SETTINGS, body=settings(*initial)))
            self.until(lambda: any(one.kind == SETTINGS and one.flags & ACK for one in self.heard))
            self.say(frame(SETTINGS, ACK))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()

    # What is said.

    def say(self, *pieces):
        """Sends bytes; a connection that is closed meanwhile is a finding for whoever reads."""
        try:
            self.line.sendall(b"".join(pieces))
        except (OSError, ssl.SSLError):
            self.closed = True
        return self

    def fields(self, method="GET", path="/api/v1/users?limit=1", more=(), without=(), authority=None, key=None):
        """Header fields of a request that the gateway answers with 200."""
        pairs = [(":method", method), (":scheme", "https"), (":path", path), (":authority", authority or self.place.authority_name),
                 ("authorization", f"SSWS {key or self.place.key}"), ("accept", "application/json"), *more]
        return [pair for pair in pairs if pair[0] not in without]

    def block(self, fields=None, huffman=True):
        return self.coder.encode(self.fields() if fields is None else fields, huffman=huffman)

    def ask(self, stream=1, fields=None, end=True, flags=0):
        """Sends a whole request without a body, or the head of one with a body."""
        return self.say(frame(HEADERS, END_HEADERS | (END_STREAM if end else 0) | flags, stream, self.block(fields)))

    def post(self, stream=1, more=(), path="/api/v1/users"):
        """Sends the head of a request whose body comes later."""
        return self.ask(stream, self.fields("POST", path, [("content-type", "application/json"), *more]), end=False)

    # What is heard.

    def pump(self, wait_s):
        """Reads what there is within so long; false at the end of the connection."""
        if self.closed and not self.rest:
            return False
        self.line.settimeout(max(wait_s, 0.001))
        try:
            new = self.line.recv(65536)
        except (TimeoutError, ssl.SSLWantReadError):
            return True
        except (OSError, ssl.SSLError):
            new = b""
        if not new:
            self.closed = True
            return False
        self.rest += new
        while len(self.rest) >= 9:
            length = int.from_bytes(self.rest[:3])
            if len(self.rest) < 9 + length:
                break
            kind, flags, stream = self.rest[3], self.rest[4], int.from_bytes(self.rest[5:9]) & 0x7FFF_FFFF
            self.note(Heard(kind, flags, stream, self.rest[9:9 + length]))
            self.rest = self.rest[9 + length:]
        return True

    def note(self, one):
        self.heard.append(one)
        if one.kind == HEADERS:
            answer = dict(self.decoder.decode(one.body))
            self.answers.setdefault(one.stream, answer)
        if one.kind == SETTINGS and not one.flags & ACK:
            for at in range(0, len(one.body), 6):
                key, value = struct.unpack(">HI", one.body[at:at + 6])
                self.theirs[key] = value

    def until(self, there, wait_s=WAIT_S):
        """Reads until something is there, the connection ends, or the time is over; what `there` gives at last."""
        end = time.monotonic() + wait_s
        while not (found := there()) and (left := end - time.monotonic()) > 0:
            if not self.pump(left):
                return there()
        return found

    def data_of(self, stream):
        return [one.body for one in self.heard if one.kind == DATA and one.stream == stream]
