"""A firm under test: a database of its own in a cluster, a ChatServer that can be killed and started again, and people with sessions."""

import os
import random
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from cluster import Cluster
from crowd import Seeder
from gathering import Gathering
from instance import BIN, free_port
from server import Server


class Firm:
    """`organisations` of five topics each, with three clients and two accountants who take part in all five."""

    made = 0

    def __init__(self, cluster: Cluster, rng: random.Random, organisations: int = 4, environment: dict[str, str] | None = None):
        Firm.made += 1
        self.cluster, self.rng, self.environment = cluster, rng, environment or {}
        self.database = f"faults_{Firm.made}"
        self.logs = Path(tempfile.mkdtemp(prefix="onefin-faults-logs-"))
        self.port = free_port()
        self.server: Server | None = None
        self.starts = 0
        self.gatherings: list[Gathering] = []
        cluster.sql(f"CREATE DATABASE {self.database} OWNER onefin_owner")
        owner = os.environ | {"ONEFIN_DATABASE": cluster.conninfo(self.database, "onefin_owner")}
        subprocess.run([BIN / "onefin-cli", "migrate"], env=owner, check=True, stdout=subprocess.DEVNULL)
        self.seats = self.seed(organisations)
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def seed(self, organisations: int) -> list[tuple[str, int, str, list[int]]]:
        seeder = Seeder(self.cluster.psql(self.database))
        seats = []
        for _ in range(organisations):
            organisation, topics = seeder.organisation()
            for place in range(5):
                account, token = seeder.person()
                if place < 3:
                    seeder.rows.add("membership", account, "client", organisation, None)
                else:
                    seeder.rows.add("membership", account, "accountant", None, seeder.department)
                    seeder.rows.add("assignment", account, organisation, "{1,2,3,4,5}", "2020-01-01", account)
                seats.append((f"{account}", account, token, topics))
        seeder.write()
        return seats

    def start(self, stderr: str | None = None) -> None:
        """Starts ChatServer and waits until it listens. `stderr`: where its log goes instead, and then it is asked whether it is there."""
        self.starts += 1
        environment = {
            "ONEFIN_DATABASE": self.cluster.conninfo(self.database, "onefin_app"), "ONEFIN_LOG_FORMAT": "json",
            "CHAT_LISTEN": f"127.0.0.1:{self.port}", "CHAT_UPSTREAM": "", "CHAT_LOOPS": "2",
        }  # fmt: skip
        # Ends with the tests, however they end.
        command = ["setpriv", "--pdeathsig", "KILL", str(BIN / "ChatServer")]
        if stderr:
            # A shell in between, since a server is expected to say where it listens.
            command = ["bash", "-c", 'echo "listening on port :$1"; exec "${@:3}" 2>"$2"', "bash", str(self.port), stderr, *command]
        self.server = Server("ChatServer", command, environment=environment | self.environment, log=self.log)

    @property
    def log(self) -> Path:
        """What the ChatServer that runs has said."""
        return self.logs / f"chat-{self.starts}.log"

    def kill(self) -> None:
        """kill -9: no word to anybody."""
        self.server.process.kill()
        self.server.process.wait()

    def terminate(self) -> None:
        self.server.process.send_signal(signal.SIGTERM)

    def gather(self, devices: int = 1) -> Gathering:
        """Everybody comes, with that many devices each, and opens all their topics."""
        seats = [(f"{name}/{device}", *rest) for name, *rest in self.seats for device in range(devices)]
        gathering = Gathering(self.port, seats, self.rng)
        self.gatherings.append(gathering)
        gathering.await_live()
        return gathering

    def resident(self) -> int:
        """Bytes of memory that ChatServer has."""
        status = Path(f"/proc/{self.server.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def close(self) -> None:
        for gathering in self.gatherings:
            gathering.close()
        if self.server and self.server.process.poll() is None:
            self.server.stop()
        shutil.rmtree(self.logs)
