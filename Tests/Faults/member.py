"""A client that behaves as the page does (web/src/shared/net/connection.ts, web/src/chat): it reconnects by itself, resumes each topic from its
last row, sends what waits under the same key until there is an answer that counts, and keeps a record of all that it was told."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

#: A page's first and longest pause between attempts, and how long an attempt may take, in seconds (connection.ts).
FIRST, LONGEST, PATIENCE = 0.5, 20, 10
#: Silence after which a page asks for a sign of life, and how long it waits for that.
SILENCE, ANSWER = 20, 8


class Lost(Exception):
    """The connection went before the answer came."""


@dataclass
class Log:
    """What a client knows of a topic: its rows' hashes by seq, and how far it has come."""

    epoch: str | None = None
    head: int = 0
    #: How far it was when this connection opened it; what came later was pushed.
    opened: int = 0
    rows: dict[int, str] = field(default_factory=dict)
    #: Whether this connection pushes it.
    isLive: bool = False


@dataclass
class Acked:
    """An `ok` that a client was given."""

    account: int
    topic: int
    seq: int
    hash: str
    key: str
    body: str
    #: How often it was asked before the answer came.
    tries: int


class Member:
    """One connection of one person."""

    def __init__(self, name: str, port: int, account: int, token: str, topics: list[int], rng: random.Random, crowd=None):
        self.name, self.port, self.account, self.token, self.rng = name, port, account, token, rng
        self.crowd = crowd
        self.logs = {topic: Log() for topic in topics}
        self.acked: list[Acked] = []
        #: What must not happen, in words.
        self.wrongs: list[str] = []
        self.closings: list[tuple[float, int]] = []
        self.openings: list[float] = []
        #: When it tried to connect, with or without success.
        self.attempts: list[float] = []
        self.refusals: list[dict] = []
        self.typings: list[int] = []
        self.compression = rng.choice([None, "deflate"])
        self.isStopping = False
        self.changed = asyncio.Condition()
        self.connection = None
        self.waiting: dict[int, tuple[asyncio.Future, Callable[[dict], None]]] = {}
        self.next = 0
        self.attempt = 0
        self.mine: dict[int, list[int]] = {topic: [] for topic in topics}

    # The connection

    async def run(self) -> None:
        while not self.isStopping:
            code = await self.connect_once()
            self.connection = None
            self.lose()
            await self.notify()
            if code == 4001:
                return self.wrong("the session ended")
            if code == 1012:
                delay = self.rng.random() * 5
            else:
                attempt = max(self.attempt, 2) if code in (1013, 4029) else self.attempt
                delay = min(LONGEST, FIRST * 2 ** min(attempt, 10)) * (0.5 + self.rng.random() / 2)
            self.attempt += 1
            await self.until(lambda: self.isStopping, delay)

    async def connect_once(self) -> int:
        """From an attempt to its end: the close code."""
        self.attempts.append(time.monotonic())
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            async with connect(
                f"ws://127.0.0.1:{self.port}/ws", subprotocols=["1fin.v1"], additional_headers=headers, open_timeout=PATIENCE,
                close_timeout=2, compression=self.compression, ping_interval=None, max_size=None, proxy=None,
            ) as connection:  # fmt: skip
                self.openings.append(time.monotonic())
                self.connection = connection
                greeting = asyncio.create_task(self.greet())
                try:
                    await self.listen(connection)
                except ConnectionClosed as closed:
                    code = closed.rcvd.code if closed.rcvd else 1006
                    self.closings.append((time.monotonic(), code))
                    return code
                finally:
                    greeting.cancel()
        except InvalidStatus as refused:
            if refused.response.status_code != 503:
                self.wrong(f"refused with {refused.response.status_code}")
        except (OSError, InvalidHandshake, ConnectionClosed, EOFError, asyncio.TimeoutError):
            pass
        return 1006

    async def listen(self, connection) -> None:
        pingAt = 0.0
        while True:
            try:
                async with asyncio.timeout(ANSWER if pingAt else SILENCE):
                    text = await connection.recv()
            except TimeoutError:
                if pingAt:
                    connection.transport.abort()
                    continue
                pingAt = time.monotonic()
                await self.say("ping")
                continue
            pingAt, self.attempt = 0.0, 0
            frame = json.loads(text)
            if "event" in frame:
                self.hear(frame)
            elif waiting := self.waiting.pop(frame["id"], None):
                future, receive = waiting
                # Here and now: whoever awaits it runs only after what comes next has been heard.
                receive(frame)
                if not future.done():
                    future.set_result(frame)

    async def greet(self) -> None:
        try:
            for topic in self.logs:
                await self.subscribe(topic)
        except Lost:
            return
        await self.notify()

    def lose(self) -> None:
        for log in self.logs.values():
            log.isLive = False
        for future, _ in self.waiting.values():
            if not future.done():
                future.set_exception(Lost())
                # Whoever waited may have been cancelled.
                future.exception()
        self.waiting = {}

    async def say(self, do: str, **fields) -> None:
        if self.connection is None:
            raise Lost
        self.next += 1
        try:
            await self.connection.send(json.dumps({"id": self.next, "do": do, **fields}))
        except ConnectionClosed:
            self.connection = None
            raise Lost from None

    async def ask(self, do: str, receive: Callable[[dict], None] = lambda answer: None, isCounted=True, **fields) -> dict:
        """A request's whole answer: `ok` or `error`; `receive` gets it before anything that comes after it. Lost: the connection went first."""
        if self.connection is None:
            raise Lost
        future = asyncio.get_running_loop().create_future()
        # Before it is sent: the answer may be here before `say` returns.
        self.waiting[self.next + 1] = future, receive
        await self.say(do, **fields)
        answer = await future
        if "error" in answer and isCounted:
            self.refusals.append(answer["error"])
            self.crowd and self.crowd.heard()
            if not answer["error"]["temporary"]:
                self.wrong(f"{do} {fields}: {answer}")
        return answer

    async def insist(self, do: str, receive=lambda answer, tries: None, **fields) -> tuple[dict, int]:
        """The same until there is an `ok`, with its pauses (sender.ts), over as many connections as it takes; and how often it was asked."""
        tries, refusals = 0, 0
        while not self.isStopping:
            await self.until(lambda: self.connection is not None or self.isStopping)
            try:
                tries += 1
                answer = await self.ask(do, lambda answer: receive(answer, tries), **fields)
            except Lost:
                continue
            if "ok" in answer:
                return answer["ok"], tries
            if not answer["error"]["temporary"]:
                break
            await self.until(lambda: self.isStopping, min(10, 0.5 * 2**refusals))
            refusals += 1
        raise asyncio.CancelledError

    # What it is told

    async def subscribe(self, topic: int) -> None:
        log, refusals = self.logs[topic], 0
        while True:
            after = {"epoch": log.epoch, "after": log.head} if log.epoch else {}
            answer = await self.ask("subscribe", lambda answer: "ok" in answer and self.adopt(topic, answer["ok"], after), topic=topic, **after)
            if "ok" in answer or not answer["error"]["temporary"] or self.isStopping:
                return
            await self.until(lambda: self.isStopping or self.connection is None, min(10, 0.5 * 2**refusals))
            refusals += 1

    def adopt(self, topic: int, state: dict, after: dict) -> None:
        log = self.logs[topic]
        if log.epoch and state["epoch"] != log.epoch:
            self.wrong(f"topic {topic}: another epoch")
        if state["head"] < log.head:
            self.wrong(f"topic {topic}: it went back from {log.head} to {state['head']}")
        came = [row["seq"] for row in state["entries"]]
        if after and not state.get("reset") and came != list(range(log.head + 1, state["head"] + 1)):
            self.wrong(f"topic {topic}: after {log.head} came {came}, head {state['head']}")
        for row in state["entries"]:
            self.take(topic, row)
        log.epoch, log.head, log.opened, log.isLive = state["epoch"], state["head"], state["head"], True
        if self.crowd:
            self.crowd.heard()

    def hear(self, frame: dict) -> None:
        match frame["event"]:
            case "entry":
                self.follow(frame["topic"], frame["entry"])
            case "lag":
                self.logs[frame["topic"]].isLive = False
                self.crowd and self.crowd.later(self.resume(frame["topic"]))
            case "typing":
                self.typings.append(frame["account"])
                self.crowd and self.crowd.heard()
            case "session" | "observation":
                self.wrong(f"{frame}")
        # While they talk there is no end of news.
        if self.crowd and self.crowd.isQuiet:
            self.crowd.heard()

    def follow(self, topic: int, row: dict) -> None:
        log = self.logs[topic]
        if not log.isLive or row["seq"] != log.head + 1:
            self.wrong(f"topic {topic}: row {row['seq']} came after {log.head}")
        log.head = row["seq"]
        self.take(topic, row)

    def take(self, topic: int, row: dict) -> None:
        known = self.logs[topic].rows.setdefault(row["seq"], row["hash"])
        if known != row["hash"]:
            self.wrong(f"topic {topic}: row {row['seq']} is another one than before")

    async def resume(self, topic: int) -> None:
        try:
            await self.subscribe(topic)
        except Lost:
            return

    # What it does

    async def write(self, topic: int, isQuiet) -> None:
        """Sends and edits in a topic, one thing at a time, until it is told to be quiet; what is under way comes to its end."""
        number = 0
        while not isQuiet():
            number += 1
            body = f"{self.name} {topic} {number} " + "ў" * self.rng.randrange(40)
            key = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
            if self.mine[topic] and self.rng.random() < 0.2:
                fields = {"do": "edit", "message": self.rng.choice(self.mine[topic]), "body": body}
            else:
                fields = {"do": "send", "body": body}
            ok, tries = await self.insist(receive=lambda answer, tries: self.check_order(topic, answer, tries), topic=topic, key=key, **fields)
            if fields["do"] == "send":
                self.mine[topic].append(ok["seq"])
            self.acked.append(Acked(self.account, topic, ok["seq"], ok["hash"], key, body, tries))
            if self.crowd:
                self.crowd.count += 1
                self.crowd.heard()
                # A socket has 50 requests a second.
                await self.until(lambda: self.isStopping, 1 if self.crowd.isCalm else len(self.logs) / 40)

    def check_order(self, topic: int, answer: dict, tries: int) -> None:
        log = self.logs[topic]
        if tries == 1 and "ok" in answer and log.isLive and log.opened < answer["ok"]["seq"] <= log.head:
            self.wrong(f"topic {topic}: row {answer['ok']['seq']} was pushed before it was answered")

    async def fill(self) -> None:
        """Reads whatever lies before what it has seen of each topic, page by page."""
        for topic, log in self.logs.items():
            missing = next((seq for seq in range(1, log.head + 1) if seq not in log.rows), None)
            while missing:
                page, _ = await self.insist("history", topic=topic, after=missing - 1, limit=200)
                for row in page["entries"]:
                    self.take(topic, row)
                missing = next((seq for seq in range(missing, log.head + 1) if seq not in log.rows), None)

    # Waiting

    def wrong(self, what: str) -> None:
        self.wrongs.append(f"{self.name}: {what}")
        if self.crowd:
            self.crowd.wrongs.append(self.wrongs[-1])
            self.crowd.heard()

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition, seconds: float | None = None) -> None:
        """Waits until it is so, or for that long."""
        async with self.changed:
            try:
                await asyncio.wait_for(self.changed.wait_for(condition), seconds)
            except TimeoutError:
                return
