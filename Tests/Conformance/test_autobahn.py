"""The Autobahn suite against the engine as the chat stands on it: `serve-echo`, release build, all of permessage-deflate.

ONEFIN_CONFORMANCE is the folder that tools/conformance.sh has filled; with ONEFIN_CONFORMANCE_ALL set every case of chapters 12 and 13 is run.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUITE = Path(os.environ.get("ONEFIN_CONFORMANCE", ROOT / ".onefin/conformance"))
#: Chapters 12 and 13, compression, have 18 sizes of message for each of their sections; the first six suffice for every day.
SIZES = 18 if os.environ.get("ONEFIN_CONFORMANCE_ALL") else 6
#: How many cases each chapter has: a suite that runs fewer has been broken.
CASES = {1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 12: 5 * SIZES, 13: 7 * SIZES}
#: What the suite calls a pass. INFORMATIONAL: the standard leaves it open.
PASSES = {"OK", "NON-STRICT", "INFORMATIONAL"}


@pytest.fixture(scope="session")
def results(engine: int, tmp_path_factory) -> dict[str, dict]:
    """Each case's verdict, by its number."""
    folder = tmp_path_factory.mktemp("autobahn")
    sections = [f"12.{section}.{size}" for section in range(1, 6) for size in range(1, SIZES + 1)]
    sections += [f"13.{section}.{size}" for section in range(1, 8) for size in range(1, SIZES + 1)]
    spec = {
        "outdir": str(folder / "reports"), "servers": [{"agent": "engine", "url": f"ws://127.0.0.1:{engine}"}],
        "cases": [f"{chapter}.*" for chapter in CASES if chapter < 12] + sections, "exclude-cases": [], "exclude-agent-cases": {},
    }  # fmt: skip
    (folder / "spec.json").write_text(json.dumps(spec))
    client = [SUITE / "venv/bin/python", ROOT / "Tests/Conformance/fuzzing_client.py", SUITE / "suite", folder / "spec.json"]
    # An exception inside the suite leaves it waiting for ever.
    done = subprocess.run(client, capture_output=True, text=True, timeout=1800, cwd=folder)
    report = folder / "reports/index.json"
    assert report.exists(), done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads(report.read_text())["engine"]


@pytest.mark.parametrize("chapter", CASES)
def test_chapter(chapter: int, results: dict[str, dict]):
    mine = {number: verdict for number, verdict in results.items() if number.split(".")[0] == str(chapter)}
    assert len(mine) == CASES[chapter]
    failed = {number: verdict for number, verdict in mine.items() if {verdict["behavior"], verdict["behaviorClose"]} - PASSES}
    assert not failed
