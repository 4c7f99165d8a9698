"""Runs tests as `python -m unittest -v` does, and prints how long each of them and each module took.

    timed.py test_inventory test_rights.Rights
"""

import collections
import time
import unittest


class TimedResult(unittest.TextTestResult):
    """A result that knows how long each test took, with the set-up before it (seconds)."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.last, self.of_modules = time.monotonic(), collections.Counter()

    def stopTest(self, test):
        super().stopTest(test)
        now = time.monotonic()
        took, self.last = now - self.last, now
        self.of_modules[type(test).__module__] += took
        self.stream.writeln(f"  {took:.1f} s")


class TimedRunner(unittest.TextTestRunner):
    resultclass = TimedResult

    def run(self, test):
        result = super().run(test)
        for module, took in result.of_modules.most_common():
            self.stream.writeln(f"{took:7.1f} s  {module}")
        return result


if __name__ == "__main__":
    unittest.main(module=None, testRunner=TimedRunner, verbosity=2)
