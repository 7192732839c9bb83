"""Asks the server again and again, and writes down what it was answered and when."""

import asyncio
import time
import uuid
from dataclasses import dataclass

from gathering import Gathering
from member import Lost, Member

#: What goes each its own way to Postgres.
KINDS = ("send", "read", "history", "inbox", "subscribe")


@dataclass
class Answer:
    do: str
    askedAt: float
    answeredAt: float
    #: The error's code; None for an `ok`.
    code: str | None
    isTemporary: bool

    @property
    def isServed(self) -> bool:
        """Whether Postgres was asked: the topic that is asked for in vain is one that only it can miss."""
        return self.code in (None, "not_found")

    @property
    def took(self) -> float:
        return self.answeredAt - self.askedAt


class Prober:
    """Some requests a second of every kind that needs Postgres, on a socket of the gathering's. Each waits for nothing but its own answer."""

    def __init__(self, gathering: Gathering, member: Member):
        self.gathering, self.member = gathering, member
        self.topic = next(iter(member.logs))
        self.answers: list[Answer] = []
        self.unanswered = 0
        self.isOver = False
        self.runs = [gathering.later(self.run(do)) for do in KINDS]

    async def run(self, do: str) -> None:
        asks = []
        while not self.isOver:
            asks.append(asyncio.create_task(self.ask(do)))
            await asyncio.sleep(0.4)  # how often it asks, not what it waits for
        await asyncio.gather(*asks)

    async def ask(self, do: str) -> None:
        fields: dict = {"topic": self.topic}
        match do:
            case "read":
                fields |= {"seq": 1}
            case "history":
                fields |= {"before": 10, "limit": 5}
            case "inbox":
                fields = {}
            case "send":
                # In nobody's topic, so that no row comes of it: the answer alone counts.
                fields = {"topic": 1 << 40, "key": str(uuid.uuid4()), "body": "nobody's"}
            case "subscribe":
                fields = {"topic": 1 << 40}
        start = time.monotonic()
        self.unanswered += 1
        try:
            answer = await self.member.ask(do, isCounted=False, **fields)
        except Lost:
            return
        self.unanswered -= 1
        error = answer.get("error", {})
        self.answers.append(Answer(do, start, time.monotonic(), error.get("code"), error.get("temporary", False)))
        self.gathering.heard()

    def stop(self) -> None:
        self.isOver = True
        for run in self.runs:
            run.result(60)
