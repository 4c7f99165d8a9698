"""The documentation as a site: every link of it, its versions, and the runbooks that the rules of a release name."""

import functools
import html.parser
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import tomllib
import unittest
import urllib.parse

from browser import DESK, PHONE, Browser, violations
from control_plane import ROOT

PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
VERSION, REPOSITORY, SITE = PACKAGE["version"], PACKAGE["repository"], PACKAGE["homepage"]
# The files of the repository that a page of this version names: at its tag, or of main to edit them.
FILE = re.compile(rf"{re.escape(REPOSITORY)}/(?:(?:blob|tree)/v{re.escape(VERSION)}|edit/main)/([^#]+)(?:#.+)?")
RULES = sorted(file.relative_to(ROOT) for file in (ROOT / "alerts").glob("*.yaml"))
DASHBOARDS = sorted(file.relative_to(ROOT) for file in (ROOT / "dashboards").rglob("*.json"))


class Page(html.parser.HTMLParser):
    """The anchors and links of a page."""

    def __init__(self, file):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(file.read_text())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors.add(attributes.get("id"))
        # The base of 404.html is where the site is published.
        if tag != "base":
            self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]


class Built:
    """The site of this version."""

    def __init__(self, output):
        self.folder = output / VERSION
        self.pages = {str(file.relative_to(self.folder)): Page(file) for file in self.folder.rglob("*.html")}

    def leads_somewhere(self, link, page=""):
        link, _, anchor = urllib.parse.unquote(urllib.parse.urljoin(f"{SITE}/{VERSION}/{page}", link)).partition("#")
        if file := FILE.fullmatch(link):
            return (ROOT / file[1]).exists()
        if link == SITE:
            return (self.folder.parent / "index.html").is_file()
        path = link.removeprefix(f"{SITE}/{VERSION}/")
        if path == link:
            # Pages of others, and those of the repository that are not of a version: issues, advisories.
            return not link.startswith((SITE, f"{REPOSITORY}/blob/", f"{REPOSITORY}/tree/", "file:"))
        if path in self.pages or f"{path}index.html" in self.pages:
            return not anchor or anchor in self.pages[path or "index.html"].anchors
        return not anchor and (self.folder / path).is_file()


