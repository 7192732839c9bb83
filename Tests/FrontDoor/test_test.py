"""./onefin test: what it counts, and what it says when something fails. With stand-ins for everything that takes long."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from door import Run, until

#: Format, shell lint, pages (type-check and 4 tests), debug build, 3 Swift tests, 6 fuzz targets, 2 of the front door, release build, 2 of conformance, 2 of faults,
#: 2 in the browser.
ALL = 1 + 1 + 5 + 1 + 3 + 6 + 2 + 1 + 2 + 2 + 2


@pytest.fixture
def ready(checkout):
    checkout.install_tools()
    return checkout


def counted(result) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+) passed, (\d+) failed", result.stdout.strip().splitlines()[-1])
    assert match, result.stdout
    return int(match[1]), int(match[2])


def test_everything_is_summed_up_in_the_last_line(ready):
    result = ready.call("test")
    assert counted(result) == (ALL, 0), result.stdout
    assert result.returncode == 0
    assert {log.name for log in (ready.state / "test-logs").glob("*.log")} >= {"pages.log", "Swift-tests.log", "browser.log"}


@pytest.mark.parametrize(
    "what, failed, word",
    [("format", 1, "Swift format"), ("crash", 1, "ended with status 139"), ("trap", 1, "did not come to their end"), ("tests", 5, "Suite test 1"), ("fuzz", 1, "found/crash-1")],
)
def test_a_failure_is_counted_named_and_ends_with_1(ready, what, failed, word):
    result = ready.call("test", FAKE_FAIL=what)
    passed, not_passed = counted(result)
    assert not_passed == failed
    assert passed == ALL - (3 if what in ("crash", "trap") else failed)
    assert result.returncode == 1
    assert word in result.stdout.split("FAILED", 1)[1]


def test_sources_that_do_not_build_fail_both_builds(ready):
    result = ready.call("test", FAKE_BUILD_ERROR="no such module")
    # Neither Swift tests nor conformance nor faults nor the browser's run on what an earlier build left.
    assert counted(result) == (ALL - 1 - 3 - 1 - 2 - 2 - 2, 2)
    assert result.returncode == 1
    assert "error: no such module" in result.stdout


def test_ci_runs_the_same(ready):
    result = subprocess.run(
        ["bash", ".ci/run"], cwd=ready.folder, env=ready.environment | {"CI": "true"}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert result.stdout.strip().endswith(f"{ALL} passed, 0 failed"), result.stdout + result.stderr
    assert result.returncode == 0


def test_a_signal_ends_it_at_once_with_what_it_started(ready):
    run = Run([str(ready.folder / "onefin"), "test"], ready.environment | {"FAKE_FAIL": "hang"})
    ready.runs.append(run)
    note = ready.folder / "hanging"
    until(lambda: note.exists() and note.read_text().strip())
    assert run.stop(signal.SIGTERM) == 130
    until(lambda: not Path(f"/proc/{note.read_text().strip()}").exists())


def test_its_throw_away_database_is_gone_afterwards(ready):
    ready.environment.pop("ONEFIN_TEST_DATABASE", None)
    before = set(Path("/tmp").glob("onefin-test.*"))
    result = ready.call("test")
    assert result.returncode == 0, result.stdout
    assert set(Path("/tmp").glob("onefin-test.*")) <= before
