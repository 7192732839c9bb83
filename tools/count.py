#!/usr/bin/env python3
"""Counts what a part of ./onefin test ran: prints "passed failed", then the failures' names.

usage: count.py xunit FILE…      reports of swift test and pytest; a missing file counts nothing
       count.py pages LOG STATUS what web/check.sh printed when traced, and how it ended
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def xunit(paths: list[str]) -> tuple[int, list[str]]:
    """Test cases that passed, and the names of those that did not. Skipped ones count as neither."""
    passed, failed = 0, []
    for path in map(Path, paths):
        if not path.exists():
            continue
        try:
            cases = list(ElementTree.parse(path).iter("testcase"))
        except ElementTree.ParseError:
            failed.append(f"{path.name} ends in its middle: the tests did not come to their end")
            continue
        for case in cases:
            if case.find("failure") is not None or case.find("error") is not None:
                failed.append(f"{case.get('classname')} {case.get('name')}")
            elif case.find("skipped") is None:
                passed += 1
    return passed, failed


def pages(path: str, status: int) -> tuple[int, list[str]]:
    """The steps that a trace (sh -x) of web/check.sh shows, of which the last one failed if the script did, and the tests that deno counted."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", Path(path).read_text(errors="replace"))
    steps = re.findall(r"^\+ ((?:deno|oxlint) ?\S*)", text, re.MULTILINE)
    failed = [steps.pop()] if status and steps else []
    passed = len([step for step in steps if step != "deno test"])
    for ok, not_ok in re.findall(r"^(?:ok|FAILED) \| (\d+) passed.*?\| (\d+) failed", text, re.MULTILINE):
        passed += int(ok)
        if int(not_ok):
            failed = re.findall(r"^(.+?) => \S+$", text, re.MULTILINE) or ["deno test"] * int(not_ok)
            failed = sorted(set(failed))[: int(not_ok)]
    return passed, failed


passed, failed = xunit(sys.argv[2:]) if sys.argv[1] == "xunit" else pages(sys.argv[2], int(sys.argv[3]))
print(passed, len(failed))
print("\n".join(failed))
