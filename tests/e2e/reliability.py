"""All faults, each tried before a running exporter, and the table of their results."""

import concurrent.futures
import functools

import disasters
from control_plane import started
from faults import BODIES, SECTIONS, SERVERS, TIME, WATCHES
from subject import Subject
from trial import attempt

# Exporters side by side. They mostly wait.
SUBJECTS = 6
HEAD = """| fault | `notafter_list_up` | alert | in the log | requests | right again |
|---|---|---|---|---|---|
"""


def tried(subject, faults):
    """Returns the verdicts about faults, one after the other, and stops the exporter."""
    verdicts = [attempt(subject, fault) for fault in faults]
    try:
        subject.stop()
    except AssertionError as error:
        verdicts[-1].problems.append(str(error))
    subject.proxy.close()
    return verdicts


@functools.cache
def verdicts():
    """Returns the verdicts about all faults by name, and those with a verbose log as a list.

    The API server is one of their own, for some faults are faults of the API server.
    """
    plane = started()
    faults = [fault for section in SECTIONS.values() for fault in section if section not in (SERVERS, TIME)]
    trials = [(Subject(plane, f"network-{number}"), faults[number::SUBJECTS]) for number in range(SUBJECTS)]
    shifted = disasters.shifted(plane.folder)
    trials.append((Subject(plane, "network-time", program=shifted), TIME))
    for number, faults in enumerate((BODIES, WATCHES)):
        trials.append((Subject(plane, f"network-verbose-{number}", "--log", "trace"), faults))
    with concurrent.futures.ThreadPoolExecutor(len(trials)) as pool:
        *found, bodies, watches = pool.map(lambda trial: tried(*trial), trials)
    found.append(tried(Subject(plane, "network-servers"), SERVERS))
    plane.stop()
    return {verdict.fault.name: verdict for some in found for verdict in some}, bodies + watches


def table(verdicts):
    """Returns the table of docs/reliability.md."""
    parts = []
    for title, faults in SECTIONS.items():
        rows = "".join(row(verdicts[fault.name]) for fault in faults)
        parts.append(f"\n### {title}\n\n{HEAD}{rows}")
    return "".join(parts) + "\n"


def row(verdict):
    fault = verdict.fault
    limit = "1 per list, then 1 a second" if fault.is_of_the_server else f"{fault.requests} per list and poll"
    limit = "not counted" if fault.is_silent else f"≤ {limit}"
    logged = f"`{fault.log}`" if fault.log else "perhaps a warning" if fault.may_blink else "nothing"
    again = "failed" if verdict.problems else "≤ 2 polls"
    alert = "`NotafterBlind`" if verdict.down else "none"
    return f"| {fault.name} | {scraped(verdict)} | {alert} | {logged} | {limit} | {again} |\n"


def scraped(verdict):
    """Returns what was seen on /metrics while the fault lasted."""
    if verdict.fault.may_blink:
        return "1, perhaps after a 0"
    if not verdict.ever_down:
        return "1, changes appear"
    if len(verdict.ever_down) == 1:
        lists = f"0 for {min(verdict.ever_down)}"
    elif "secrets" in verdict.ever_down:
        lists = "0 for every list"
    else:
        lists = "0 for every list but secrets"
    return lists if verdict.down else f"{lists}, then 1 although it lasts"
