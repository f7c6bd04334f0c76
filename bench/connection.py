"""HTTP/1.1 by hand, on one connection: what is measured is the server."""
import os
import socket


class Connection:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    @staticmethod
    def head(method, target, length, more=""):
        return f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n".encode()

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, method, target, body=b"", more=""):
        """Status and headers (names in lower case) of an answer that is no error; its body is dropped."""
        self.send(self.head(method, target, len(body), more) + body)
        status, headers, _ = self.answer(has_body=method != "HEAD")
        if status >= 400:
            raise RuntimeError(f"{method} {target}: {status}")
        return status, headers

    def get(self, target, more=""):
        """Status and body, of an error too."""
        self.send(self.head("GET", target, 0, more))
        status, _, body = self.answer()
        return status, body

    def send_file(self, method, target, path):
        self.send(self.head(method, target, os.path.getsize(path)))
        with open(path, "rb") as file:
            self.socket.sendfile(file)
        status, _, body = self.answer()
        if status >= 400:
            raise RuntimeError(f"{method} {target}: {status} {body[:200]!r}")

    def answer(self, has_body=True):
        """Status, headers and body of an answer with a Content-Length."""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        length = int(headers.get("content-length", 0)) if has_body else 0
        while len(self.buffer) < length:
            self.buffer += self.more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return int(lines[0].split()[1]), headers, body

    def more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise EOFError("the server closed the connection")
        return data
