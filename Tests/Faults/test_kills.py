"""kill -9 of ChatServer and of Postgres, at random moments under load: no acked row is lost, none is there twice, everybody resumes unaided."""

import os
import time

from judge import check

ROUNDS = int(os.environ.get("ONEFIN_FAULTS_ROUNDS", "20"))
#: What is killed, and how often in twenty rounds.
FAULTS = {"chat": 8, "postmaster": 3, "postgres": 3, "backend": 4, "both": 2}


def kill(firm, what: str) -> None:
    cluster = firm.cluster
    if what in ("chat", "both"):
        firm.kill()
    match what:
        case "postmaster":
            cluster.kill_postmaster()
        case "postgres" | "both":
            cluster.kill_everything()
        case "backend":
            os.kill(firm.rng.choice(cluster.backends()), 9)


def restart(firm) -> None:
    """What an operator's service manager does."""
    if not firm.cluster.isRunning:
        firm.cluster.start()
    if firm.server.process.poll() is not None:
        firm.start()


def test_nothing_acked_is_lost_and_everybody_comes_back(firm):
    gathering = firm.gather(devices=3)
    gathering.talk()
    faults = [what for what, count in FAULTS.items() for _ in range(count)]
    firm.rng.shuffle(faults)
    for number in range(ROUNDS):
        what = faults[number % len(faults)]
        gathering.isCalm = False
        before = gathering.count + firm.rng.randrange(100, 1_000)
        gathering.until("they talk", lambda: gathering.count >= before)
        kill(firm, what)
        start, count, opened = time.monotonic(), gathering.count, gathering.opened
        restart(firm)
        # Everybody writes again, and everybody who was away is back: then the next blow.
        gathering.until("they talk again", lambda: gathering.count >= count + len(gathering.members))
        gathering.isCalm = True
        if what in ("chat", "both"):
            gathering.until("they come back", lambda: gathering.opened >= opened + len(gathering.members))
        gathering.await_live()
        print(f"round {number + 1}: {what}, all back in {time.monotonic() - start:.2f} s, {gathering.count} acked, {gathering.opened} opened", flush=True)
    gathering.hush()
    logs = check(firm, gathering)
    tries = sum(one.tries > 1 for one in gathering.acked)
    print(f"{sum(map(len, logs.values()))} rows, {len(gathering.members)} connections, {tries} sent more than once")
    assert tries, "no kill met a request that was under way"
