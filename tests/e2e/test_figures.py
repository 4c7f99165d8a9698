"""The cost of thousands of TLS secrets for notafter, for the API server, and for the network.

10,000 secrets unless NOTAFTER_SECRETS says otherwise. Times are printed; bytes and memory are also
checked.
"""

import concurrent.futures
import contextlib
import gzip
import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
import unittest

from certificates import unix
from control_plane import ROOT, ControlPlane, wait_for
from costs import Costs
from exporter import OPEN_METRICS, Exporter
from load import CHANGED, SECRETS, SERVICES, Load
from proxy import Proxy

MIB = 1 << 20
# Runs a command and writes its peak of resident memory to standard error (KiB). Linux counts in a process
# what its parent held when it was started, and the process of the tests holds hundreds of MiB by then.
MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""
EXPORTERS, POLLS = 4, 4  # fewer than nine: the tenth poll of a list reads its metadata


def scrape_for(port, seconds):
    """Scrapes as often as it can over one connection, and returns how long each scrape took (seconds)."""
    connection, times = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    end = time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        connection.getresponse().read()
        times.append(time.monotonic() - start)
        time.sleep(0.02)
    connection.close()
    return times


def wait_for_every_list(notafter):
    """Waits until every list has been read."""
    # Not with a strict parser, whose seconds would be several polls.
    end = lambda: notafter.get("/metrics")[2][-50_000:].decode()
    states = lambda: re.findall(r"^notafter_list_up{.*} (\d)$", end(), re.MULTILINE)
    wait_for("every list", lambda: set(states()) == {"1"}, 120)


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = ControlPlane()
        cls.addClassCleanup(cls.plane.stop)
        cls.plane.start()
        cls.plane.define()
        cls.plane.kubectl("apply", "-k", str(ROOT / "manifests/base"))
        cls.load = Load(cls.plane)
        cls.load.fill()
        # An API server answers the first requests for custom resources with 429.
        with Exporter(cls.plane) as notafter:
            wait_for_every_list(notafter)
        cls.costs = Costs(cls.plane)
        print(f"\n  with {SECRETS:,} TLS secrets and {SERVICES:,} Services:", end="")

    def show(self, figure, value):
        print(f"\n  {figure:<70} {value:>12}", end="", flush=True)

    def test_1_a_start_costs_no_more_memory_and_text_than_promised(self):
        began = time.monotonic()
        with Exporter(self.plane) as notafter:
            notafter.ready()
            first = time.monotonic() - began
            scrape = notafter.after_a_poll()
            self.assertEqual(len(scrape.all("cert_not_after_seconds")), 2 * SECRETS)
            body = notafter.get("/metrics", {"Accept": OPEN_METRICS, "Accept-Encoding": "gzip"})[2]
            at_rest, at_most = notafter.memory()
            cpu = scrape.value("process_cpu_seconds_total")
        text = len(gzip.decompress(body)) / (2 * SECRETS)
        self.show("first complete /metrics, from the start of the process", f"{first:.2f} s")
        self.show("CPU time for the start and two or three polls", f"{cpu:.2f} s")
        self.show("resident memory, at most", f"{at_most / MIB:.1f} MiB")
        self.show("resident memory, at rest", f"{at_rest / MIB:.1f} MiB")
        self.show("text of a scrape, for a certificate", f"{text:.0f} B")
        self.show("a scrape with gzip, transferred", f"{len(body) / 1e6:.2f} MB")
        self.assertLessEqual(at_most, 40 * MIB * max(1, SECRETS / 10_000))
        self.assertLessEqual(text, 1000)

    def test_2_a_quiet_poll_receives_nearly_nothing(self):
        with Proxy(self.plane) as proxy, Exporter(self.plane, port=proxy.port) as notafter:
            wait_for_every_list(notafter)
            first = sum(size for _, _, size in proxy.requests)
            quiet = self.bytes_of_a_poll(proxy)
            label, ends = self.load.renew()
            begun = len(proxy.requests)
            self.wait_until_seen(notafter, ends)
            changed = sum(size for target, _, size in proxy.requests[begun:] if "/secrets?" in target)
        objects = self.costs.list(labelSelector=f"renewed%3D{label}")
        self.show("received by the first poll, of all lists", f"{first / 1e6:.1f} MB")
        self.show("received by a quiet poll, of all lists", f"{quiet / 1e3:.1f} kB")
        self.show(f"received by a poll with {CHANGED} changed secrets", f"{changed / 1e3:.0f} kB")
        self.show("size of these secrets", f"{objects / 1e3:.0f} kB")
        self.assertLessEqual(quiet, 20_000)
        self.assertLessEqual(changed, 1.2 * objects)

    def test_3_a_quiet_poll_costs_the_api_server_little(self):
        costs = self.costs
        watching, lists = self.cost_of_polls("WATCH")
        self.assertEqual(lists, 0, "a quiet poll lists nothing")
        changed = self.cost_of_changes()
        listing, _ = self.cost_of_polls("LIST", "--no-watch")
        full = costs.of(lambda: [costs.list() for _ in range(5)]) / 5
        self.show("CPU of the API server: a quiet poll of all lists", f"{watching * 1000:.0f} ms")
        self.show(f"CPU of the API server: a poll with {CHANGED} changed secrets", f"{changed * 1000:.0f} ms")
        self.show("CPU of the API server: every tenth poll, or with --no-watch", f"{listing * 1000:.0f} ms")
        self.show("CPU of the API server: a full list of the secrets", f"{full * 1000:.0f} ms")

    def test_4_scrapes_are_answered_while_polls_run(self):
        with Exporter(self.plane) as notafter, concurrent.futures.ProcessPoolExecutor(2) as pool:
            wait_for_every_list(notafter)
            for what, is_busy in [("nothing changes", False), ("every poll brings changes", True)]:
                scraping = [pool.submit(scrape_for, notafter.port, 20) for _ in range(2)]
                while is_busy and not all(scraper.done() for scraper in scraping):
                    self.load.renew()
                times = sorted(time for scraper in scraping for time in scraper.result())
                p50, p99 = (times[len(times) * part // 100] * 1000 for part in (50, 99))
                figures = f"{p50:.1f}, {p99:.1f}, {times[-1] * 1000:.1f} ms"
                self.show(f"two scrapers while {what}: median, p99, most", figures)

    def test_5_one_look_takes_seconds_and_little_memory(self):
        for output in ("table", "json"):
            command = [os.environ["NOTAFTER"], "scan", "--output", output, "--kubeconfig", str(self.plane.kubeconfig)]
            began = time.monotonic()
            done = subprocess.run([sys.executable, "-c", MEASURED, *command], capture_output=True)
            took = time.monotonic() - began
            printed, used = done.stdout, int(done.stderr) * 1024
            self.assertIn(done.returncode, (0, 1), printed[-1000:])
            self.show(f"notafter scan --output {output}", f"{took:.2f} s")
            self.show(f"notafter scan --output {output}: resident memory, at most", f"{used / MIB:.0f} MiB")
            self.assertLessEqual(used, 150 * MIB * max(1, SECRETS / 10_000))
        self.assertEqual(len(json.loads(printed)["certificates"]), 2 * SECRETS)
        print()

    def wait_until_seen(self, notafter, ends):
        """Waits until so many certificates are known to expire then."""
        renewed = re.compile(rf"^cert_not_after_seconds{{.*}} {unix(ends)}$", re.MULTILINE)
        wait_for("the changes", lambda: len(renewed.findall(notafter.get("/metrics")[2].decode())) == CHANGED)

    def bytes_of_a_poll(self, proxy):
        """Returns what a quiet poll of all lists receives, on average of a few polls (bytes)."""
        begun = len(proxy.requests)
        secrets = lambda: [target for target, _, _ in proxy.requests[begun:] if "/secrets?" in target]
        wait_for("some polls", lambda: len(secrets()) >= POLLS)
        requests = proxy.requests[begun:]
        lists = [target.split("?")[0] for target, _, _ in requests if "watch=true" not in target]
        # Lists that were complete long before the secrets may have come to their tenth poll, once.
        self.assertNotIn("/api/v1/secrets", lists)
        self.assertEqual(len(lists), len(set(lists)), "a quiet poll only watches")
        return sum(size for target, _, size in requests if "watch=true" in target) / len(secrets())

    @contextlib.contextmanager
    def exporters(self, *flags):
        """Runs some exporters side by side: the cost of one alone is lost in what the API server does anyway."""
        with contextlib.ExitStack() as running:
            notafters = [running.enter_context(Exporter(self.plane, *flags)) for _ in range(EXPORTERS)]
            for notafter in notafters:
                wait_for_every_list(notafter)
            yield notafters

    def cost_of_polls(self, verb, *flags):
        """Returns the API server's CPU time for a poll (seconds), and how often it listed secrets meanwhile."""
        costs = self.costs
        before = costs.rate()
        with self.exporters(*flags):
            counted = {verb: costs.requests(verb) for verb in ("LIST", "WATCH")}
            spent, lasted = costs.measure(lambda: time.sleep(2 * POLLS))
            made = {verb: costs.requests(verb) - count for verb, count in counted.items()}
        idle = lasted * (before + costs.rate()) / 2
        return (spent - idle) / made[verb], made["LIST"]

    def cost_of_changes(self):
        """Returns the API server's CPU time until secrets that have changed are shown (seconds)."""
        with self.exporters() as notafters:
            for notafter in notafters:
                notafter.process.send_signal(signal.SIGSTOP)
            _, ends = self.load.renew()
            before = self.costs.rate()
            for notafter in notafters:
                notafter.process.send_signal(signal.SIGCONT)
            spent, lasted = self.costs.measure(lambda: [self.wait_until_seen(each, ends) for each in notafters])
        return (spent - lasted * before) / EXPORTERS
