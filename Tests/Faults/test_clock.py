"""Somebody sets the clock of ChatServer's machine by a day, forth and back, while people talk."""

import struct
from datetime import UTC, datetime, timedelta

import pytest

from firm import Firm
from gathering import Gathering
from instance import wait_for
from judge import check

DAY = 86_400


@pytest.fixture
def clock(tmp_path):
    """`clock(seconds)` sets by how much ChatServer's wall clock is off."""
    file = tmp_path / "offset"

    def set_to(seconds: int) -> None:
        with open(file, "r+b" if file.exists() else "wb") as out:
            out.write(struct.pack("=q", seconds))

    set_to(0)
    set_to.file = file
    return set_to


@pytest.fixture
def firm(postgres, rng, clock, shims):
    made = Firm(postgres, rng, environment={"LD_PRELOAD": str(shims / "clock.so"), "FAULT_CLOCK": str(clock.file)})
    yield made
    made.close()


def test_a_day_forth_and_back(firm, clock):
    gathering = firm.gather()
    gathering.talk()
    gathering.until("they talk", lambda: gathering.count >= 300)
    opened = gathering.opened
    for place, offset in enumerate((DAY, -DAY, 0, -DAY, DAY)):
        clock(offset)
        count = gathering.count
        gathering.until(f"they talk with a clock that is off by {offset} s", lambda: gathering.count >= count + 400)
        # Newcomers are let in, see everything and are heard.
        newcomers = Gathering(firm.port, firm.seats[:3], firm.rng)
        firm.gatherings.append(newcomers)
        newcomers.await_live()
        # Another topic each time: nobody's typing in a topic goes out more than once in 3 s.
        member = newcomers.members[0]
        topic = list(member.logs)[place]
        other = next(one for one in gathering.members if topic in one.logs and one.account != member.account)
        heard = len(other.typings)
        newcomers.call(member.say("typing", topic=topic, on=True))
        gathering.until("typing is heard", lambda: len(other.typings) > heard)
        newcomers.close()
    clock(0)
    assert gathering.opened == opened, "somebody lost their socket"
    gathering.hush()
    assert not any(member.refusals for member in gathering.members)
    logs = check(firm, gathering)
    # The clock of that machine is what rows tell: it did jump, and the order is by number alone.
    times = sorted(row.at for log in logs.values() for row in log)
    first, last = (datetime.fromtimestamp(at / 1e6, UTC) for at in (times[0], times[-1]))
    assert last - first > timedelta(days=1.9)
    print(f"{len(times)} rows between {first} and {last}")


def test_typing_ends_in_time(firm, clock):
    """Six seconds are six seconds, whatever the clock on the wall says."""
    gathering = firm.gather()
    member = gathering.members[0]
    topic = next(iter(member.logs))
    other = next(one for one in gathering.members if topic in one.logs and one.account != member.account)
    gathering.call(member.say("typing", topic=topic, on=True))
    gathering.until("typing is heard", lambda: len(other.typings) == 1)
    clock(-DAY)
    newcomer = Gathering(firm.port, [firm.seats[1]], firm.rng)
    firm.gatherings.append(newcomer)
    newcomer.await_live()
    answer = newcomer.call(newcomer.members[0].ask("subscribe", topic=topic))
    assert answer["ok"]["typing"] == [member.account]

    def is_over() -> bool:
        return newcomer.call(newcomer.members[0].ask("subscribe", topic=topic))["ok"]["typing"] == []

    wait_for("typing is forgotten", is_over, 10)
