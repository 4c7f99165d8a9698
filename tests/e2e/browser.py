"""Chromium without a window, as a person with a mouse, a keyboard, a phone or a screen reader uses it."""

import contextlib
import os
import pathlib

from playwright.sync_api import sync_playwright

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Deque's checker of accessibility, as one script.
AXE = pathlib.Path(os.environ["AXE"]).read_text()
# The tests of an image run as root, for whom Chromium has no sandbox.
FLAGS = ["--no-sandbox"]


class Browser:
    """Debian's Chromium, with the libraries that it was unpacked with."""

    def __enter__(self):
        self.playwright = sync_playwright().start()
        env = {**os.environ, "LD_LIBRARY_PATH": os.environ["CHROMIUM_LIBRARIES"]}
        program = os.environ["CHROMIUM"]
        self.chromium = self.playwright.chromium.launch(executable_path=program, env=env, args=FLAGS)
        return self

    def __exit__(self, *_):
        self.chromium.close()
        self.playwright.stop()

    @contextlib.contextmanager
    def page(self, viewport=DESK, scheme="light", **options):
        """Opens a page; its `errors` are everything that the console reports."""
        context = self.chromium.new_context(viewport=viewport, color_scheme=scheme, **options)
        page = context.new_page()
        page.errors = []
        page.on("console", lambda message: page.errors.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda request: page.requests.append(request.url))
        page.requests = []
        try:
            yield page
        finally:
            context.close()


def violations(page):
    """Returns what axe finds serious or critical, as `rule: element`."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    return [
        f"{rule['id']}: {node['html']}: {node['failureSummary']}"
        for rule in found if rule["impact"] in ("serious", "critical") for node in rule["nodes"]
    ]


def focused(page):
    """Returns the text or name of the element that has the focus, and the width of its outline."""
    return page.evaluate("""() => {
        const focused = document.activeElement, style = getComputedStyle(focused);
        return [focused.name || focused.textContent.trim(), parseFloat(style.outlineWidth) || 0, focused.getAttribute("href") || ""];
    }""")


def tab_to(page, is_wanted, most=60):
    """Presses Tab until the focus is where it is wanted, and returns the elements on the way."""
    way = []
    for _ in range(most):
        page.keyboard.press("Tab")
        way.append(focused(page))
        if is_wanted(way[-1]):
            return way
    raise AssertionError(f"not reached: {way}")
