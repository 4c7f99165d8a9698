"""A fault before a running exporter: what the scraper saw, what the log said, and how it ended."""

import collections
import dataclasses
import re
import time

from control_plane import wait_for
from subject import MIB, TIMEOUT, Subject

INTERVAL = 1
# The seconds that a fault lasts at least: some polls.
LASTS = 5
WARNING = re.compile(r"^\S+\s+(?:WARN|ERROR) .*$", re.MULTILINE)


@dataclasses.dataclass
class Verdict:
    """The result of a fault, and the expectations that were not met."""

    fault: object
    # The lists that were down when the fault ended, and those that were down at any time.
    down: set = dataclasses.field(default_factory=set)
    ever_down: set = dataclasses.field(default_factory=set)
    problems: list = dataclasses.field(default_factory=list)
    # For people who look for the reason of a problem.
    notes: dict = dataclasses.field(default_factory=dict)

    def expect(self, is_met, problem):
        if not is_met:
            self.problems.append(problem)


def attempt(subject, fault):
    """Returns the verdict about a fault; the exporter is replaced if it does not recover."""
    verdict = Verdict(fault)
    try:
        _Trial(subject, fault, verdict).run()
    except (AssertionError, OSError) as error:
        verdict.problems.append(f"{type(error).__name__}: {error}")
        try:
            subject.stop()
        except AssertionError as error:
            verdict.problems.append(str(error))
    return verdict


