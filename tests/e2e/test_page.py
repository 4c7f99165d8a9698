"""The page in a real browser: at a desk and on a phone, light and dark, by keyboard, with a hostile cluster."""

import os
import pathlib
import tempfile
import time
import unittest
import urllib.parse

from browser import DESK, PHONE, Browser, focused, tab_to, violations
from certificates import DAY, Authority, secret
from clusters import demo, is_ready, notafter, simulated
from control_plane import ROOT, wait_for
from disasters import clock

PACKAGESERVER = "secrets/openshift-operator-lifecycle-manager/packageserver-service-cert"
# Set to 1, the pictures of docs/images are made anew.
PICTURES = os.environ.get("NOTAFTER_UPDATE_PICTURES") == "1"
# The time in the pictures (Unix seconds): 2026-11-23 03:00 UTC.
IN_PICTURES = 1_795_402_800
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title><svg onload=alert(1)>",
    "\u202egnp.exe\u2066\u200f\x07",
    "wide" * 60,
]


def hostile():
    """Returns the objects of a cluster in which every name, subject and reason is hostile."""
    ca, objects = Authority("hostile"), []
    for index, text in enumerate(HOSTILE):
        leaf = ca.leaf(text[:60], -365 * DAY, (index - 1) * 5 * DAY, ["example.com"])
        named = secret(f"evil-{index}", f"web-{index}", {"tls.crt": leaf})
        named["metadata"]["annotations"] = {"notafter.io/owner": text}
        silent = secret("silent", f"web-{index}", {"tls.crt": leaf})
        silent["metadata"]["annotations"] = {"notafter.io/ignore": text}
        broken = secret("broken", f"web-{index}", {"tls.crt": leaf, f"{text}.crt": b"-----BEGIN CERTIFICATE-----\nx\n"})
        odd = secret(f"odd-{index}", text, {"tls.crt": leaf})
        objects += [named, silent, broken, odd, {
            "apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion",
            "metadata": {"namespace": "operators", "name": f"operator-{index}"}, "spec": {"version": text},
            "status": {"phase": "Failed", "reason": text},
        }]
    return objects


