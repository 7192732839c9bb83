"""The engine alone, for every test of this folder."""

import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Endpoint:
    """Where an engine listens, and how to reach it."""

    port: int
    #: The certificate, which is its own authority; None: plain.
    certificate: Path | None = None

    @property
    def websocket(self) -> str:
        return f"{'wss' if self.certificate else 'ws'}://127.0.0.1:{self.port}"

    @property
    def http(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def tls(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self.certificate) if self.certificate else None


@contextmanager
def serving(*words: str | Path) -> Iterator[int]:
    """Runs a `serve-echo`, release build; its port."""
    program = os.environ.get("ONEFIN_SERVE_ECHO", ROOT / ".build/release/serve-echo")
    server = subprocess.Popen([program, "0", *words], stdout=subprocess.PIPE, text=True)
    try:
        yield int(server.stdout.readline().rsplit(":", 1)[1])
        assert server.poll() is None, "the server has ended before it was told to"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def engine() -> Iterator[int]:
    """The port of a plain engine."""
    with serving() as port:
        yield port


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody trusts who isn't told to, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    pair = folder / "certificate.pem", folder / "key.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(["openssl", *words.split(), "-out", pair[0], "-keyout", pair[1]], check=True, capture_output=True, timeout=30)
    return pair


@pytest.fixture(scope="session")
def encrypted(certificate: tuple[Path, Path]) -> Iterator[Endpoint]:
    """An engine that speaks TLS."""
    with serving("--tls", *certificate) as port:
        yield Endpoint(port, certificate[0])


@pytest.fixture(params=["ws", "wss"])
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """An engine, once in plain and once with TLS."""
    if request.param == "wss":
        return request.getfixturevalue("encrypted")
    return Endpoint(request.getfixturevalue("engine"))