class _Trial:
    def __init__(self, subject, fault, verdict):
        self.subject, self.fault, self.verdict = subject, fault, verdict

    def run(self):
        subject, fault = self.subject, self.fault
        if fault.is_fresh:
            subject.stop()
        if not subject.exporter:
            subject.start()
        before = subject.until_right()
        self.reconciled, self.replaced = before.reconciled, dict(subject.known)
        self.hit = {resource for resource in before.up if fault.down(resource)}
        self.down = set() if fault.passes else self.hit
        self.old, self.log_size = self.replaced, self.subject.exporter.log.stat().st_size
        if fault.at_start:
            subject.stop()
            self.old, self.log_size, self.reconciled = {}, 0, 0
        else:
            subject.forget_peak()
        self.first, self.changes, self.began = len(subject.proxy.requests), Subject.changes, time.time()
        undo = fault.begin(subject)
        try:
            if fault.at_start:
                subject.start()
            if fault.is_offline:
                # What a restored etcd brings back had been deleted.
                self.old = {name: date for name, date in self.old.items() if name in subject.glance().dates}
            else:
                if fault.is_lossy or fault.spares_empty:
                    # A watch that was under way when the fault began still reports the change, and those
                    # behind it are empty.
                    wait_for("a faulty watch", lambda: subject.proxy.hits.get("secrets"))
                subject.change()
            self.changed = time.time()
            self._wait_for_the_verdict()
            self.requests = subject.proxy.requests[self.first:]
        finally:
            undo()
        if fault.is_offline:
            subject.change()
        self._wait_for_recovery()
        self._judge()

    def glance(self):
        """Returns a glance at the exporter, which must never lose what it knew."""
        glance = self.subject.glance()
        self.verdict.ever_down |= glance.down
        known = self.subject.known
        lost = self.old.keys() & known.keys() - glance.dates.keys()
        assert not lost, f"lost: {sorted(lost)}"
        dates = lambda name: (self.replaced.get(name), known.get(name))
        wrong = {name for name, date in glance.dates.items() if date not in dates(name)}
        assert not wrong or self.fault.is_offline, f"wrong: {sorted(wrong)}"
        return glance

    def _wait_for_the_verdict(self):
        """Waits until the lists are down, or right although the fault lasts; and for the minimal time."""
        subject, verdict = self.subject, self.verdict
        if self.fault.mend:
            wait_for("the lists to be down", lambda: self.glance().down == self.hit, 30)
            self.fault.mend(subject)

        def is_there():
            glance = self.glance()
            return glance.down == self.down and ("secrets" in self.down or glance.dates == subject.known)

        seconds = self.fault.within or 2 * (INTERVAL + TIMEOUT)
        try:
            wait_for("the verdict", is_there, seconds)
        except AssertionError:
            glance = self.glance()
            missing = [name for name, date in subject.known.items() if glance.dates.get(name) != date]
            verdict.problems.append(f"after {seconds} s: down: {sorted(glance.down)}, missing: {missing}")
        wait_for("the minimal time", lambda: self.glance() and time.time() > self.began + LASTS)
        self.during = self.glance()
        self.lasted = time.time() - self.began

    def _wait_for_recovery(self):
        """Waits until everything is right again; for the secrets, that takes two polls at most."""
        subject, ended, wrong = self.subject, int(time.time()), set()

        def is_right():
            glance, now = subject.glance(), time.time()
            fresh = {name: last for name, last in glance.last.items() if ended < last <= now}
            if "secrets" in fresh and glance.dates != subject.known:
                wrong.add(fresh["secrets"])
            return subject.is_right(glance) and fresh.keys() == glance.up.keys()

        wait_for("recovery", is_right, 40)
        self.verdict.notes["recovered after"] = round(time.time() - ended, 1)
        self.verdict.expect(len(wrong) < 2, f"still wrong after {len(wrong)} complete polls")

    def _judge(self):
        fault, verdict, during = self.fault, self.verdict, self.during
        verdict.down = during.down
        if fault.at_start:
            verdict.ever_down &= self.hit  # every list is down until it is read
        expect = verdict.expect
        expect(during.down == self.down, f"down: {sorted(during.down)}, not {sorted(self.down)}")
        ever, surprise = verdict.ever_down, "were down for a while"
        if not (fault.may_blink or fault.at_start):
            expect(ever == self.hit, f"{surprise}: {sorted(ever)}, not {sorted(self.hit)}")
        clock, last = self.began + fault.offset, during.last
        # A request may have been under way when the fault began, or found nothing before the change.
        stale = {name for name in self.down if self.changed + fault.offset + TIMEOUT < last.get(name, 0)}
        is_fresh = lambda name: int(clock) < last.get(name, 0) <= clock + self.lasted
        if not fault.may_blink:  # a list that has blinked may still be on its way
            stale |= {name for name in during.up.keys() - self.down if not is_fresh(name)}
        expect(not stale, f"wrong ages: {[(name, last.get(name, 0) - clock) for name in stale]}")
        reconciled = during.reconciled - self.reconciled
        expect((reconciled > 0) == fault.is_lossy, f"{reconciled:.0f} objects were reconciled")
        self._judge_cost(len(during.up))

    def _judge_cost(self, lists):
        """Judges requests, log and memory."""
        fault, verdict, subject = self.fault, self.verdict, self.subject
        expect = verdict.expect
        expect(fault.is_silent or any(request.faulty for request in self.requests), "the fault hit no request")
        if fault.is_of_the_server:
            allowed, counts = lists + self.lasted, {"all lists": len(self.requests)}
        else:
            # Each list is polled once an interval at most; other subjects change secrets as well.
            allowed = (self.lasted / INTERVAL + 1) * fault.requests + Subject.changes - self.changes
            counts = collections.Counter(request.resource for request in self.requests if request.target)
        for name, count in counts.items():
            expect(count <= allowed, f"{count} requests for {name} in {self.lasted:.1f} s, not {allowed:.0f}")
        memory = subject.exporter.memory()[1] / MIB
        expect(memory <= fault.memory, f"{memory:.0f} MiB of memory")
        expect(not (leaks := subject.leaks()), f"shown: {leaks}")
        log = subject.log(self.log_size)
        warnings = WARNING.findall(log)
        verdict.notes |= {
            "requests": dict(counts), "lasted": round(self.lasted, 1), "memory": round(memory),
            "lines": log.count("\n"), "warnings": len(warnings), "first": warnings[:1],
        }
        if subject.flags:  # another level of the log
            return
        expect(fault.log in log, f"not in the log: {fault.log!r}, but {warnings[:2]}")
        expect(fault.log or fault.may_blink or not warnings, f"warnings: {warnings[:3]}")
        expect(len(warnings) <= fault.warnings, f"{len(warnings)} warnings")
        # A line for each list that is complete again.
        lines = log.count("\n")
        expect(lines <= fault.warnings + lists, f"{lines} lines in the log")
