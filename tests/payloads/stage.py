"""The gateway as it ships, before the recording upstream, and a client that asks many things at once."""

import json
import pathlib
import queue
import socket
import subprocess
import threading

# Calls on the way at the same time, each line from an address of its own: limits per source are not what is measured here.
LINES = 24
LIMITS = """
[limits]
calls = 4096
calls-per-client = 4096
calls-per-second = 1000000
refusals-per-second = 1000000
"""
# What the gateway may answer of its own accord here; anything else would count a text as stopped that was not looked at.
REFUSALS = {400, 403, 404, 405, 411, 413, 414, 415, 422, 431}


class Stage:
    def __init__(self, portcullis, directory, upstream):
        self.portcullis, self.directory, self.running, self.last = portcullis, pathlib.Path(directory), [], b""
        token = self.directory / "okta.token"
        token.touch(mode=0o600)
        token.write_text("00payloads" + "a" * 32)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.say("init", "--okta", f"http://127.0.0.1:{upstream}", "--token-file", "okta.token", "--listen", f"127.0.0.1:{self.port}")
        settings = self.directory / "portcullis.toml"
        settings.write_text(settings.read_text() + LIMITS)
        scopes = [word for scope in ("okta.users.manage", "okta.users.read", "okta.groups.manage", "okta.groups.read") for word in ("--scope", scope)]
        self.say("client", "add", "sender", *scopes)
        self.key = self.say("key", "issue", "sender")["key"]
        process = subprocess.Popen([portcullis, "serve", "--json"], cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.running.append(process)
        json.loads(process.stdout.readline())

    def say(self, *words):
        done = subprocess.run([self.portcullis, *words, "--json"], cwd=self.directory, capture_output=True, text=True)
        assert done.returncode == 0, f"portcullis {' '.join(words)} ended {done.returncode}: {done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def end(self):
        for process in self.running:
            process.terminate()
            process.wait(timeout=30)

    def ask(self, calls):
        """The status of each call, in order."""
        statuses, waiting = [None] * len(calls), queue.SimpleQueue()
        for position in range(len(calls)):
            waiting.put(position)
        lines = [threading.Thread(target=self.line, args=(number, calls, waiting, statuses)) for number in range(min(LINES, len(calls)))]
        for line in lines:
            line.start()
        for line in lines:
            line.join()
        odd = {status for status in statuses if status != 200 and status not in REFUSALS}
        assert not odd, f"the gateway answered {odd}: {self.last}"
        return statuses

    def line(self, number, calls, waiting, statuses):
        connection = None
        while True:
            try:
                position = waiting.get_nowait()
            except queue.Empty:
                break
            for _ in range(3):
                connection = connection or socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(f"127.1.0.{number + 1}", 0))
                try:
                    statuses[position], keep = self.exchange(connection, *calls[position])
                    tried_again = False
                except (ConnectionError, IndexError, ValueError):
                    keep, tried_again = False, True
                if not keep:
                    connection.close()
                    connection = None
                if not tried_again:
                    break
        if connection:
            connection.close()

    def exchange(self, connection, method, target, body):
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: SSWS {self.key}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        connection.sendall(head.encode() + b"\r\n" + content)
        answer = b""
        while b"\r\n\r\n" not in answer:
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionError
            answer += chunk
        head, _, rest = answer.partition(b"\r\n\r\n")
        fields = head.decode("latin-1").lower()
        length = int(fields.split("content-length:")[1].split("\r\n")[0])
        while len(rest) < length:
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionError
            rest += chunk
        self.last = rest
        return int(head.split()[1]), "connection: close" not in fields
