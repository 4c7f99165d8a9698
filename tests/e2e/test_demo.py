"""The demo, and the three queries that it prints."""

import re
import signal
import unittest
import urllib.request

from clusters import demo
from control_plane import ROOT, wait_for
from exporter import OPEN_METRICS, Scrape
from prometheus import FOLDERS, Prometheus


class Demo(unittest.TestCase):
    def assertIsReadmeTable(self, table):
        """Asserts that the README quotes the demo's table, but for the times, and all but what comes next."""
        without_times = lambda text: [re.sub(r"\d", "0", line.rstrip()) for line in text.splitlines()]
        readme = (ROOT / "README.md").read_text().split("$ notafter scan\n")[1].split("```")[0]
        quoted = without_times(readme)
        self.assertGreater(len(quoted), 10)
        printed = without_times(table)
        self.assertEqual([line for line in quoted if line not in printed], [])

    def test_its_queries_find_what_they_promise(self):
        with demo() as program:
            printed = program.printed
            while "Ctrl-C" not in printed:
                line = program.process.stdout.readline()
                self.assertTrue(line, printed)
                printed += line
            table, printed = printed.split("Three queries to try:")
            self.assertIsReadmeTable(table)
            questions = [line.strip() for line in printed.splitlines() if line.startswith("  ")]
            queries = dict(zip(questions[::2], questions[1::2]))
            self.assertEqual(len(queries), 3, printed)
            documented = (ROOT / "docs/metrics.md").read_text().partition("## Queries\n")[2]
            self.assertEqual(re.findall(r"^(\S.*\?)\n\n```promql\n(.*)\n```$", documented, re.MULTILINE), list(queries.items()))

            def scrape():
                headers = {"Accept": OPEN_METRICS}
                request = urllib.request.Request(f"http://{program.address}/metrics", headers=headers)
                with urllib.request.urlopen(request, timeout=10) as answer:
                    scrape = Scrape(answer.read().decode())
                return scrape if scrape.all("cert_info") else None

            wait_for("the first poll", scrape)
            for folder in FOLDERS:
                with self.subTest(folder), Prometheus(folder, program.address) as prometheus:
                    wait_for("certificates", lambda: prometheus.scraped().query("cert_info"))
                    soon, blocked, unread = (prometheus.query(query) for query in queries.values())
                    names = [labels["name"] for labels, _ in soon]
                    self.assertEqual(len(names), 5)
                    self.assertIn("packageserver-service-cert", names)
                    reasons = [(labels["name"], labels["reason"]) for labels, _ in blocked]
                    self.assertEqual(reasons[0], ("packageserver-service-cert", "rotate_at_too_late"))
                    self.assertEqual({reason for _, reason in reasons[1:]}, {"never_renewed"})
                    self.assertEqual([labels["name"] for labels, _ in unread], ["legacy-tls"])
            program.process.send_signal(signal.SIGINT)
            self.assertEqual(program.process.wait(10), 0)
