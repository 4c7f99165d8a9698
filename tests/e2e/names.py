"""Runs a command in a network of its own with a DNS server that knows one name.

    unshare --map-root-user --net python3 names.py NAME COMMAND...

Nothing else is reachable from there. DNS has a fixed port, which needs no root in this network.
"""

import fcntl
import os
import select
import socket
import struct
import sys

SIOCSIFFLAGS, UP = 0x8914, 1
ADDRESS = socket.inet_aton("127.0.0.1")


def answer(question, known):
    """Returns the answer (RFC 1035): the address of the known name, or NXDOMAIN."""
    labels, at = [], 12
    while length := question[at]:
        labels.append(question[at + 1:at + 1 + length].decode().lower())
        at += 1 + length
    kind = struct.unpack("!H", question[at + 1:at + 3])[0]
    found = ".".join(labels) == known
    records = [b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, len(ADDRESS)) + ADDRESS] if found and kind == 1 else []
    flags = 0x8580 if found else 0x8583
    return question[:2] + struct.pack("!5H", flags, 1, len(records), 0, 0) + question[12:at + 5] + b"".join(records)


def serve(server, known, end):
    """Answers until the other end of the pipe is closed."""
    while server in select.select([server, end], [], [])[0]:
        question, client = server.recvfrom(4096)
        server.sendto(answer(question, known), client)


if __name__ == "__main__":
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(server, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", UP))
    server.bind(("127.0.0.1", 53))
    end, ours = os.pipe()
    if os.fork() == 0:
        os.close(ours)
        serve(server, sys.argv[1], end)
    else:
        os.set_inheritable(ours, True)
        os.execvp(sys.argv[2], sys.argv[2:])
