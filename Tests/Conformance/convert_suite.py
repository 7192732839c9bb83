"""Makes the Autobahn test suite run on Python 3.

The suite's last release (25.10.1) is Python 2 source that Python 3 can't even parse, and there is no other suite of its reach. So a private copy is
converted by lib2to3, and where Python 2 took one type for bytes and text, octets stay what they were: text of one character per octet (Latin-1),
turned into bytes and back at the border to the autobahn library, which fuzzing_client.py does.
"""

import importlib.util
import re
import shutil
import sys
from pathlib import Path

#: What the fuzzing client doesn't use: the wamp and wsperf tools and the web pages.
LEFT_OUT = ("__pycache__", "wamp*", "wsperf*", "web")

#: File name, or "" for every file; what to replace; with what. After lib2to3.
EDITS = [
    ("", "from twisted.internet import reactor, ssl", "from twisted.internet import reactor\nclass ssl: ClientContextFactory = object"),
    ("", ", debug = debug, debugCodePaths = debug", ""),
    ("", "''.join(payload)", "b''.join(payload)"),
    ("case6_x_x.py", "v.validate(vss[:i])", "v.validate(vss[:i].encode('latin-1'))"),
    ("case12_x_x.py", "from case import", "from .case import"),
]
#: Arguments that the autobahn library has renamed since.
RENAMED = ("requestNoContextTakeover", "acceptNoContextTakeover", "requestMaxWindowBits", "acceptMaxWindowBits")


def convert(path: Path, refactor) -> str:
    """One source file in Python 3. lib2to3 looks beside it which imports are of the package's own."""
    text, name = path.read_text(encoding="latin-1"), path.name
    # The declared encodings are wrong once the file is UTF-8.
    text = re.sub(r"^#.*coding[:=].*$", "#", text, flags=re.MULTILINE)
    if not text.endswith("\n"):
        text += "\n"
    # This one builds its cases with code in strings, which lib2to3 trips over, and needs none of it.
    if name != "case12_x_x.py":
        text = str(refactor(text, str(path)))
    # Old-style and new-style classes mixed: Python 3 finds no order for them.
    text = re.sub(r"\(object, *Case, *\)", "(Case,)", text)
    for file, old, new in EDITS:
        if file in ("", name):
            text = text.replace(old, new)
    if name == "case12_x_x.py":
        for word in RENAMED:
            text = text.replace(word, re.sub("([A-Z])", lambda letter: "_" + letter[1].lower(), word))
    return text


def main(target: Path) -> None:
    """Writes the converted package `autobahntestsuite` below `target`, whole or not at all."""
    from lib2to3.refactor import RefactoringTool, get_fixers_from_package

    found = importlib.util.find_spec("autobahntestsuite")
    source = Path(found.submodule_search_locations[0])
    unfinished = target / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished, ignore=shutil.ignore_patterns(*LEFT_OUT))
    refactor = RefactoringTool(get_fixers_from_package("lib2to3.fixes")).refactor_string
    for path in sorted(unfinished.rglob("*.py")):
        path.write_text(convert(path, refactor), encoding="utf-8")
    # The package's own one asks pip for its version.
    (unfinished / "__init__.py").write_text("version = '25.10.1'\n")
    unfinished.rename(target / "autobahntestsuite")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