def first_paint(page):
    """Returns the milliseconds from the start of the navigation to the first contents on the screen."""
    paint = 'performance.getEntriesByName("first-contentful-paint").map(entry => entry.startTime)'
    return wait_for("the first paint", lambda: page.evaluate(paint))[0]


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser())
        cls.demo = cls.enterClassContext(demo())
        cls.hostile = cls.enterClassContext(notafter(cls.enterClassContext(simulated(objects=hostile()))))
        for program in (cls.demo, cls.hostile):
            wait_for("notafter", lambda: is_ready(program))
        with cls.browser.page() as page:
            def shows(program, text):
                page.goto(f"http://{program.address}/")
                return text in page.content()

            wait_for("the demo", lambda: shows(cls.demo, "RequirementsNotMet") and shows(cls.demo, PACKAGESERVER))
            wait_for("the hostile cluster", lambda: shows(cls.hostile, "operator-0"))

    def assertIsSound(self, page):
        """Asserts that a page is accessible, that nothing reports an error, and that nothing else is loaded."""
        self.assertEqual(violations(page), [])
        self.assertEqual(page.errors, [])
        self.assertEqual({url for url in page.requests if not url.startswith("data:")}, {page.url.split("#")[0]})

    def test_every_page_is_accessible_and_quiet_at_a_desk_and_on_a_phone_in_light_and_dark(self):
        pages = [
            (self.demo, ""), (self.demo, "?q=checkout"), (self.demo, PACKAGESERVER), (self.demo, "secrets/shop/gone"),
            (self.demo, "?within=soon"), (self.demo, "runbooks/"), (self.demo, "runbooks/CertificateRotationBlocked"),
            (self.hostile, ""), (self.hostile, "?namespace=silent"), (self.hostile, "secrets/evil-1/web-1"),
            (self.hostile, f"secrets/odd-0/{urllib.parse.quote(HOSTILE[0], safe='')}"),
            (self.hostile, f"?q={urllib.parse.quote(HOSTILE[1])}"),
        ]
        for viewport in (DESK, PHONE):
            for scheme in ("light", "dark"):
                for program, path in pages:
                    with (
                        self.subTest(path, width=viewport["width"], scheme=scheme, hostile=program is self.hostile),
                        self.browser.page(viewport, scheme) as page,
                    ):
                        page.goto(f"http://{program.address}/{path}")
                        # Chromium reports the status 400 or 404 of what it shows, which is right.
                        page.errors = [error for error in page.errors if "Failed to load resource" not in error]
                        self.assertIsSound(page)
                        for details in page.locator("summary").all():
                            details.click()
                        width = page.evaluate("document.documentElement.scrollWidth")
                        self.assertLessEqual(width, viewport["width"])

    def test_the_keyboard_alone_reaches_search_filter_the_first_secret_and_back(self):
        with self.browser.page() as page:
            page.goto(f"http://{self.demo.address}/")
            way = tab_to(page, lambda element: element[0] == "q")
            self.assertEqual(way[0][0], "Skip to the content")
            page.keyboard.type("checkout")
            page.keyboard.press("Enter")
            page.wait_for_url("**/?q=checkout*")
            way += tab_to(page, lambda element: element[0] == "manager")
            page.keyboard.type("none")
            way += tab_to(page, lambda element: element[0] == "within")
            page.keyboard.type("40d")
            page.keyboard.press("Enter")
            page.wait_for_url("**/?q=checkout*manager=none*within=40d*")
            way += tab_to(page, lambda element: element[2].startswith("secrets/"))
            page.keyboard.press("Enter")
            page.wait_for_url("**/secrets/shop/checkout-tls")
            way += tab_to(page, lambda element: element[0] == "Overview")
            page.keyboard.press("Enter")
            page.wait_for_url(f"http://{self.demo.address}/")
            invisible = [element for element in way if element[1] < 2]
            self.assertEqual(invisible, [])
            page.keyboard.press("Tab")
            self.assertEqual(focused(page)[0], "Skip to the content")
            page.keyboard.press("Enter")
            tab_to(page, lambda element: element[2] == PACKAGESERVER, most=1)

    def test_without_javascript_everything_works_but_the_buttons_that_copy(self):
        with self.browser.page(java_script_enabled=False) as page:
            page.goto(f"http://{self.demo.address}/")
            self.assertIn("oc -n openshift-operator-lifecycle-manager delete secret", page.content())
            self.assertEqual(page.get_by_role("button", name="Copy").count(), 0)
            page.get_by_label("Namespace").fill("shop")
            page.get_by_role("button", name="Filter").click()
            self.assertEqual(page.get_by_role("heading", level=2).all_inner_texts(), ["4 of 240 certificates"])
            page.get_by_role("link", name="shop/checkout-tls").first.click()
            self.assertEqual(page.get_by_role("heading", level=1).inner_text(), "shop/checkout-tls")

    def test_a_button_copies_the_command(self):
        with self.browser.page(permissions=["clipboard-read", "clipboard-write"]) as page:
            page.goto(f"http://{self.demo.address}/")
            page.get_by_role("button", name="Copy").first.click()
            page.get_by_role("button", name="Copied").wait_for()
            copied = page.evaluate("navigator.clipboard.readText()")
            self.assertEqual(copied, "oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert")
            self.assertEqual(page.errors, [])

    def test_a_screen_reader_hears_the_calendar_and_the_headings_in_order(self):
        with self.browser.page() as page:
            page.goto(f"http://{self.demo.address}/")
            picture = page.get_by_role("img", name="Expiries in each of the next 52 weeks")
            self.assertEqual(picture.count(), 1)
            levels = page.evaluate('[...document.querySelectorAll("h1,h2,h3,h4")].map(heading => +heading.tagName[1])')
            self.assertEqual(levels[0], 1)
            self.assertEqual([pair for pair in zip(levels, levels[1:]) if pair[1] > pair[0] + 1], [])
            landmarks = [page.get_by_role(role).count() for role in ("banner", "main", "search", "navigation")]
            self.assertEqual(landmarks, [1, 1, 2, 2])

    def test_ten_thousand_certificates_are_painted_within_a_second(self):
        ca = Authority("shop-ca", -DAY, 800 * DAY)
        objects = [
            secret(f"shop-{index // 100}", f"web-{index}", {"tls.crt": ca.leaf(f"web-{index}", -DAY, (index % 700 + 30) * DAY)})
            for index in range(10_000)
        ]
        with simulated(objects=objects) as cluster, notafter(cluster) as program, self.browser.page() as page:
            wait_for("notafter", lambda: is_ready(program), 120)
            for path in ("/", "/?page=150", "/?q=web-9999", "/secrets/shop-5/web-555"):
                page.goto(f"http://{program.address}{path}")
                took = first_paint(page)
                print(f"{path}: first paint after {took:.0f} ms")
                self.assertLess(took, 1000, path)

    def test_the_pictures_of_the_documentation_show_the_demo(self):
        """Makes the pictures where they are asked for; they exist in any case."""
        views = {
            "page-light": (DESK, "light", ""), "page-dark": (DESK, "dark", ""), "page-phone": (PHONE, "dark", ""),
            "page-secret": (DESK, "light", PACKAGESERVER),
        }
        folder = ROOT / "docs/images"
        if PICTURES:
            folder.mkdir(exist_ok=True)
            own = pathlib.Path(tempfile.mkdtemp(prefix="pictures-"))
            (own / "clock").write_text(str(IN_PICTURES - int(time.time())))
            with demo("env", f"LD_PRELOAD={clock(own)}", f"CLOCK={own}/clock") as program:
                for name, (viewport, scheme, path) in views.items():
                    with self.browser.page(viewport, scheme) as page:
                        def is_complete():
                            page.goto(f"http://{program.address}/{path}")
                            return "packageserver" in page.content() and "not finished yet" not in page.content()

                        wait_for("the demo", is_complete)
                        page.screenshot(path=folder / f"{name}.png")
        for name in views:
            self.assertTrue((folder / f"{name}.png").read_bytes().startswith(b"\x89PNG"), name)

