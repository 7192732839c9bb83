"""A checkout of its own and a free port for each test."""

import tempfile
from pathlib import Path

import pytest

from door import Checkout, free_port


@pytest.fixture
def checkout():
    folder = Path(tempfile.mkdtemp(prefix="onefin-door-"))
    folder.chmod(0o755)
    checkout = Checkout(folder)
    yield checkout
    checkout.close()


@pytest.fixture
def port() -> int:
    return free_port()