def run(script, *arguments, **options):
    command = [ROOT / "release" / script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.output = pathlib.Path(tempfile.mkdtemp(prefix="site-"))
        # The folder has an older release, which stays, and one that came after this version.
        for name, text in (("0.0.9", "old"), (f"{VERSION}-rc.1", "before")):
            (cls.output / name).mkdir()
            (cls.output / name / "index.html").write_text(text)
        for version in ("main", VERSION):
            run("site", "--version", version, "--output", cls.output, check=True)
        cls.built = Built(cls.output)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=cls.output))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.address = f"http://127.0.0.1:{server.server_port}"
        cls.browser = cls.enterClassContext(Browser())

    def test_every_link_of_every_page_leads_somewhere(self):
        links = [(name, link) for name, page in self.built.pages.items() for link in page.links]
        self.assertGreater(len(links), 1000)
        self.assertEqual([(name, link) for name, link in links if not self.built.leads_somewhere(link, name)], [])
        for dead in ("alerts.html#nothing", "nothing.html", "../nothing.html", f"{REPOSITORY}/blob/v{VERSION}/nothing.md"):
            self.assertFalse(self.built.leads_somewhere(dead, "alerts.html"), dead)

    def test_every_document_is_a_page_and_links_out_of_the_documents_lead_to_the_tag(self):
        documents = {str(file.relative_to(ROOT / "docs")) for file in (ROOT / "docs").rglob("*.md")} - {"SUMMARY.md"}
        pages = {re.sub("README.md$", "index.md", name).replace(".md", ".html") for name in documents}
        self.assertEqual(set(self.built.pages) - {"404.html", "print.html", "toc.html"}, pages)
        self.assertIn(f"{REPOSITORY}/blob/v{VERSION}/dashboards/README.md", self.built.pages["index.html"].links)
        main = Page(self.output / "main/index.html")
        self.assertIn(f"{REPOSITORY}/blob/main/dashboards/README.md", main.links)

    def test_the_pages_that_rules_and_dashboards_of_a_version_name_are_there(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in (*RULES, *DASHBOARDS):
                copy = pathlib.Path(folder, name)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy)
            run("links", "--version", VERSION, *RULES, *DASHBOARDS, cwd=folder, check=True)
            texts = {name: pathlib.Path(folder, name).read_text() for name in (*RULES, *DASHBOARDS)}
        named = 0
        for name, text in texts.items():
            before = (ROOT / name).read_text()
            urls = re.findall(r"runbook_url: (\S+)", text)
            self.assertEqual(len(urls), before.count("runbook_url: "), name)
            for url in (*urls, *re.findall(rf'"({re.escape(SITE)}[^"]+)"', text)):
                named += 1
                self.assertTrue(url.startswith(f"{SITE}/{VERSION}/"), f"{name}: {url}")
                url = url.replace("${__value.raw}", "NotafterDown")
                self.assertTrue(self.built.leads_somewhere(url), f"{name}: {url}")
        self.assertGreater(named, 35)

    def test_the_newest_release_is_the_latest_and_older_ones_stay(self):
        listed = json.loads((self.output / "versions.json").read_text())
        self.assertEqual(listed, {"latest": VERSION, "versions": [VERSION, f"{VERSION}-rc.1", "0.0.9", "main"]})
        self.assertEqual((self.output / "0.0.9/index.html").read_text(), "old")
        page = (self.output / VERSION / "alerts.html").read_text()
        self.assertEqual((self.output / "latest/alerts.html").read_text(), page)
        self.assertIn('content="0; url=latest/index.html"', (self.output / "index.html").read_text())

    def test_releases_and_main_are_added_to_the_branch_that_is_served(self):
        remote = self.output.parent / f"{self.output.name}.git"
        subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
        read = lambda path: subprocess.run(["git", "-C", remote, "show", f"pages:{path}"], capture_output=True, text=True).stdout
        # The second time, nothing has changed.
        for tag in ("main", f"v{VERSION}", f"v{VERSION}"):
            done = run("pages", tag, remote, cwd=ROOT)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(read("versions.json")), {"latest": VERSION, "versions": [VERSION, "main"]})
        for version in (VERSION, "latest", "main"):
            self.assertIn("<h1", read(f"{version}/runbooks/CertificateExpired.html"), version)
        log = subprocess.run(["git", "-C", remote, "log", "--format=%s", "pages"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(log, rf"^v{re.escape(VERSION)}, from \w{{12}}\nmain, from \w{{12}}\n$")
        refused = run("pages", f"v{VERSION}", f"{remote}-missing", cwd=ROOT)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"{remote}-missing", refused.stderr)

    def test_a_version_that_is_not_that_of_the_program_is_refused(self):
        for script, version, error in (
            ("site", "9.9.9", f"release/site: --version: 9.9.9 is neither main nor {VERSION}, that of Cargo.toml\n"),
            ("links", "v1", "release/links: --version: v1 is neither a version, such as 0.1.0, nor main\n"),
        ):
            refused = run(script, "--version", version, *([] if script == "site" else ["alerts/notafter.yaml"]), cwd=ROOT)
            self.assertEqual((refused.returncode, refused.stderr), (1, error))

    def test_the_search_finds_a_runbook_and_the_choice_of_versions_keeps_the_page(self):
        with self.browser.page() as page:
            page.goto(self.address)
            page.wait_for_url("**/latest/index.html")
            page.keyboard.press("/")
            page.keyboard.type("CertificateInManyPlaces")
            page.locator("#mdbook-searchresults a", has_text="CertificateInManyPlaces").first.click()
            page.wait_for_url("**/latest/**CertificateInManyPlaces*")
            page.goto(f"{self.address}/latest/runbooks/NotafterDown.html")
            choice = page.get_by_label("Version")
            # The list of the versions is fetched after the page.
            choice.wait_for()
            self.assertEqual(choice.locator("option").all_inner_texts(), [f"{VERSION} (latest)", f"{VERSION}-rc.1", "0.0.9", "main"])
            self.assertEqual(choice.input_value(), VERSION)
            choice.select_option("main")
            page.wait_for_url("**/main/runbooks/NotafterDown.html")
            self.assertEqual(page.locator(".menu-title").inner_text(), "notafter main")
            # The highlighter of mdBook does not know PromQL, and says so.
            self.assertEqual([error for error in page.errors if "the language 'promql'" not in error and "no-highlight" not in error], [])
            # Nothing is loaded from elsewhere: the site works without the Internet.
            self.assertEqual([url for url in page.requests if not url.startswith((self.address, "data:"))], [])

    def test_a_button_copies_commands_without_prompts(self):
        with self.browser.page(permissions=["clipboard-read", "clipboard-write"]) as page:
            page.goto(f"{self.address}/main/install.html")
            block = page.locator("pre", has_text="oc apply -k .").first
            block.hover()
            block.locator(".clip-button").click()
            page.get_by_text("Copied!").wait_for()
            copied = page.evaluate("navigator.clipboard.readText()")
            self.assertEqual(copied, "oc apply -k .\noc -n notafter rollout status deployment/notafter")

    def test_every_page_fits_the_screen_and_is_accessible_in_light_and_dark(self):
        pages = sorted(set(self.built.pages) - {"404.html", "print.html", "toc.html"})
        # The checker takes longest for the longest pages: of each kind, one.
        checked = {"index.html", "install.html", "metrics.html", "runbooks/CertificateRotationBlocked.html"}
        for viewport, scheme, theme in ((DESK, "light", "light"), (PHONE, "dark", "navy")):
            with self.browser.page(viewport, scheme) as page:
                for name in pages:
                    with self.subTest(name, scheme=scheme):
                        page.goto(f"{self.address}/main/{name}")
                        self.assertIn(theme, page.evaluate("[...document.documentElement.classList]"))
                        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), viewport["width"])
                        if name in checked:
                            # mdBook's own label of a checkbox says what a button would.
                            found = [violation for violation in violations(page) if "mdbook-sidebar-toggle" not in violation]
                            self.assertEqual(found, [])
