"""A proxy before the API server that fails as networks, proxies and servers do.

It terminates TLS with the cluster's CA and forwards every answer piece by piece, so that the events of
a watch pass as they happen.
"""

import contextlib
import dataclasses
import http.client
import json
import select
import socket
import ssl
import struct
import threading
import time

# The headers of the API server's answers that reach the client.
KEPT = ("content-type", "content-encoding", "retry-after")


class Ended(Exception):
    """A connection that ends here: with a reset, or with an orderly close."""

    def __init__(self, reset):
        super().__init__(reset)
        self.reset = reset


@dataclasses.dataclass
class Request:
    """A request as the proxy saw it; a connection without any request has no target."""

    at: float
    target: str = ""
    faulty: bool = True
    status: int = 0
    size: int = 0

    @property
    def resource(self):
        """Returns the requested resource as the label `resource` names it."""
        path = self.target.partition("?")[0].strip("/").split("/")
        return path[-1] if path[0] == "api" else f"{path[-1]}.{path[1]}"


class Client:
    """A connection from a client, and what a fault can do with it."""

    def __init__(self, proxy, connection, request):
        self.proxy, self.connection, self.request = proxy, connection, request
        self.fault = proxy.fault

    def is_over(self):
        """Returns whether the fault has ended."""
        return self.proxy.fault is not self.fault

    def send(self, data):
        self.connection.sendall(data)
        self.request.size += len(data)

    def stall(self):
        """Says nothing until the fault ends or the client gives up, and ends the connection."""
        while not self.is_over():
            if select.select([self.connection], [], [], 0.1)[0] and not self.connection.recv(1 << 16):
                break
        self.reset()

    def reset(self):
        raise Ended(reset=True)

    def close(self):
        raise Ended(reset=False)


class Exchange(Client):
    """A request over HTTP, and its answer. `number` counts those of a resource that a fault hits."""

    def __init__(self, proxy, connection, request, upstream, method, headers, body):
        super().__init__(proxy, connection, request)
        self.upstream, self.method, self.headers, self.body = upstream, method, headers, body
        proxy.hits[request.resource] = self.number = proxy.hits.get(request.resource, 0) + 1

    @property
    def target(self):
        return self.request.target

    def fetch(self, target=None):
        """Returns the API server's answer to this request, or to one for another target."""
        sent = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        self.upstream.request(self.method, target or self.target, self.body, sent)
        answer = self.upstream.getresponse()
        answer.kept = [(name, value) for name, value in answer.getheaders() if name.lower() in KEPT]
        return answer

    def head(self, status, headers, version="HTTP/1.1"):
        self.request.status = status
        lines = [f"{version} {status} {http.client.responses[status]}"]
        lines += [f"{name}: {value}" for name, value in headers]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def reply(self, status, body, headers):
        """Answers with a whole body."""
        self.head(status, [*headers, ("Content-Length", len(body))])
        self.send(body)

    def refuse(self, status, message, *headers, **fields):
        """Answers as the API server refuses a request: with a Status."""
        refusal = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": status}
        body = json.dumps({**refusal, "message": message, **fields}).encode()
        self.reply(status, body, [("Content-Type", "application/json"), *headers])

    def forward(self, answer, alter=lambda pieces: pieces):
        """Passes an answer on in pieces, as they come and as `alter` changes them."""
        self.head(answer.status, [*answer.kept, ("Transfer-Encoding", "chunked")])
        for piece in alter(pieces(answer)):
            self.chunk(piece)
        self.send(b"0\r\n\r\n")

    def chunk(self, piece):
        self.send(b"%x\r\n%b\r\n" % (len(piece), piece))


def pieces(answer):
    """Yields the body of an answer as it comes."""
    while piece := answer.read1(1 << 16):
        yield piece
    answer.read()  # read1 does not end an answer with a Content-Length


class FaultyProxy:
    """Forwards every request to the API server, except those that the present fault hits."""

    def __init__(self, plane):
        self.plane, self.fault, self.requests, self.hits = plane, None, [], {}
        self.trust = ssl.create_default_context(cafile=plane.authority.file)
        self.open, self.port = set(), 0
        self.present(*plane.authority.pair("proxy"))
        self.listen()

    def close(self):
        self.end()
        self.refuse()
        self.drop()

    def present(self, certificate, key):
        """Presents a certificate to every new client."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.num_tickets = 0  # a resumed session would not see a new certificate
        self.context.load_cert_chain(certificate, key)

    def begin(self, fault):
        """Begins a fault: an object with `hits(request)`, `act(exchange)` and `is_of_connections`."""
        self.hits, self.fault = {}, fault
        if fault.is_of_connections:
            self.drop()

    def end(self):
        self.fault = None

    def drop(self):
        """Ends every connection."""
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def listen(self):
        """Accepts connections, always at the same port."""
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def refuse(self):
        """Accepts no connection from now on."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=[listener.accept()[0]], daemon=True).start()

    def _serve(self, connection):
        self.open.add(connection)
        try:
            if self.fault and self.fault.is_of_connections:
                self.requests.append(request := Request(time.time()))
                self.fault.act(Client(self, connection, request))
            # Without the handshake yet: the socket without TLS is of no use any more.
            secured = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            self.open.remove(connection)
            self.open.add(connection := secured)
            upstream = http.client.HTTPSConnection("127.0.0.1", self.plane.port, context=self.trust)
            with contextlib.closing(upstream), connection.makefile("rb") as reader:
                self._handshake(connection)
                while line := reader.readline():
                    self._answer(connection, upstream, reader, line)
        except Ended as end:
            if end.reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif isinstance(connection, ssl.SSLSocket):
                # Without TLS's own end, any body would count as cut off.
                with contextlib.suppress(OSError):
                    connection.settimeout(1)
                    connection.unwrap()
        except (OSError, http.client.HTTPException):
            pass  # either side went away
        finally:
            self.open.discard(connection)
            connection.close()

    def _handshake(self, connection):
        try:
            connection.do_handshake()
        except OSError:
            self.requests.append(Request(time.time()))  # the client does not trust the certificate
            raise

    def _answer(self, connection, upstream, reader, line):
        method, target, _ = line.decode().split()
        headers = http.client.parse_headers(reader)
        body = reader.read(int(headers.get("Content-Length", 0)))
        request, fault = Request(time.time(), target), self.fault
        request.faulty = bool(fault) and fault.hits(request)
        self.requests.append(request)
        exchange = Exchange(self, connection, request, upstream, method, headers, body)
        if request.faulty:
            fault.act(exchange)
        else:
            exchange.forward(exchange.fetch())
