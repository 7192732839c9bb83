"""./onefin run and reset, with the real Postgres and stand-ins for what is built."""

import os
import pty
import select
import signal
import socket
import subprocess
import time

import pytest

from door import Run, until


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children(run: Run) -> list[int]:
    """Ids of the servers and of Postgres, all of which are children of the front door."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and open(f"/proc/{entry}/stat").read().rsplit(")", 1)[1].split()[1] == str(run.process.pid):
                found.append(int(entry))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def gone(pid: int) -> bool:
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_run_builds_makes_the_demo_and_says_where(checkout, port):
    run = checkout.run("--port", str(port))
    run.until(rf"http://127\.0\.0\.1:{port}")
    run.until("admin  everything")
    run.until(r"rest │ RestAPI listens on 127\.0\.0\.1")
    assert checkout.accounts() == "admin:demo"
    assert listens(port)
    pids = children(run)
    assert run.stop() == 130
    assert not listens(port)
    assert all(map(gone, pids))
    # Servers end first, while the database still answers.
    for name in ("ChatServer", "RestAPI", "MediaWorker"):
        run.until(f"{name} ends while the database says onefin_app")
    assert run.lines[-1].endswith("stopped")


def test_a_second_run_builds_nothing_and_keeps_the_data(checkout, port):
    first = checkout.run("--port", str(port))
    first.until("http://")
    first.stop()
    assert checkout.builds() == 1
    started = time.monotonic()
    second = checkout.run("--port", str(port))
    second.until("http://")
    second.until("admin  everything")
    took = time.monotonic() - started
    second.stop()
    assert checkout.builds() == 1
    assert "making" not in second.text
    print(f"second run: {took:.1f} s")
    (checkout.folder / "Sources/new.swift").write_text("// changed\n")
    third = checkout.run("--port", str(port))
    third.until("http://")
    third.stop()
    assert checkout.builds() == 2


def test_sigterm_stops_everything(checkout, port):
    run = checkout.run("--port", str(port))
    run.until("http://")
    pids = children(run)
    assert run.stop(signal.SIGTERM) == 143
    assert all(map(gone, pids)) and not listens(port)


def test_a_closed_terminal_stops_everything_in_order(checkout, port):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(str(checkout.folder / "onefin"), ["onefin", "run", "--port", str(port)], checkout.environment)
    seen = b""
    while b"Ctrl-C stops it" not in seen:
        seen += os.read(terminal, 4096)
    server = int((checkout.cluster / "data/postmaster.pid").read_text().splitlines()[0])
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 129
    assert gone(server) and not listens(port)
    for name in ("chat", "rest", "media"):
        assert "ends while the database says onefin_app" in (checkout.state / f"logs/{name}.log").read_text()


def test_a_dead_child_ends_all_with_its_reason(checkout, port):
    run = checkout.run("--port", str(port))
    run.until("http://")
    pid = int(run.until(r"RestAPI listens on \S+ as (\d+)")[1])
    pids = children(run)
    os.kill(pid, signal.SIGKILL)
    assert run.process.wait(60) == 1
    run.until(r"rest has ended \(status 137\): RestAPI listens on")
    assert all(map(gone, pids)) and not listens(port)


@pytest.mark.parametrize("program, name", [("RestAPI", "rest"), ("ChatServer", "chat"), ("MediaWorker", "media")])
def test_a_child_that_dies_while_others_start_is_noticed(checkout, port, program, name):
    run = checkout.run("--port", str(port))
    os.kill(int(run.until(rf"{program} .* as (\d+)")[1]), signal.SIGKILL)
    assert run.process.wait(60) == 1
    run.until(rf"{name} has ended \(status 137\)")


def test_a_child_that_ends_without_a_word_is_named(checkout, port):
    run = checkout.run("--port", str(port), FAKE_SILENT="ChatServer")
    assert run.process.wait(60) == 1
    run.until(r"^onefin: chat has ended \(status 0\): it said nothing$")
    assert "unforeseen" not in run.text and not listens(port)


def test_a_killed_front_door_takes_its_children_along_and_the_next_run_works(checkout, port):
    run = checkout.run("--port", str(port))
    run.until("http://")
    pids = children(run)
    run.stop(signal.SIGKILL)
    until(lambda: all(map(gone, pids)))
    again = checkout.run("--port", str(port))
    again.until("http://")
    assert checkout.accounts() == "admin:demo"
    assert again.stop() == 130


def test_the_sign_ins_are_shown_even_if_the_run_that_made_them_was_killed(checkout, port):
    killed = checkout.run("--port", str(port), FAKE_KILLED="1")
    assert killed.process.wait(60) == -signal.SIGKILL
    again = checkout.run("--port", str(port))
    again.until("http://")
    again.until("admin  everything")
    again.stop()
    assert "making" not in again.text


def test_empty_reads_the_first_administrator_from_its_input(checkout, port):
    run = checkout.run("--empty", "--port", str(port), answers="boss\nKarim Karimov\nlong enough 1\nlong enough 1\n")
    run.until("http://")
    assert checkout.accounts() == "boss:long enough 1"
    assert "everything" not in run.text
    run.stop()


@pytest.mark.parametrize(
    "answers, reason",
    [
        ("boss\nKarim\nlong enough 1\nlong enough 2\n", "the two passwords differ"),
        ("boss\nKarim\nshort\nshort\n", "a password has at least 10 characters"),
        ("boss\n", "needs a login, a name, and a password twice"),
    ],
)
def test_empty_says_what_is_wrong_with_the_answers(checkout, port, answers, reason):
    result = checkout.call("run", "--empty", "--port", str(port), answers=answers)
    assert result.returncode == 1
    assert reason in result.stdout
    assert not listens(port)


def test_empty_asks_at_a_terminal_hides_passwords_and_ctrl_c_stops(checkout, port):
    pid, terminal = pty.fork()
    if pid == 0:
        # Whoever starts the tests in the background hands down that Ctrl-C is ignored, and a shell keeps to that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execve(str(checkout.folder / "onefin"), ["onefin", "run", "--empty", "--port", str(port)], checkout.environment)
    seen = b""

    def until(word: bytes) -> None:
        nonlocal seen
        start = len(seen)
        while word not in seen[start:]:
            assert select.select([terminal], [], [], 120)[0], f"in vain: {word.decode()}, after {seen.decode(errors='replace')}"
            seen += os.read(terminal, 4096)

    for prompt, answer in [
        (b"Login: ", b"boss"), (b"Name: ", b"Karim"), (b"10 characters): ", b"long enough 1"), (b"again: ", b"mistyped 12"),
        (b"Login: ", b"boss"), (b"Name: ", b"Karim"), (b"10 characters): ", b"long enough 1"), (b"again: ", b"long enough 1"),
    ]:  # fmt: skip
        until(prompt)
        os.write(terminal, answer + b"\n")
    until(b"Ctrl-C stops it")
    assert b"the two passwords differ" in seen
    assert b"long enough 1" not in seen and b"mistyped" not in seen
    os.write(terminal, b"\x03")
    until(b"stopped")
    assert b"ends while the database says onefin_app" in seen
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    assert not listens(port)


def test_a_checkout_that_the_database_user_cannot_enter(checkout, port):
    checkout.folder.chmod(0o700)
    run = checkout.run("--port", str(port))
    run.until("http://")
    assert checkout.accounts() == "admin:demo"
    cluster = str(checkout.cluster)
    assert cluster.startswith("/var/lib/onefin/" if os.geteuid() == 0 else str(checkout.state))
    run.stop()
    assert checkout.call("reset", answers="yes\n").returncode == 0
    assert not os.path.exists(cluster)


def test_the_database_has_no_tcp_and_lets_no_stranger_in(checkout, port):
    run = checkout.run("--port", str(port))
    run.until("http://")
    cluster = str(checkout.cluster)
    assert "listen_addresses=" in open(f"{cluster}/data/postmaster.opts").read()
    assert open(f"{cluster}/data/pg_hba.conf").read() == "local all all peer map=onefin\n"
    if os.geteuid() == 0:
        answer = subprocess.run(
            ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "psql", f"host={cluster}/socket dbname=onefin user=onefin_app"],
            capture_output=True, text=True, cwd="/",
        )  # fmt: skip
        assert answer.returncode != 0 and "Peer authentication failed" in answer.stderr
    run.stop()


def test_reset_deletes_after_a_yes_only(checkout, port):
    run = checkout.run("--port", str(port))
    run.until("http://")
    busy = checkout.call("reset", answers="yes\n")
    assert busy.returncode == 1 and "already running" in busy.stdout
    run.stop()
    cluster = str(checkout.cluster)
    kept = checkout.call("reset", answers="no\n")
    assert kept.returncode == 1 and "nothing was deleted" in kept.stdout
    assert os.path.exists(cluster)
    assert checkout.call("reset", answers="yes\n").returncode == 0
    assert not os.path.exists(cluster)
    assert "no database" in checkout.call("reset").stdout
