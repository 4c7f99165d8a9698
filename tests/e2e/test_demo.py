"""The first thing that anybody tries: the demo, and the three queries that it prints."""

import os
import re
import subprocess
import unittest
import urllib.request

from control_plane import ROOT, wait_for
from exporter import OPEN_METRICS, Scrape
from prometheus import FOLDERS, Prometheus


class Demo(unittest.TestCase):
    def assertIsReadme(self, scrape):
        """The README shows what the demo really says, but for the times."""
        without_times = lambda text: [re.sub(r"\d{9,}$", "", line) for line in text.splitlines()]
        told = without_times(scrape.text)
        readme = without_times((ROOT / "README.md").read_text())
        shown = [line for line in readme if re.match(r"(cert|notafter)_\w+\{", line)]
        self.assertEqual(len(shown), 4)
        for line in shown:
            self.assertIn(line, told)

    def test_its_queries_find_what_they_promise(self):
        program = os.environ["DEMO"]
        demo = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
        try:
            printed = ""
            while "Ctrl-C" not in printed:
                line = demo.stdout.readline()
                self.assertTrue(line, printed)
                printed += line
            target = re.search(r"http://(\S+)/metrics", printed)[1]
            questions = [line.strip() for line in printed.splitlines() if line.startswith("  ")]
            queries = dict(zip(questions[::2], questions[1::2]))
            self.assertEqual(len(queries), 3, printed)
            for query in queries.values():
                self.assertIn(f"\n{query}\n", (ROOT / "README.md").read_text())

            def scrape():
                request = urllib.request.Request(f"http://{target}/metrics", headers={"Accept": OPEN_METRICS})
                with urllib.request.urlopen(request, timeout=10) as it:
                    scrape = Scrape(it.read().decode())
                return scrape if scrape.all("cert_info") else None

            self.assertIsReadme(wait_for("the first poll", scrape))
            for folder in FOLDERS:
                with self.subTest(folder), Prometheus(folder, target) as prometheus:
                    wait_for("certificates", lambda: prometheus.scraped().query("cert_info"))
                    ends, blocked, unread = (prometheus.query(query) for query in queries.values())
                    names = [labels["name"] for labels, _ in ends]
                    self.assertEqual(len(names), 5)
                    self.assertIn("packageserver-service-cert", names)
                    reasons = [(labels["name"], labels["reason"]) for labels, _ in blocked]
                    self.assertEqual(reasons[0], ("packageserver-service-cert", "rotate_at_too_late"))
                    self.assertEqual({reason for _, reason in reasons[1:]}, {"never_renewed"})
                    self.assertEqual([labels["name"] for labels, _ in unread], ["legacy-tls"])
        finally:
            demo.send_signal(2)
            self.assertEqual(demo.wait(10), 0)
            demo.stdout.close()
