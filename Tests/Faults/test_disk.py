"""A full disk: below Postgres' tables, below its log, and where ChatServer writes its own log. Nothing is acked that isn't stored, whoever asks is told
that it is temporary, and once there is room everything goes on."""

import time

import pytest

from cluster import Cluster
from firm import Firm
from instance import wait_for
from judge import check


@pytest.fixture
def small(shims):
    """A cluster whose disk can be filled: `full()` and `room()`."""
    switch = shims / "disk-is-full"
    made = Cluster({"LD_PRELOAD": str(shims / "disk.so"), "FAULT_DISK_FULL": str(switch)})
    made.full = switch.touch
    made.room = lambda: switch.unlink(missing_ok=True)
    yield made
    made.room()
    made.close()


@pytest.fixture
def firm(small, rng):
    made = Firm(small, rng, organisations=3)
    yield made
    made.close()


def refusals(gathering) -> int:
    return sum(len(member.refusals) for member in gathering.members)


def goes_on(firm, gathering) -> None:
    """With room on the disk everybody's messages are committed again."""
    start, count = time.monotonic(), gathering.count
    gathering.until("they talk again", lambda: gathering.count >= count + 300)
    print(f"300 more acked {time.monotonic() - start:.2f} s after there was room; {refusals(gathering)} refusals")
    gathering.hush()
    check(firm, gathering)


def test_tables_cannot_grow(firm, small):
    gathering = firm.gather()
    gathering.talk()
    gathering.until("they talk", lambda: gathering.count >= 300)
    opened = gathering.opened
    small.full()
    gathering.until("the disk is full", lambda: refusals(gathering) >= 100)
    assert {(refusal["code"], refusal["temporary"]) for member in gathering.members for refusal in member.refusals} == {("unavailable", True)}
    assert "No space left on device" in firm.log.read_text(), "the log says why"
    small.room()
    goes_on(firm, gathering)
    assert gathering.opened == opened, "sockets did not stay open"


def test_the_write_ahead_log_cannot_grow(firm, small):
    """Postgres itself dies of that. Who runs it makes room and starts it again; nobody does anything to ChatServer."""
    gathering = firm.gather()
    gathering.talk()
    gathering.until("they talk", lambda: gathering.count >= 300)
    small.full()
    log = small.log.stat().st_size
    # Past the segments that were made before, which is where a disk fills up at last.
    def has_died() -> bool:
        small.try_sql("SELECT pg_switch_wal()", firm.database)
        return b"PANIC" in small.log.read_bytes()[log:]

    wait_for("Postgres is out of room for its log", has_died)
    gathering.until("all are refused", lambda: refusals(gathering) >= 100)
    small.room()
    if not small.survives():
        small.start()
    goes_on(firm, gathering)


def test_chat_servers_own_log(postgres, rng):
    """ChatServer's log goes to a disk that is full: it can say nothing, and does everything."""
    firm = Firm(postgres, rng, organisations=2)
    try:
        firm.kill()
        firm.start(stderr="/dev/full")
        gathering = firm.gather()
        gathering.talk()
        gathering.until("they talk", lambda: gathering.count >= 300)
        # It has much to say now.
        postgres.kill_everything()
        postgres.start()
        goes_on(firm, gathering)
        firm.terminate()
        assert firm.server.process.wait(15) == 0
    finally:
        firm.close()
