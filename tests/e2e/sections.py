"""The blocks of a document, by section."""

import re

from control_plane import ROOT

# A block of a section: its language and its text.
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(document):
    """Returns the sections of a document that have blocks, by heading."""
    _, *parts = re.split(r"^## ", (ROOT / document).read_text(), flags=re.MULTILINE)
    found = {part.split("\n", 1)[0]: BLOCK.findall(part) for part in parts}
    return {heading: blocks for heading, blocks in found.items() if blocks}
