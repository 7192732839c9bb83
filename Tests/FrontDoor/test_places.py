"""Where a checkout lies: odd paths, copies, moves, other users' folders, a small disk, and two side by side."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from door import Checkout, free_port
from test_refusals import refused

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@pytest.fixture
def place(checkout):
    """Gives the checkout under another path: moved there, or copied; what is made is removed at the end."""
    made: list[Checkout] = []

    def place(path: Path, copy: bool = False) -> Checkout:
        if copy:
            subprocess.run(["cp", "-r", str(checkout.folder), str(path)], check=True)
        else:
            checkout.folder.rename(path)
        made.append(checkout.at(path))
        return made[-1]

    yield place
    for other in made:
        other.close()


def brought_up(checkout: Checkout, *words: str) -> str:
    """Runs it, asks who is in the database, and ends it; gives what it said."""
    run = checkout.run("--port", str(free_port()), *words)
    run.until("http://")
    assert checkout.accounts() == "admin:demo"
    assert run.stop() == 130
    return run.text


@pytest.mark.parametrize("name", ["with a space", "Бухгалтерия фирмы", "comma, 'quote' and \"quote\"", "a-long-name-" + "x" * 70, "долго" * 9])
def test_a_path_of_any_kind(checkout, place, name):
    inner = checkout.folder.with_name(checkout.folder.name + "-in")
    inner.mkdir()
    inner.chmod(0o755)
    before = set(Path("/tmp").glob("onefin.*"))
    try:
        brought_up(place(inner / name))
        # A socket folder in /tmp ends with the run that made it.
        assert set(Path("/tmp").glob("onefin.*")) <= before
    finally:
        checkout.at(inner / name).close()
        inner.rmdir()


def test_a_copy_has_a_database_of_its_own(checkout, place):
    brought_up(checkout)
    copy = place(checkout.folder.with_name(checkout.folder.name + "-copy"), copy=True)
    assert "making" not in brought_up(copy)
    assert copy.call("reset", answers="yes\n").returncode == 0
    assert not copy.cluster.exists()
    assert "making" not in brought_up(checkout)


def test_a_copy_made_while_it_ran_is_refused_and_its_reset_stops_nobody_else(checkout, port, place):
    run = checkout.run("--port", str(port))
    run.until("http://")
    copy = place(checkout.folder.with_name(checkout.folder.name + "-copy"), copy=True)
    refused(copy.call("run", "--port", str(free_port())), "was copied from .* before 1fin had stopped there, .*: ./onefin reset deletes the copy.")
    assert copy.call("reset", answers="yes\n").returncode == 0
    assert checkout.accounts() == "admin:demo"
    brought_up(copy)
    assert run.stop() == 130


def test_a_moved_checkout_keeps_its_database(checkout, place):
    brought_up(checkout)
    moved = place(checkout.folder.with_name(checkout.folder.name + "-moved"))
    assert "making" not in brought_up(moved)


def test_a_moved_checkout_builds_without_what_knows_the_old_path(checkout, place):
    cache = Path(".build/x86_64-unknown-linux-gnu/release/ModuleCache")
    (checkout.folder / cache).mkdir(parents=True)
    brought_up(checkout)
    assert (checkout.folder / cache).exists()
    moved = place(checkout.folder.with_name(checkout.folder.name + "-moved"))
    (moved.folder / "Sources/new.swift").write_text("// changed\n")
    brought_up(moved)
    assert moved.builds() == 2 and not (moved.folder / cache).exists()


@root_only
def test_a_database_outside_goes_with_a_move_but_not_with_a_copy(checkout, place):
    checkout.folder.chmod(0o700)
    brought_up(checkout)
    cluster = checkout.cluster
    assert cluster.parent == Path("/var/lib/onefin")
    copy = place(checkout.folder.with_name(checkout.folder.name + "-copy"), copy=True)
    for command in (["run", "--port", str(free_port())], ["reset"]):
        refused(copy.call(*command, answers="yes\n"), rf"the database in {cluster} belongs to {checkout.state}, .*: delete {copy.state}/cluster, .*")
    assert cluster.exists()
    (copy.state / "cluster").unlink()
    assert "making the database" in brought_up(copy)
    assert copy.cluster != cluster
    moved = place(checkout.folder.with_name(checkout.folder.name + "-moved"))
    assert "making" not in brought_up(moved)
    assert moved.cluster == cluster


@root_only
def test_a_database_moves_out_when_postgres_can_no_longer_get_at_it(checkout):
    brought_up(checkout)
    checkout.folder.chmod(0o700)
    said = brought_up(checkout)
    assert "moving the database" in said and "making" not in said
    assert checkout.cluster.parent == Path("/var/lib/onefin")
    assert not (checkout.state / "postgres").exists()


@root_only
@pytest.mark.parametrize("folder", [".onefin", ".build"])
@pytest.mark.parametrize("command", [["run"], ["test"], ["format"], ["reset"]])
def test_another_users_checkout_is_left_alone(checkout, folder, command):
    """Root in a user's checkout, and a user in root's."""
    (checkout.folder / folder).mkdir()
    (checkout.state).mkdir(exist_ok=True)
    owners = ((65534, "nobody", []), (0, "root", ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]))
    for owner, name, wrap in owners:
        os.chown(checkout.folder / folder, owner, -1)
        if folder == ".build":
            os.chown(checkout.state, 0 if owner else 65534, -1)
        result = subprocess.run(
            [*wrap, str(checkout.folder / "onefin"), *command],
            env=checkout.environment, input="yes\n", text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
        )  # fmt: skip
        refused(result, rf"{checkout.folder}/{folder} belongs to {name}, and this is \w+: run ./onefin as {name}, or from a checkout of your own\.")
        assert list((checkout.folder / folder).iterdir()) == [] and list(checkout.state.iterdir()) == []
    os.chown(checkout.state, 0, -1)
    os.chown(checkout.folder / folder, 0, -1)


@pytest.mark.parametrize("small", ["state", "cluster"])
def test_a_small_disk_elsewhere(checkout, port, small):
    path = {"state": checkout.state, "cluster": checkout.state / "postgres"}[small]
    df = checkout.folder / "bin/df"
    df.write_text(f'#!/bin/sh\nfree=9999999\n[ "$3" != "{path}" ] || free=512000\necho Header\necho /dev/x 100 50 $free 50% /\n')
    df.chmod(0o755)
    refused(checkout.call("run", "--port", str(port)), rf"only 500 MB are free on the disk of {path}, and .*")


def test_two_checkouts_side_by_side(checkout, port, place):
    copy = place(checkout.folder.with_name(checkout.folder.name + "-copy"), copy=True)
    first = checkout.run("--port", str(port))
    second = copy.run("--port", str(free_port()))
    for run in (first, second):
        run.until("http://")
    assert first.stop() == 130
    assert copy.accounts() == "admin:demo"
    assert second.stop(signal.SIGTERM) == 143
