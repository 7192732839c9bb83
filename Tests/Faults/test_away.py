"""Postgres is away for half a minute: frozen, so that nobody says so, or shut down. Whoever asks is told at once that it is temporary; sockets stay
open; when it is back everything goes on without help."""

import os
import time

from judge import check
from prober import KINDS, Prober

#: How long it is frozen, in seconds.
FROZEN = float(os.environ.get("ONEFIN_FAULTS_AWAY", "30"))
#: How long a silent Postgres is waited for (docs/protocol.md), and then how long an answer may take. Generous: other tests share the machine.
PATIENCE, AT_ONCE = 7, 2


def away(firm, leave, come_back, seconds: float, patience: float) -> None:
    gathering = firm.gather()
    gathering.talk()
    gathering.until("they talk", lambda: gathering.count >= 300)
    opened = gathering.opened
    prober = Prober(gathering, gathering.members[0])
    try:
        left = time.monotonic()
        leave()
        # Requests go on and answers come for all that time.
        gathering.until("the time has passed", lambda: time.monotonic() >= left + seconds, seconds + 30)
        count, back = gathering.count, time.monotonic()
        come_back()
        for do in KINDS:
            gathering.until(f"{do} works again", lambda: any(one.do == do and one.isServed and one.askedAt > back for one in prober.answers))
            print(f"{do} worked {time.monotonic() - back:.2f} s after it came back")
        # Their own pauses have grown to 10 s by now, as a page's do.
        gathering.until("they talk again", lambda: gathering.count >= count + 300)
        print(f"away for {back - left:.1f} s; 300 more acked {time.monotonic() - back:.2f} s after it came back")
    finally:
        prober.stop()
    gathering.hush()
    during = [one for one in prober.answers if left < one.askedAt < back - AT_ONCE]
    for do in KINDS:
        mine = [one for one in during if one.do == do]
        first, later = [one.took for one in mine if one.askedAt < left + patience], [one.took for one in mine if one.askedAt >= left + patience]
        print(f"{do}: {len(mine)} answered while it was away, the first ones in {max(first, default=0):.2f} s, later ones in {max(later):.3f} s")
        assert all(one.isTemporary for one in mine if one.askedAt >= left + patience), [one for one in mine if not one.isTemporary]
        assert max(first, default=0) <= patience + AT_ONCE and max(later) <= AT_ONCE
    assert prober.unanswered == 0
    assert gathering.opened == opened, "sockets did not stay open"
    check(firm, gathering)


def test_frozen(firm):
    away(firm, firm.cluster.freeze, firm.cluster.thaw, FROZEN, PATIENCE)


def test_shut_down(firm):
    away(firm, firm.cluster.stop, firm.cluster.start, FROZEN / 6, 1)
