"""Runs all end-to-end tests but those of a release: parts side by side, each in a process of its own, and the figures last.

A part is a group of modules that share an API server, or that keep a processor busy, or that mostly wait. What
a part prints appears when it has finished, so that the parts do not mix. A new module belongs to the first part
without further ado.
"""

import concurrent.futures
import fnmatch
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
# Patterns of module names, the longest parts first. The rest is the longest of all.
PARTS = [
    ["test_history"],
    ["test_alerts_in_time", "test_alerts_[!dei]*", "test_alerts_declared"],
    ["test_figures_of_alerts"],
    ["test_reliability", "test_soak"],
    ["test_dashboards*", "test_page", "test_demo", "test_alerts", "test_alerts_inhibited", "test_alerts_delivered"],
    ["test_doctor", "test_fleet", "test_report", "test_quickstart"],
    ["test_chart*", "test_release_files", "test_image", "test_krew", "test_install", "test_access"],
]
# By name only: `tests/e2e/run release`, which builds what they need.
RELEASE = ["test_release", "test_site"]
# Measured last, when nothing else runs.
FIGURES = ["test_figures"]
# All figures are of fewer secrets here than those that are documented: `.ci/run figures` has those.
FEW = {"NOTAFTER_SECRETS": "2000"}
# Seconds after which a part hangs.
LIMIT = 3600
# The parts at a time. Half of them wait, so two processors are busy.
WORKERS = 4


def parts():
    """Returns the modules of each part; every module is in one."""
    left = sorted(file.stem for file in HERE.glob("test_*.py") if file.stem not in FIGURES + RELEASE)
    chosen = []
    for patterns in PARTS:
        part = [module for module in left if any(fnmatch.fnmatch(module, pattern) for pattern in patterns)]
        left = [module for module in left if module not in part]
        # unittest takes no module for all of them.
        assert part, f"no module is one of {patterns}"
        chosen.append(part)
    return [left, *chosen]


def run(modules):
    """Runs modules, prints what they print, and returns whether all their tests passed."""
    began = time.monotonic()
    command = [sys.executable, HERE / "timed.py", *modules]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | FEW)
    try:
        output, _ = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    verdict = "passed" if process.returncode == 0 else "FAILED"
    sys.stdout.buffer.write(output + f"-- {' '.join(modules)}: {verdict} after {time.monotonic() - began:.0f} s\n".encode())
    sys.stdout.flush()
    return process.returncode == 0


def main():
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        passed = list(pool.map(run, parts()))
    passed.append(run(FIGURES))
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
