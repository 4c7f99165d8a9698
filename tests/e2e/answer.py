"""Answers of an API server, as far as a real and a simulated one must agree."""

import gzip
import json

PROTOBUF = "application/vnd.kubernetes.protobuf"


def fields(message):
    """The length-delimited fields of a protobuf message, by number; numbers are given as they are."""
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
    return next((value for it, value in fields(message) if it == number), b"")


def object_meta(message):
    """What an object says of itself, and who says it (ObjectMeta)."""
    found = {"name": field(message, 1).decode(), "labels": {}, "annotations": {}, "ownerReferences": []}
    for number, it in fields(message):
        if number in (11, 12):
            found["labels" if number == 11 else "annotations"][field(it, 1).decode()] = field(it, 2).decode()
        if number == 13:
            found["ownerReferences"].append({"kind": field(it, 1).decode(), "name": field(it, 3).decode()})
    return found


def told_by(item):
    """The name, labels, annotations and owners of an object, and which fields it has beside its status."""
    metadata = item["metadata"]
    owners = [(it["kind"], it["name"]) for it in metadata.get("ownerReferences") or []]
    marks = [sorted((metadata.get(it) or {}).items()) for it in ("labels", "annotations")]
    return metadata["name"], *marks, owners, sorted(item.keys() - {"status"})


def from_protobuf(body):
    """The parts of a list or a Status that are compared, as JSON would have them."""
    unknown = body.removeprefix(b"k8s\0")
    kind, raw = field(field(unknown, 1), 2).decode(), field(unknown, 2)
    meta = field(raw, 1)
    if kind == "Status":
        causes = [{"reason": field(it, 1).decode()} for number, it in fields(field(raw, 5)) if number == 4]
        details = {"causes": causes} if causes else {}
        metadata = {"continue": field(meta, 3).decode()}
        return {"kind": kind, "reason": field(raw, 4).decode(), "code": field(raw, 6), "details": details,
                "metadata": metadata}
    items = [{"metadata": object_meta(field(it, 1))} for number, it in fields(raw) if number == 2]
    metadata = {"continue": field(meta, 3).decode()}
    if remaining := field(meta, 4):
        metadata["remainingItemCount"] = remaining
    return {"kind": kind, "metadata": metadata, "items": items}


class Answer:
    """An answer as far as the two servers must agree: everything but names that they choose themselves."""

    def __init__(self, status, headers, body):
        if headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        media_type = headers["Content-Type"].split(";")[0]
        self.told = {"status": status, "type": media_type, "encoding": headers["Content-Encoding"],
                     "retry-after": headers["Retry-After"]}
        if media_type == "text/plain":
            self.told["text"] = body.decode()
            return
        it = from_protobuf(body) if media_type == PROTOBUF else json.loads(body)
        self.token = it["metadata"].get("continue") or None
        self.told |= {"kind": it["kind"], "continues": self.token is not None}
        if it["kind"] == "Status":
            causes = (it.get("details") or {}).get("causes", [])
            self.told |= {"reason": it["reason"], "code": it["code"]}
            self.told |= {"causes": [cause["reason"] for cause in causes if cause["reason"] == "ResourceVersionTooLarge"]}
        else:
            items = [told_by(item) for item in it["items"]]
            self.told["items"] = f"{len(items)}, {items[:1]} to {items[-1:]}, {hash(str(items))}"
            self.told["names"] = [name for name, *_ in items[:10]]
            self.told["remaining"] = it["metadata"].get("remainingItemCount")
