"""Faults of watches: actions on an exchange."""

from faulty import pieces
from protobuf import PROTOBUF, event, events, field, varint


def watch(alter):
    """Changes the events of a watch: `alter` gets the encoding and the events."""
    def act(exchange):
        answer = exchange.fetch()
        encoding = answer.getheader("Content-Type")
        exchange.forward(answer, lambda pieces: alter(encoding, events(encoding, pieces)))
    return act


def twice(encoding, events):
    return (event for event in events for _ in range(2))


def lost(encoding, events):
    return (event for event in events if b"BOOKMARK" in event)


def then(*more):
    """Adds events after the real ones; `more` are functions of the encoding."""
    def alter(encoding, events):
        yield from events
        yield from (make(encoding) for make in more)
    return alter


def only(make):
    """Sends an event of the test's own instead of the watch."""
    def act(exchange):
        encoding = PROTOBUF if PROTOBUF in exchange.headers["Accept"] else "application/json"
        with_stream = f"{PROTOBUF};stream=watch" if encoding == PROTOBUF else encoding
        exchange.reply(200, make(encoding), [("Content-Type", with_stream)])
    return act


def old_bookmark(encoding):
    object = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "1"}}
    return event(encoding, "BOOKMARK", object, field(1, field(6, "1")))


def expired_event(encoding):
    """Returns an ERROR event with a Status (`4` is the reason, `6` the code)."""
    object = {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "too old resource version", "reason": "Expired", "code": 410,
    }
    raw = field(2, "Failure") + field(3, "too old resource version") + field(4, "Expired") + b"\x30" + varint(410)
    return event(encoding, "ERROR", object, raw)


def stalled_watch(exchange):
    """Passes the events on, but never the end."""
    answer = exchange.fetch()
    exchange.head(answer.status, [*answer.kept, ("Transfer-Encoding", "chunked")])
    for piece in pieces(answer):
        exchange.chunk(piece)
    exchange.stall()
