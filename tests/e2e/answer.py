"""The parts of an answer in which the simulated API server must agree with the real one."""

import base64
import gzip
import json

PROTOBUF = "application/vnd.kubernetes.protobuf"


def fields(message):
    """Returns the fields of a protobuf message with their numbers; only varints are decoded."""
    at, found = 0, []

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            found.append((key >> 3, varint()))
        else:
            length = {1: 8, 2: None, 5: 4}[key & 7]
            length = varint() if length is None else length
            found.append((key >> 3, message[at:at + length]))
            at += length
    return found


def field(message, number):
    return next((value for found, value in fields(message) if found == number), b"")


def object_meta(message):
    """Returns the compared fields of an ObjectMeta."""
    found = {"name": field(message, 1).decode(), "labels": {}, "annotations": {}, "ownerReferences": []}
    found["resourceVersion"] = field(message, 6).decode()
    for number, part in fields(message):
        if number in (11, 12):
            found["labels" if number == 11 else "annotations"][field(part, 1).decode()] = field(part, 2).decode()
        if number == 13:
            found["ownerReferences"].append({"kind": field(part, 1).decode(), "name": field(part, 3).decode()})
    return found


def compared(item):
    """Returns the metadata of an object that are compared, and the names of its fields."""
    metadata = item["metadata"]
    owners = [(owner["kind"], owner["name"]) for owner in metadata.get("ownerReferences") or []]
    marks = [sorted((metadata.get(name) or {}).items()) for name in ("labels", "annotations")]
    return metadata["name"], *marks, owners, sorted(item.keys() - {"status"})


def from_protobuf(body):
    """Returns the compared parts of a list or a Status as JSON has them."""
    unknown = body.removeprefix(b"k8s\0")
    kind, raw = field(field(unknown, 1), 2).decode(), field(unknown, 2)
    meta = field(raw, 1)
    if kind == "Status":
        causes = [{"reason": field(cause, 1).decode()} for number, cause in fields(field(raw, 5)) if number == 4]
        details = {"causes": causes} if causes else {}
        metadata = {"continue": field(meta, 3).decode()}
        return {"kind": kind, "reason": field(raw, 4).decode(), "code": field(raw, 6), "details": details,
                "metadata": metadata}
    items = [{"metadata": object_meta(field(item, 1))} for number, item in fields(raw) if number == 2]
    metadata = {"continue": field(meta, 3).decode()}
    if remaining := field(meta, 4):
        metadata["remainingItemCount"] = remaining
    return {"kind": kind, "metadata": metadata, "items": items}


class Answer:
    """An answer. `compared` has all of it but the values that a server chooses itself."""

    def __init__(self, status, headers, body):
        if headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        media_type = headers["Content-Type"].split(";")[0]
        self.status = status
        self.compared = {"status": status, "type": media_type, "encoding": headers["Content-Encoding"],
                         "retry-after": headers["Retry-After"]}
        if media_type == "text/plain":
            self.compared["text"] = body.decode()
            return
        object = from_protobuf(body) if media_type == PROTOBUF else json.loads(body)
        self.token = object["metadata"].get("continue") or None
        self.compared |= {"kind": object["kind"], "continues": self.token is not None}
        if object["kind"] == "Status":
            causes = [cause["reason"] for cause in (object.get("details") or {}).get("causes", [])]
            self.compared |= {"reason": object.get("reason"), "code": object["code"]}
            self.compared |= {"causes": [cause for cause in causes if cause == "ResourceVersionTooLarge"]}
        else:
            items = [compared(item) for item in object["items"]]
            self.compared["items"] = f"{len(items)}, {items[:1]} to {items[-1:]}, {hash(str(items))}"
            self.compared["names"] = [name for name, *_ in items[:10]]
            self.compared["remaining"] = object["metadata"].get("remainingItemCount")


def frames(body):
    """Yields the frames of a watch in protobuf, each of which has its length before it."""
    while body:
        length = int.from_bytes(body[:4])
        yield body[4:4 + length]
        body = body[4 + length:]


def event_from_protobuf(frame):
    """Returns the compared parts of an event as JSON has them."""
    envelope = field(field(frame, 2), 1)
    assert envelope.startswith(b"k8s\0"), envelope
    unknown = envelope.removeprefix(b"k8s\0")
    version, kind = (field(field(unknown, 1), number).decode() for number in (1, 2))
    raw = field(unknown, 2)
    if kind == "Status":
        object = from_protobuf(envelope)
    else:
        object = {"metadata": object_meta(field(raw, 1))}
    if kind == "Secret":
        entries = [(field(entry, 1), field(entry, 2)) for number, entry in fields(raw) if number == 2]
        object["data"] = {key.decode(): base64.b64encode(value).decode() for key, value in entries}
        object["type"] = field(raw, 3).decode()
    return {"type": field(frame, 1).decode(), "object": object | {"apiVersion": version, "kind": kind}}


class Watched:
    """The answer to a watch. `compared` has all of it but the values that a server chooses itself:
    versions are compared by their order, and bookmarks by their presence, since their number and
    their times vary."""

    def __init__(self, status, headers, body):
        content_type = headers["Content-Type"]
        self.compared = {"status": status, "type": content_type, "encoding": headers["Content-Encoding"]}
        if content_type.startswith(PROTOBUF):
            events = list(map(event_from_protobuf, frames(body)))
        else:
            events = list(map(json.loads, body.splitlines()))
        version = lambda event: int(event["object"]["metadata"].get("resourceVersion") or 0)
        order = sorted(version(event) for event in events if event["type"] != "BOOKMARK")
        self.compared["events"] = self.events = []
        newest = 0
        for event in events:
            kind, object = event["type"], event["object"]
            found = [kind, object["apiVersion"], object["kind"]]
            if kind == "BOOKMARK":
                marks = object["metadata"].get("annotations"), sorted(object), version(event) >= newest
                self.compared["bookmark"] = [*found, *marks]
                continue
            newest = version(event)
            if kind == "ERROR":
                found += object["code"], object["reason"]
            else:
                found += *compared(object), hash(str(object.get("data"))), object.get("type"), order.index(newest)
            self.events.append(found)
