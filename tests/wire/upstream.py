"""An Okta that trusts nothing but its own eyes: keeps every byte that reaches it and answers each request it can make out."""

import re
import socket
import threading

ANSWER = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Okta-Request-Id: wire\r\nX-Rate-Limit-Limit: 100000\r\n"
          b"X-Rate-Limit-Remaining: 99999\r\nX-Rate-Limit-Reset: 4000000000\r\nContent-Length: %d\r\n\r\n%s")

# What the gateway may say to Okta. Everything else would be the caller's own words.
HEADERS = {b"host", b"authorization", b"accept", b"user-agent", b"x-forwarded-for", b"content-type", b"content-length", b"if-match"}
REQUEST_LINE = re.compile(rb"(GET|POST|PUT|PATCH|DELETE) (/[!-~]*) HTTP/1\.1")
HEADER_LINE = re.compile(rb"([A-Za-z0-9-]+): ?([ -~]*)")


class Upstream:
    def __init__(self, token):
        self.token = token.encode()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.authority = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.url = f"http://{self.authority}"
        self.lock, self.seen, self.taken = threading.Lock(), [], 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            stream, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b""
        while True:
            while (whole := whole_request(data)) is None:
                more = stream.recv(65536)
                if not more:
                    if data:
                        self._keep(data)
                    return
                data += more
            request, data = data[:whole], data[whole:]
            self._keep(request)
            body = b"[]" if request.startswith(b"GET") else b"{}"
            stream.sendall(ANSWER % (len(body), body))

    def _keep(self, request):
        with self.lock:
            self.seen.append(request)

    def take(self):
        """The requests that came since the last time, byte for byte."""
        with self.lock:
            new, self.taken = self.seen[self.taken:], len(self.seen)
        return new

    def meaning(self, request):
        """Method, target and body of a request as the gateway builds them; raises where it could be read in any other way."""
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        line = REQUEST_LINE.fullmatch(first)
        assert line, f"request line {first!r}"
        headers = {}
        for text in lines:
            match = HEADER_LINE.fullmatch(text)
            assert match, f"header line {text!r}"
            name, value = match[1].lower(), match[2]
            assert name in HEADERS, f"header {name!r}"
            assert name not in headers, f"second {name!r}"
            headers[name] = value
        assert headers[b"host"] == self.authority.encode(), headers[b"host"]
        assert headers[b"authorization"] == b"SSWS " + self.token, "credential"
        assert b"portcullis/" in headers[b"user-agent"], headers[b"user-agent"]
        assert re.fullmatch(rb"127\.[0-9.]+", headers[b"x-forwarded-for"]), headers[b"x-forwarded-for"]
        assert headers.get(b"content-length", b"0") == str(len(body)).encode(), "length"
        return line[1].decode(), line[2].decode(), body


def whole_request(data):
    """How long the first request of `data` is; None while it is not whole."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    length = re.search(rb"\r\ncontent-length: *([0-9]+)\r\n", data[:end + 2], re.IGNORECASE)
    whole = end + 4 + (int(length[1]) if length else 0)
    return whole if len(data) >= whole else None
