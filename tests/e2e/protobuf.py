"""Lists, and events of watches, as an API server writes them."""

import json
import struct

PROTOBUF = "application/vnd.kubernetes.protobuf"


def varint(number):
    """Returns a number of protobuf's, seven bits a byte."""
    data = b""
    while number > 0x7F:
        data, number = data + bytes([number & 0x7F | 0x80]), number >> 7
    return data + bytes([number])


def field(number, value):
    """Returns a field with a text, bytes, or a message."""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def envelope(kind, raw, version="v1"):
    """Returns an object as runtime.Unknown (kubernetes/apimachinery: pkg/runtime/generated.proto)."""
    return b"k8s\0" + field(1, field(1, version) + field(2, kind)) + field(2, raw)


def listed(kind, version, token, items=()):
    """Returns a page of a list, with the token of the next page."""
    meta = field(2, version) + field(3, token)
    return envelope(kind, field(1, meta) + b"".join(field(2, item) for item in items))


def metadata(namespace, name, version):
    """Returns an object that has nothing but its metadata."""
    return field(1, field(1, name) + field(3, namespace) + field(5, f"uid-of-{name}") + field(6, version))


def event(encoding, kind, object, raw):
    """Returns an event of a watch: of an object in JSON, or the same in protobuf, which is `raw`."""
    if PROTOBUF not in encoding:
        return json.dumps({"type": kind, "object": object}).encode() + b"\n"
    event = field(1, kind) + field(2, field(1, envelope(object["kind"], raw, object["apiVersion"])))
    return struct.pack(">I", len(event)) + event


def events(encoding, pieces):
    """Yields the events of a watch, each as it arrives as a whole."""
    buffer = b""
    for piece in pieces:
        buffer += piece
        while length := _length(encoding, buffer):
            yield buffer[:length]
            buffer = buffer[length:]


def _length(encoding, buffer):
    """Returns the length of the first event; 0 if it has not arrived as a whole."""
    if PROTOBUF not in encoding:
        return buffer.find(b"\n") + 1
    length = 4 + struct.unpack(">I", buffer[:4])[0] if len(buffer) >= 4 else 0
    return length if length <= len(buffer) else 0
