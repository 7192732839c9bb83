"""Many members at once, on a thread of their own, so that tests do things to the servers while they talk."""

import asyncio
import random
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future

from member import Acked, Member


class Gathering:
    """`seats`: whose connection, with which topics: (name, account, token, topics)."""

    def __init__(self, port: int, seats: list[tuple[str, int, str, list[int]]], rng: random.Random):
        self.news = threading.Condition()
        self.isQuiet = True
        #: Whether they take their time between two messages.
        self.isCalm = False
        #: How many requests were acked.
        self.count = 0
        #: What members have seen that must not be.
        self.wrongs: list[str] = []
        self.writers: list[Future] = []
        self.runs: list[Future] = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.members = self.call(self._make(port, seats, rng))
        self.runs = [self.later(member.run()) for member in self.members]

    async def _make(self, port: int, seats: list, rng: random.Random) -> list[Member]:
        return [Member(*seat[:1], port, *seat[1:], random.Random(rng.getrandbits(64)), self) for seat in seats]

    def later(self, work: Coroutine) -> Future:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def call(self, work: Coroutine, seconds: float = 60):
        return self.later(work).result(seconds)

    # News

    def heard(self) -> None:
        """Something has changed for a member; called on the crowd's thread."""
        with self.news:
            self.news.notify_all()

    def until(self, what: str, condition: Callable[[], bool], seconds: float = 120) -> None:
        """Waits for news until it is so; fails after that long, or once a member has seen what must not be."""
        with self.news:
            isSo = self.news.wait_for(lambda: condition() or self.wrongs, seconds)
        assert not self.wrongs, self.wrongs[:20]
        assert isSo, f"in vain: {what}"

    @property
    def acked(self) -> list[Acked]:
        return [acked for member in self.members for acked in member.acked]

    @property
    def opened(self) -> int:
        """How many connections there have been."""
        return sum(len(member.openings) for member in self.members)

    # Work

    def await_live(self, seconds: float = 120) -> None:
        """Until everybody has every topic."""
        self.until("all have their topics", lambda: all(log.isLive for member in self.members for log in member.logs.values()), seconds)

    def talk(self) -> None:
        """Everybody writes in each topic, one thing at a time in each."""
        self.isQuiet = False
        self.writers += [self.later(member.write(topic, lambda: self.isQuiet)) for member in self.members for topic in member.logs]

    def hush(self, seconds: float = 120) -> None:
        """Everybody comes to the end of what they have begun: whatever was sent is acked."""
        self.isQuiet = True
        for writer in self.writers:
            writer.result(seconds)
        self.writers = []

    def settle(self, heads: dict[int, int], seconds: float = 120) -> None:
        """Until everybody has come to these heads by themselves; then what lies before the rows that they have seen is read too."""
        def isThere() -> bool:
            return all(log.isLive and log.head == heads[topic] for member in self.members for topic, log in member.logs.items())

        self.until("everybody has every row", isThere, seconds)
        for filling in [self.later(member.fill()) for member in self.members]:
            filling.result(seconds)

    def close(self) -> None:
        async def leave() -> None:
            for member in self.members:
                member.isStopping = True
                if member.connection:
                    await member.connection.close()
                await member.notify()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        if not self.thread.is_alive():
            return
        self.isQuiet = True
        self.call(leave(), 30)
        for run in [*self.runs, *self.writers]:
            run.cancel()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
