"""Faults of the server, of names, of certificates and of clocks: each begins, and returns its end."""

import functools
import os
import pathlib
import shutil
import signal
import subprocess
import time

from certificates import DAY, HOUR, Authority, StoredAuthority
from contexts import HttpServer, SilentHandler
from subject import HOST, resolve


def refuse_connections(_, subject):
    subject.proxy.refuse()
    subject.proxy.drop()
    return subject.proxy.listen


def forget_the_name(_, subject):
    resolve(subject.account, False)
    subject.proxy.drop()
    return lambda: resolve(subject.account, True)


# === certificates ===


def present(make):
    """Presents another certificate: `make` gets the cluster's CA and returns it in PEM."""
    def begin(_, subject):
        def exchange(certificate):
            subject.proxy.present(*certificate)
            subject.proxy.drop()

        exchange(subject.written("other", make(subject.plane.authority)))
        return lambda: exchange(subject.certificate)
    return begin


def of_a_stranger(_):
    return Authority("stranger").leaf(HOST, -HOUR, DAY, [HOST])


def of_another_name(authority):
    return authority.leaf("elsewhere.test", -HOUR, DAY, ["elsewhere.test"])


def expired(authority):
    return authority.leaf(HOST, -2 * DAY, -DAY, [HOST])


def replace_authority(_, subject):
    """Presents a certificate of a new CA, which is mounted only by `mount_authority`."""
    successor = StoredAuthority(subject.account.folder, "successor")
    undo = present(lambda _: successor.leaf(HOST, -HOUR, DAY, [HOST]))(_, subject)

    def end():
        subject.account.trust(subject.plane.authority.file)
        undo()
    return end


def mount_authority(subject):
    subject.account.trust(subject.account.folder / "successor.crt")


# === redirects ===


@functools.cache
def stranger():
    """Returns a server that no client should ever talk to, and that records what it gets."""
    heard = []

    class Handler(SilentHandler):
        def do_GET(self):
            heard.append((self.path, dict(self.headers)))
            self.send_error(404)

    server = HttpServer(Handler)
    server.heard = heard
    return server


def redirect(status):
    def act(exchange):
        location = f"http://127.0.0.1:{stranger().port}{exchange.target}"
        exchange.reply(status, b"", [("Location", location)])
    return act


def begin_redirect(fault, subject):
    subject.proxy.begin(fault)

    def end():
        subject.proxy.end()
        assert not stranger().heard, "a redirect was followed"
    return end


# === servers ===


def stop_api_server(_, subject):
    subject.plane.api_server.stop()
    resume = refuse_connections(_, subject)

    def end():
        subject.plane.start_api_server()
        resume()
    return end


def restore_etcd(_, subject):
    """Replaces etcd's data by an older state, as a restored backup does."""
    plane, backup = subject.plane, subject.plane.folder / f"backup-of-{subject.namespace}"
    plane.stop()
    shutil.copytree(plane.folder / "etcd", backup)
    plane.start()
    known = dict(subject.known)
    for _ in range(5):
        subject.change()
    subject.until_right()
    plane.stop()
    shutil.rmtree(plane.folder / "etcd")
    shutil.copytree(backup, plane.folder / "etcd")
    plane.start()
    subject.known = known
    return lambda: None


# === time ===


@functools.cache
def clock(folder):
    """Builds the library that shifts the clock of a program."""
    library, source = folder / "clock.so", pathlib.Path(__file__).with_name("clock.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, source], check=True)
    return library


def shifted(folder):
    """Returns the command of notafter with a clock that `shift_clock` shifts; it must not be static."""
    notafter = pathlib.Path(os.environ["SIMULATOR"]).with_name("notafter")
    return "env", f"LD_PRELOAD={clock(folder)}", f"CLOCK={folder}/clock", notafter


def shift_clock(fault, subject):
    file = subject.plane.folder / "clock"
    file.write_text(str(fault.offset))
    return lambda: file.write_text("0")


def suspend(_, subject):
    """Stops the process for a while, as a suspended machine does; it is running again afterwards."""
    process = subject.exporter.process
    process.send_signal(signal.SIGSTOP)
    time.sleep(5)
    process.send_signal(signal.SIGCONT)
    return lambda: None
