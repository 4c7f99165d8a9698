"""Generated parts of documents; `NOTAFTER_UPDATE_GOLDEN=1` rewrites them."""

import os
import re

from control_plane import ROOT


def assert_part(case, path, name, text):
    """Asserts that a document has this text between `<!-- NAME -->` and `<!-- end of NAME -->`."""
    file = ROOT / path
    document = file.read_text()
    marked = re.compile(f"(?<=<!-- {name} -->\n).*(?=<!-- end of {name} -->)", re.DOTALL)
    [found] = marked.findall(document)
    if os.environ.get("NOTAFTER_UPDATE_GOLDEN"):
        file.write_text(marked.sub(lambda _: text, document))
    else:
        case.assertEqual(found.splitlines(), text.splitlines(), f"{path}, {name}")
