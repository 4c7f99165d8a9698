"""Faults of connections, and of answers before their body: actions on a client or an exchange."""

import contextlib
import ssl
import time

from faulty import pieces

JSON, HTML = [("Content-Type", "application/json")], [("Content-Type", "text/html")]
LOGIN = b"<!DOCTYPE html><html><title>Please log in</title>"


def stall(client):
    client.stall()


def reset(client):
    client.reset()


def stall_in_handshake(client):
    """Sends the first half of the handshake's answer only."""
    heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
    handshake = client.proxy.context.wrap_bio(heard, said, server_side=True)
    heard.write(client.connection.recv(1 << 16))
    with contextlib.suppress(ssl.SSLWantReadError):
        handshake.do_handshake()
    answer = said.read()
    client.send(answer[:len(answer) // 2])
    client.stall()


def say(text):
    """Says something that is no TLS, or no HTTP, and closes."""
    def act(client):
        client.send(text)
        client.close()
    return act


def refuse(status, message="refused by the test", *headers, **fields):
    return lambda exchange: exchange.refuse(status, message, *headers, **fields)


def at_first(times, act):
    """Acts on the first requests of a resource; the following ones are answered as usual."""
    return lambda exchange: act(exchange) if exchange.number <= times else exchange.forward(exchange.fetch())


def too_large_a_version(exchange):
    """Answers as an API server whose etcd is behind (kubernetes/apiserver: pkg/storage/errors.go)."""
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    details = {"causes": causes, "retryAfterSeconds": 1}
    exchange.refuse(504, "Too large resource version", reason="Timeout", details=details)


def reply(body, headers):
    return lambda exchange: exchange.reply(200, body, headers)


def head_of(text, then):
    """Sends the start of an answer, and then stalls, resets or closes."""
    def act(exchange):
        exchange.send(text)
        then(exchange)
    return act


def close(exchange):
    exchange.close()


def endless_head(exchange):
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    while not exchange.is_over():
        exchange.send(b"X-Filler: %b\r\n" % (b"x" * 1000))
    exchange.reset()


def huge_header(exchange):
    exchange.reply(200, b"", [*JSON, ("X-Filler", "x" * (1 << 20))])


def as_http_1_0(exchange):
    """Answers as HTTP/1.0 does: the end of the connection is the end of the body."""
    answer = exchange.fetch()
    exchange.head(answer.status, answer.kept, version="HTTP/1.0")
    for piece in pieces(answer):
        exchange.send(piece)
    exchange.close()


def delayed(exchange):
    time.sleep(0.3)
    exchange.forward(exchange.fetch())


def with_header(name, value):
    """Changes one header of the right answer."""
    def act(exchange):
        answer = exchange.fetch()
        answer.kept = [(kept, text) for kept, text in answer.kept if kept.lower() != name.lower()]
        answer.kept.append((name, value))
        exchange.forward(answer)
    return act


def for_another(target):
    """Answers another request than the one that was sent."""
    return lambda exchange: exchange.forward(exchange.fetch(target))
