"""What the engine's TLS agrees to, as the openssl tool sees it."""

import subprocess

import pytest
from conftest import Endpoint

REQUEST = "GET /idle HTTP/1.1\r\nHost: a\r\n\r\n"


def shake(endpoint: Endpoint, *words: str, said: str = "Q\n") -> tuple[int, str]:
    """A handshake of `openssl s_client`: its status and all that it says."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{endpoint.port}", "-CAfile", endpoint.certificate, "-verify_return_error", *words]
    done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "words, agreed",
    [
        (["-tls1_2"], "ECDHE-ECDSA-AES128-GCM-SHA256"),
        (["-tls1_3"], "TLS_AES_128_GCM_SHA256"),
        # Without AES in hardware: its first choice counts then.
        (["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256"], "ECDHE-ECDSA-CHACHA20-POLY1305"),
        (["-tls1_3", "-groups", "P-256"], "TLS_AES_128_GCM_SHA256"),
        (["-alpn", "h2,http/1.1"], "ALPN protocol: http/1.1"),
    ],
)
def test_agrees(encrypted: Endpoint, words: list[str], agreed: str):
    status, said = shake(encrypted, *words)
    assert status == 0 and agreed in said and "Verify return code: 0 (ok)" in said, said


@pytest.mark.parametrize(
    "words",
    [
        ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
        ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
        ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"],
        ["-alpn", "h2"],
    ],
    ids=["TLS 1.0", "TLS 1.1", "no forward secrecy", "no authenticated cipher", "HTTP/2 alone"],
)
def test_refuses(encrypted: Endpoint, words: list[str]):
    status, said = shake(encrypted, *words)
    assert status != 0 and "alert" in said, said


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_tickets_resume(encrypted: Endpoint, version: str, tmp_path):
    ticket = str(tmp_path / "ticket")
    # TLS 1.3 gives its tickets after the handshake: the tool waits for the answer and the end.
    status, said = shake(encrypted, version, "-ign_eof", "-sess_out", ticket, said=REQUEST)
    assert status == 0, said
    status, said = shake(encrypted, version, "-sess_in", ticket)
    assert status == 0 and "Reused, TLSv1" in said, said


def test_renegotiation_is_refused(encrypted: Endpoint):
    _, said = shake(encrypted, "-tls1_2", said="R\n")
    assert "no renegotiation" in said, said
