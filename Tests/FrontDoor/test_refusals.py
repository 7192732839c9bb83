"""Everything that stops the front door: one sentence that says what to do, and nothing left behind."""

import os
import re
import socket
from pathlib import Path

import pytest


def refused(result, sentence: str) -> None:
    """The command ended with 1, and its last line is the one sentence."""
    assert result.returncode == 1, result.stdout
    last = result.stdout.strip().splitlines()[-1]
    assert re.fullmatch(f"onefin: .*{sentence}.*", last), result.stdout


def test_a_busy_port_names_a_free_one(checkout):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = checkout.call("run", "--port", str(port))
    refused(result, rf"port {port} is taken: stop the program that listens there, or run \./onefin run --port \d+\.")
    assert checkout.builds() == 0


@pytest.mark.parametrize("port", ["0", "65536", "http", ""])
def test_a_port_that_is_none(checkout, port):
    refused(checkout.call("run", "--port", port), "--port needs a number from 1 to 65535")


def test_a_missing_swift(checkout):
    # A PATH with everything but Swift.
    (checkout.folder / "bin/swift").unlink()
    for place in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for program in Path(place).iterdir():
            link = checkout.folder / "bin" / program.name
            if program.name != "swift" and not link.is_symlink():
                link.symlink_to(program)
    result = checkout.call("run", PATH=f"{checkout.folder}/bin", ONEFIN_SWIFT_PLACES="")
    refused(result, r"Swift is missing: install the Swift 6\.3 toolchain .* put its usr/bin on PATH and try again\.")


def test_swift_is_found_where_toolchains_lie(checkout, port):
    (checkout.folder / "bin/swift").unlink()
    path = ":".join(p for p in os.environ["PATH"].split(":") if not (Path(p) / "swift").exists())
    run = checkout.run("--port", str(port), PATH=path, ONEFIN_SWIFT_PLACES=f"/nowhere {checkout.folder}/fakes")
    run.until("http://")
    run.stop()


def test_an_old_swift(checkout):
    refused(checkout.call("run", FAKE_SWIFT="6.1.2"), r"Swift 6\.1 is not what 1fin needs: install the Swift 6\.3 toolchain .*")


def test_a_newer_swift_is_welcome(checkout, port):
    run = checkout.run("--port", str(port), FAKE_SWIFT="6.10")
    run.until("http://")
    run.stop()


def test_a_full_disk(checkout):
    df = checkout.folder / "bin/df"
    df.write_text("#!/bin/sh\necho Filesystem 1024-blocks Used Available Capacity Mounted on\necho /dev/x 100 50 512000 50% /\n")
    df.chmod(0o755)
    refused(checkout.call("run"), r"only 500 MB are free on the disk of .*, and 1fin needs 2048 MB: make room and try again\.")


def test_a_database_of_a_newer_version(checkout, port):
    result = checkout.call("run", "--port", str(port), FAKE_NEWER="1")
    refused(result, "the database was made by a newer 1fin .*: run that version, or restore a backup")


def test_another_running_instance(checkout, port):
    run = checkout.run("--port", str(port))
    run.until("http://")
    refused(checkout.call("run"), rf"1fin is already running from this folder \(process {run.process.pid}\): stop it there .*")
    run.stop()


def test_sources_that_do_not_build(checkout, port):
    result = checkout.call("run", "--port", str(port), FAKE_BUILD_ERROR="no such module")
    assert "error: no such module" in result.stdout
    refused(result, "the servers don't build: .*build-servers.log has it all")
    # The next run tries again.
    checkout.call("run", "--port", str(port), FAKE_BUILD_ERROR="no such module")
    assert checkout.builds() == 2


def test_a_missing_package_without_a_network(checkout):
    # dpkg knows nothing, and apt-get fails.
    for name, script in {"dpkg-query": "exit 1", "apt-get": "echo 'E: no network'; exit 100"}.items():
        (checkout.folder / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (checkout.folder / "bin" / name).chmod(0o755)
    if os.geteuid() != 0:
        pytest.skip("sudo resets PATH, so the stand-in is not met")
    refused(checkout.call("run"), r"the package lists could not be brought up to date \(E: no network\): check the network .*")


@pytest.mark.parametrize("words", [["fly"], ["run", "--fast"], ["reset", "now"], ["format", "all"], ["test", "some"]])
def test_words_that_it_does_not_know(checkout, words):
    result = checkout.call(*words)
    assert result.returncode == 1
    assert len(result.stdout.strip().splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["--help"], ["help"]])
def test_help_names_every_command(checkout, words):
    result = checkout.call(*words)
    assert result.returncode == 0
    assert set(re.findall(r"^  \./onefin (\S+)", result.stdout, re.MULTILINE)) == {"run", "test", "bench", "format", "reset", "--help"}
