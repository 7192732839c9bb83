"""The engine alone, for every test of this folder."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def engine():
    """The port of a `serve-echo`, release build."""
    program = os.environ.get("ONEFIN_SERVE_ECHO", ROOT / ".build/release/serve-echo")
    server = subprocess.Popen([program, "0"], stdout=subprocess.PIPE, text=True)
    try:
        yield int(server.stdout.readline().rsplit(":", 1)[1])
        assert server.poll() is None, "the server has ended before it was told to"
    finally:
        server.terminate()
        server.wait()
