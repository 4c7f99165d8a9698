"""Faults of bodies, and of the pages of a list: actions on an exchange."""

import gzip
import time
import zlib

from outages import JSON, close
from protobuf import PROTOBUF, field, listed, metadata, varint

MIB = 1 << 20


def of_length(more, then=close):
    """Announces a body that is so much longer than the one that follows; none is shorter than nothing."""
    def act(exchange):
        answer = exchange.fetch()
        body = answer.read()
        exchange.head(answer.status, [*answer.kept, ("Content-Length", max(len(body) + more, 0))])
        exchange.send(body)
        then(exchange)
    return act


def truncated(exchange):
    """Leaves out the last third of a body, in an answer that is complete for HTTP."""
    answer = exchange.fetch()
    body = answer.read()
    exchange.reply(answer.status, body[:len(body) * 2 // 3], answer.kept)


def broken_off(share, then):
    """Sends a share of the body, in chunks of which the last never comes."""
    def act(exchange):
        answer = exchange.fetch()
        body = answer.read()
        exchange.head(answer.status, [*answer.kept, ("Transfer-Encoding", "chunked")])
        exchange.chunk(body[:max(1, int(len(body) * share))])
        then(exchange)
    return act


def dripping(exchange):
    """Sends one byte a second."""
    answer = exchange.fetch()
    body = answer.read()
    exchange.head(answer.status, [*answer.kept, ("Content-Length", len(body))])
    for byte in body:
        exchange.send(bytes([byte]))
        for _ in range(10):
            time.sleep(0.1)
            if exchange.is_over():
                exchange.reset()


def start_of_a_list(is_protobuf):
    """Returns the start of a list whose first item has 1 GiB."""
    if not is_protobuf:
        return b'{"kind":"List","apiVersion":"v1","metadata":{},"items":["'
    kind, start = field(1, field(1, "v1") + field(2, "PartialObjectMetadataList")), b"\x12"
    return b"k8s\0" + kind + start + varint(1 << 31) + start + varint(1 << 30)


def endless(exchange, encoding=None, pack=bytes):
    """Sends a body that starts as a list and never ends."""
    is_protobuf = PROTOBUF in exchange.headers["Accept"]
    kind = [("Content-Type", PROTOBUF)] if is_protobuf else JSON
    exchange.head(200, [*kind, *(encoding or []), ("Transfer-Encoding", "chunked")])
    exchange.chunk(pack(start_of_a_list(is_protobuf)))
    filler = pack(b" " * MIB)
    while not exchange.is_over():
        exchange.chunk(filler)
    exchange.reset()


def bomb(exchange):
    """Sends an endless body, compressed to a thousandth."""
    gzip = zlib.compressobj(9, wbits=31)
    # After a full flush, blocks depend on nothing before them, so they can be repeated.
    pack = lambda data: gzip.compress(data) + gzip.flush(zlib.Z_FULL_FLUSH)
    endless(exchange, [("Content-Encoding", "gzip")], pack)


def damaged_gzip(exchange):
    exchange.reply(200, gzip.compress(b"k8s\0" + bytes(10_000))[:-30] + bytes(30), [
        ("Content-Type", PROTOBUF), ("Content-Encoding", "gzip"),
    ])


def page(token, items=0):
    """Answers with a page of new objects, and with the token of a next page."""
    def act(exchange):
        names = [f"made-up-{exchange.number}-{index}" for index in range(items)]
        objects = [metadata("made-up", name, "1") + field(3, "kubernetes.io/tls") for name in names]
        exchange.reply(200, listed("SecretList", "1", token, objects), [("Content-Type", PROTOBUF)])
    return act


def first_page(exchange):
    """Answers each page with the first one."""
    path, _, query = exchange.target.partition("?")
    kept = [part for part in query.split("&") if not part.startswith(("continue=", "limit="))]
    exchange.forward(exchange.fetch(f"{path}?{'&'.join([*kept, 'limit=20'])}"))
