"""An upstream that answers everything and remembers every text that arrived, as a server would read it."""

import http.server
import json
import threading
import urllib.parse


def strings_of(value):
    """Every string of a JSON value, names of members included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from strings_of(item)


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.remember(self.command, self.path, body)
        reply = b"[]" if self.command == "GET" and self.path.split("?")[0].count("/") == 3 else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class Upstream:
    def __init__(self):
        self.paths, self.queries, self.bodies = set(), set(), set()
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        self.server.daemon_threads = True
        self.server.remember = self.remember
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def remember(self, method, target, body):
        path, _, query = target.partition("?")
        _, _, _, kind, rest = (path.split("/", 4) + [""] * 5)[:5]
        seen = {(kind, urllib.parse.unquote(segment)) for segment in (*rest.split("/"), rest)}
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        with self.lock:
            self.paths |= seen
            self.queries |= {text for pair in pairs for text in pair}
            if body:
                self.bodies |= set(strings_of(json.loads(body)))

    def arrived_in(self, slot, text):
        """Whether `text` stood in such a place of any request that arrived."""
        if slot.startswith("path"):
            return (slot.split()[1].split("/")[0], text) in self.paths
        return text in (self.queries if slot.startswith("query") else self.bodies)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
