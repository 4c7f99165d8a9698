"""Parts of documents that a test makes: `NOTAFTER_UPDATE_GOLDEN=1` writes them anew."""

import os
import re

from control_plane import ROOT


def assert_part(case, path, name, text):
    """The part of a document between `<!-- NAME -->` and `<!-- end of NAME -->` is that text."""
    file = ROOT / path
    document = file.read_text()
    marked = re.compile(f"(?<=<!-- {name} -->\n).*(?=<!-- end of {name} -->)", re.DOTALL)
    [found] = marked.findall(document)
    if os.environ.get("NOTAFTER_UPDATE_GOLDEN"):
        file.write_text(marked.sub(lambda _: text, document))
    else:
        case.assertEqual(found.splitlines(), text.splitlines(), f"{path}, {name}")
