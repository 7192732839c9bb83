"""What benches on a Postgres of their own have in common: its processes, fresh databases, and the way from words to a dated table."""

import argparse
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from server import stamp

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int, children: bool = False) -> float:
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / TICKS


class Postgres:
    """All processes of a cluster: those that live, and those that have ended, which the postmaster has counted."""

    def __init__(self, postmaster: int):
        self.postmaster = postmaster

    def cpu_seconds(self) -> float:
        total = cpu_of(self.postmaster, children=True)
        for entry in Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split():
            try:
                total += cpu_of(int(entry))
            except FileNotFoundError:
                continue
        return total


def psql(arguments: argparse.Namespace) -> list[str]:
    """psql as the superuser of the bench's cluster; the database comes after it."""
    return [str(arguments.psql), "--host", arguments.socket, "--username", "postgres", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1"]


def fresh_database(arguments: argparse.Namespace, name: str) -> None:
    """A database with all tables and no rows."""
    for statement in (f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} OWNER onefin_owner"):
        subprocess.run([*psql(arguments), "--dbname", "postgres", "--command", statement], check=True)
    owner = {"ONEFIN_DATABASE": f"host={arguments.socket} dbname={name} user=onefin_owner"}
    subprocess.run([arguments.bin / "onefin-cli", "migrate"], env=os.environ | owner, check=True, stdout=subprocess.DEVNULL)


def main(name: str, add_options: Callable[[argparse.ArgumentParser], None], run: Callable[[argparse.Namespace], str]) -> None:
    """Reads the words of `./onefin bench NAME`, runs it, and shows and keeps its table. What tools/postgres.sh says beside them is hidden."""
    parser = argparse.ArgumentParser(prog=f"./onefin bench {name}")
    for hidden in ("bench", "bin", "psql"):
        parser.add_argument(f"--{hidden}", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--socket", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--postmaster", type=int, required=True, help=argparse.SUPPRESS)
    add_options(parser)
    arguments = parser.parse_args()
    text = run(arguments)
    print(text)
    (arguments.bench / f"{name}-{stamp().replace(':', '').replace(' ', '-')}.md").write_text(text)
