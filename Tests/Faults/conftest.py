"""Fixtures: a Postgres of one's own, a firm in it, and a seed for whatever is left to chance."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# How servers and databases are made elsewhere.
sys.path += [str(ROOT / "Benchmarks"), str(ROOT / "Tests/EndToEnd")]

from cluster import Cluster  # noqa: E402
from firm import Firm  # noqa: E402

#: To repeat a run: its tests print it when they fail.
SEED = os.environ.get("ONEFIN_FAULTS_SEED") or str(random.SystemRandom().getrandbits(32))


def pytest_configure() -> None:
    # Fixtures clean up on a signal too.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))


@pytest.fixture
def rng(request) -> random.Random:
    print(f"ONEFIN_FAULTS_SEED={SEED}")
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture(scope="session")
def shims(tmp_path_factory) -> Path:
    """The folder with the libraries that lie to a process: clock.so, disk.so."""
    folder = tmp_path_factory.mktemp("shims")
    # Postgres' user must be able to load them.
    for parent in [folder, *folder.parents][:3]:
        parent.chmod(parent.stat().st_mode | 0o111)
    for source in (ROOT / "Tests/Faults/shims").glob("*.c"):
        command = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", folder / f"{source.stem}.so", source]
        subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope="session")
def cluster():
    made = Cluster()
    yield made
    made.close()


@pytest.fixture
def postgres(cluster):
    """The same, in good health."""
    yield cluster
    cluster.heal()


@pytest.fixture
def firm(postgres, rng):
    made = Firm(postgres, rng)
    yield made
    made.close()
