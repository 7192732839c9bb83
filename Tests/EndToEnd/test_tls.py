"""Both servers behind ChatServer's own TLS."""

import json
import signal
import ssl
import subprocess
import urllib.request
from pathlib import Path

from instance import Instance, wait_for


def make_pair(folder: Path) -> None:
    """A new certificate and its key in place of the old ones."""
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    pair = ["-out", folder / "certificate.pem", "-keyout", folder / "key.pem"]
    subprocess.run(["openssl", *words.split(), *pair], check=True, capture_output=True, timeout=30)


def shown(server: Instance) -> str:
    """The certificate that a new connection is shown."""
    return ssl.get_server_certificate(("127.0.0.1", server.port), timeout=10).strip()


def test_tls_from_the_browser_to_the_cookie_and_a_new_certificate_without_a_restart(empty_server: Instance, tmp_path: Path):
    certificate = tmp_path / "certificate.pem"
    make_pair(tmp_path)
    empty_server.environment = {"CHAT_TLS_CERTIFICATE": str(certificate), "CHAT_TLS_KEY": str(tmp_path / "key.pem")}
    empty_server.kill_chat()
    empty_server.start_chat()
    wait_for("ChatServer speaks TLS", lambda: shown(empty_server) == certificate.read_text().strip())

    # RestAPI, behind the tunnel, knows that the browser spoke HTTPS.
    body = json.dumps({"login": "admin", "password": "first-admin-1"}).encode()
    request = urllib.request.Request(f"https://127.0.0.1:{empty_server.port}/api/v1/session", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30, context=ssl.create_default_context(cafile=certificate)) as answer:
        cookies = answer.headers.get_all("Set-Cookie")
    assert any(cookie.startswith("onefin_session=") for cookie in cookies) and all("; Secure" in cookie for cookie in cookies)

    first = shown(empty_server)
    make_pair(tmp_path)
    assert shown(empty_server) == first
    empty_server.processes["chat"].send_signal(signal.SIGHUP)
    wait_for("the new certificate is shown", lambda: shown(empty_server) == certificate.read_text().strip())
    second = shown(empty_server)
    assert second != first

    # A pair that cannot be used changes nothing, and the log says why.
    (tmp_path / "key.pem").write_text("no key")
    empty_server.processes["chat"].send_signal(signal.SIGHUP)
    wait_for("the log tells of it", lambda: "the old certificate stays" in empty_server.log("chat"))
    assert shown(empty_server) == second
