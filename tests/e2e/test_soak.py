"""Changes and faults without a pause: memory, descriptors, threads and requests stay what they were, and
the metrics never differ from the cluster.

Two minutes, unless NOTAFTER_SOAK gives a number of minutes.
"""

import dataclasses
import os
import pathlib
import random
import threading
import time
import unittest

from control_plane import started
from faults import SECTIONS, SERVERS, TIME
from subject import MIB, Subject

MINUTES = float(os.environ.get("NOTAFTER_SOAK", "2"))
FAULT, CALM, CHANGE = 5, 10, 1  # seconds


@dataclasses.dataclass
class Sample:
    """What the exporter uses at the end of a calm time."""

    memory: float  # MiB
    descriptors: int
    threads: int
    requests: float  # a second


class Churn(threading.Thread):
    """Changes secrets until it is told to stop."""

    def __init__(self, subject):
        super().__init__(daemon=True)
        self.subject, self.is_over, self.error = subject, threading.Event(), None

    def run(self):
        try:
            while not self.is_over.wait(CHANGE):
                self.subject.change()
        except BaseException as error:  # the soak fails with it
            self.error = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()
        if self.error:
            raise self.error


class Soak(unittest.TestCase):
    def test_it_stays_as_it_was(self):
        plane = started()
        self.addCleanup(plane.stop)
        seed = random.randrange(1 << 32)
        print(f"\n  seed {seed}, {MINUTES:g} minutes", end="", flush=True)
        chosen, subject = random.Random(seed), Subject(plane, "soak")
        self.addCleanup(subject.proxy.close)
        faults = [fault for section in SECTIONS.values() if section not in (SERVERS, TIME) for fault in section
                  if not fault.at_start]
        subject.start()
        subject.until_right()
        samples, end = [], time.monotonic() + 60 * MINUTES
        while time.monotonic() < end:
            fault = chosen.choice(faults)
            with self.subTest(fault.name), Churn(subject):
                undo = fault.begin(subject)
                time.sleep(FAULT)
                undo()
            subject.until_right()
            samples.append(self.calm(subject))
        log = subject.exporter.log.read_text()
        subject.stop()
        self.report(samples, log)

    def calm(self, subject):
        """Returns what the exporter uses while only the cluster changes."""
        begun = len(subject.proxy.requests)
        with Churn(subject):
            time.sleep(CALM)
        subject.until_right()
        process = pathlib.Path(f"/proc/{subject.exporter.process.pid}")
        descriptors, threads = (len(list((process / each).iterdir())) for each in ("fd", "task"))
        requests = (len(subject.proxy.requests) - begun) / CALM
        return Sample(subject.exporter.memory()[0] / MIB, descriptors, threads, requests)

    def report(self, samples, log):
        print(f"\n  {len(samples)} faults, {len(log.splitlines())} lines in the log", end="")
        # The first third warms up: caches, and the widest tables that were ever needed. The least of the others counts: what
        # some faults leave for a while is not what stays.
        third = len(samples) // 3
        for field in dataclasses.fields(Sample):
            values = [getattr(sample, field.name) for sample in samples]
            before, after = min(values[third:2 * third]), min(values[2 * third:])
            print(f"\n  {field.name:<12} {before:8.1f}, then {after:8.1f} (at most {max(values):.1f})", end="")
            with self.subTest(field.name):
                self.assertLessEqual(after, 1.1 * before + 1)
        print()
