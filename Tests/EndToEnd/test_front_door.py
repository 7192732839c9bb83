"""The real `./onefin run`, with what it has built, on a database of its own."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from instance import PASSWORD, ROOT, Api, free_port
from door import Run


@pytest.fixture
def front_door():
    """`front_door(words…)`: ./onefin run with a state folder that ends with the test."""
    state = Path(tempfile.mkdtemp(prefix="onefin-state-"))
    state.chmod(0o755)
    environment = os.environ | {"ONEFIN_STATE": str(state)}
    runs: list[Run] = []

    def start(*words: str, answers: str = "") -> Run:
        runs.append(Run([str(ROOT / "onefin"), "run", *words], environment, answers))
        return runs[-1]

    start.state = state
    yield start
    for run in runs:
        run.stop()
    subprocess.run([ROOT / "onefin", "reset"], env=environment, input="yes\n", text=True, capture_output=True, check=False)
    shutil.rmtree(state, ignore_errors=True)


def test_run_brings_up_the_demo_and_again_without_building(front_door):
    port = free_port()
    first = front_door("--port", str(port))
    address = first.until(r"http://127\.0\.0\.1:\d+", seconds=120)[0]
    first.until(f"Everybody's password: {PASSWORD}")
    assert Api(address).sign_in("nodira").get("/session")["account"]["login"] == "nodira"
    assert first.stop() == 130
    first.until("stopped")
    second = front_door("--port", str(port))
    second.until(r"http://")
    assert "building" not in second.text and "making" not in second.text
    assert Api(address).sign_in("sardor").get("/organisations")["items"]
    assert second.stop() == 130


def test_a_database_of_a_newer_version_is_refused_with_one_sentence(front_door):
    port = free_port()
    first = front_door("--port", str(port))
    first.until("http://", seconds=120)
    note = front_door.state / "cluster"
    cluster = note.read_text().strip() if note.exists() else front_door.state / "postgres"
    subprocess.run(
        ["psql", f"host='{cluster}/socket' dbname=onefin user=onefin_owner", "-Xqc",
         "INSERT INTO schema_migration (version, name, checksum) VALUES (9999, 'future', 'x')"], check=True,
    )  # fmt: skip
    first.stop()
    second = front_door("--port", str(port))
    assert second.process.wait(60) == 1
    assert "The database has migration 9999" in second.until("^onefin: ").string


def test_empty_makes_the_first_administrator(front_door):
    port = free_port()
    run = front_door("--empty", "--port", str(port), answers="boss\nKarim Karimov\nlong enough 1\nlong enough 1\n")
    address = run.until(r"http://127\.0\.0\.1:\d+", seconds=120)[0]
    boss = Api(address).sign_in("boss", "long enough 1")
    assert [one["role"] for one in boss.get("/session")["memberships"]] == ["admin"]
    assert boss.get("/organisations")["items"] == []
