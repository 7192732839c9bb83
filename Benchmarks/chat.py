#!/usr/bin/env python3
"""./onefin bench chat: the whole chat under load, beside the same job done with node ws and node pg, in the same run.

Servers share the machine's CPUs with Postgres and the load generator, as on one small machine. What counts is CPU time per message: of the server's
process and of all of Postgres' processes, between two words of the generator.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from cluster import Postgres, fresh_database, main, psql
from crowd import Seeder
from server import Server, load_average, stamp

HERE = Path(__file__).parent


@dataclass
class Case:
    """One kind of work: the generator's mode and words, and what a figure is per."""

    name: str
    crowd: str
    words: list[str]
    per: str


CASES = [
    Case("a message, unloaded", "pairs", ["acked", "-w", "1"], "acked"),
    Case("1,000 topics × 2, 64 in flight", "pairs", ["acked", "-w", "64"], "acked"),
    Case("1,000 topics × 2, 512 in flight", "pairs", ["acked", "-w", "512"], "acked"),
    Case("100 topics × 10, 64 in flight", "tens", ["acked", "-w", "64"], "acked"),
    Case("1 topic × 1,000, 4 in flight", "room", ["acked", "-w", "4"], "delivered"),
    Case("1 topic × 1,000, 100 of them stalled", "room", ["acked", "-w", "4", "-n", "100"], "delivered"),
    Case("2,000 return and fetch 50", "readers", ["fetch"], "returned"),
    Case("10,000 return and resume", "herd", ["resume", "-e", "1000", "-m", "5000"], "returned"),
    Case("5,000 return and resume", "herd", ["resume", "-c", "6000", "-e", "1000", "-m", "5000"], "returned"),
    Case("18,000 idle, 5 topics each", "owners", ["idle", "-d", "3"], "connections"),
    Case("9,000 idle, 5 topics each", "owners", ["idle", "-c", "9000", "-d", "3"], "connections"),
]


def memory_of(pid: int) -> int:
    """What the process alone holds, in bytes."""
    for line in open(f"/proc/{pid}/smaps_rollup"):
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no Private_Dirty")


def measure(load: Path, crowd: Path, server: Server, postgres: Postgres, case: Case, seconds: float) -> dict[str, float]:
    """Runs the generator; its figures, with CPU and memory of what it has used."""
    memory = memory_of(server.pid)
    words = [str(load), *case.words, "-f", str(crowd), "-P", str(server.port)]
    if case.words[0] == "acked":
        words += ["-d", str(seconds)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = {}
    marks: dict[str, tuple[float, float]] = {}
    for line in process.stdout:
        word = line.strip()
        if word in ("start", "measured"):
            marks[word] = (server.cpu_seconds(), postgres.cpu_seconds())
            if word == "measured":
                figures["memory"] = memory_of(server.pid) - memory
        elif "=" in word:
            figures |= {key: float(value) for key, value in (pair.split("=") for pair in word.split())}
    if process.wait():
        raise RuntimeError(f"{server.name}, {case.name}: the generator ended with {process.returncode}")
    count = figures[case.per]
    own, database = (after - before for before, after in zip(marks["start"], marks["measured"]))
    figures |= {"server_us": own / count * 1e6, "postgres_us": database / count * 1e6, "cpu_us": (own + database) / count * 1e6}
    figures["bytes"] = figures["memory"] / count
    return figures


def start(name: str, arguments: argparse.Namespace, database: str) -> Server:
    conninfo = f"host={arguments.socket} dbname={database} user=onefin_app"
    if name == "1fin":
        environment = {"ONEFIN_DATABASE": conninfo, "CHAT_LISTEN": "127.0.0.1:0", "CHAT_UPSTREAM": "", "ONEFIN_LOG_FORMAT": "json"}
        return Server(name, [str(arguments.bin / "ChatServer")], environment=environment, log=arguments.bench / "chat-server.log")
    environment = {"PGHOST": arguments.socket, "PGDATABASE": database, "PGUSER": "onefin_app"}
    command = ["node", "--expose-gc", str(HERE / "peers/chat-node.js"), "batched" if "batched" in name else "single"]
    return Server(name, command, environment=environment, log=arguments.bench / "chat-node.log")


def prepare(arguments: argparse.Namespace, name: str) -> str:
    """A migrated and seeded database for one server, so that none meets the other's rows."""
    database = "bench_" + "".join(letter for letter in name if letter.isalnum())
    fresh_database(arguments, database)
    seeder = Seeder([*psql(arguments), "--dbname", database])
    seeder.crowd(arguments.bench / f"{database}-pairs", 1000, 2)
    seeder.crowd(arguments.bench / f"{database}-readers", 1000, 2, messages=50)
    seeder.crowd(arguments.bench / f"{database}-tens", 100, 10)
    seeder.crowd(arguments.bench / f"{database}-room", 1, 1000)
    seeder.crowd(arguments.bench / f"{database}-herd", 1000, 11)
    seeder.owners(arguments.bench / f"{database}-owners", 18_000)
    seeder.write()
    return database


def run(arguments: argparse.Namespace) -> str:
    postgres = Postgres(arguments.postmaster)
    names = ["1fin", "node, batched inserts", "node, single inserts"][: 1 if arguments.alone else 3]
    databases = {name: prepare(arguments, name) for name in names}
    cases = [case for case in CASES if any(only in case.name for only in arguments.only or [""])]
    rows: dict[tuple[str, str], list[dict[str, float]]] = {}
    for number in range(arguments.rounds):
        for case in cases:
            for name in names:
                crowd = arguments.bench / f"{databases[name]}-{case.crowd}"
                server = start(name, arguments, databases[name])
                try:
                    figures = measure(arguments.bench / "chatload", crowd, server, postgres, case, arguments.seconds)
                finally:
                    server.stop()
                rows.setdefault((case.name, name), []).append(figures)
                print(f"  round {number + 1}: {case.name}: {name}: {figures}", file=sys.stderr)
    return table(cases, names, rows, arguments)


def table(cases: list[Case], names: list[str], rows: dict[tuple[str, str], list[dict[str, float]]], arguments: argparse.Namespace) -> str:
    lines = [
        f"# ./onefin bench chat, {stamp()}",
        "",
        f"{platform.machine()}, Linux {platform.release()}, {os.cpu_count()} CPUs shared by server, Postgres (fsync on) and generator; load {load_average()}; median of {arguments.rounds} rounds.",
        "The generator checks every server alike: a gap, a row twice, a refusal or a lost connection would have ended the bench.",
        "What the peers leave out stands at the head of Benchmarks/peers/chat-node.js.",
        "",
        "| case | server | CPU µs per one | server + Postgres | 1fin ÷ this | per second | answered p50 / p99 | delivered p50 / p99 | other |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for case in cases:
        middle = {
            name: {key: statistics.median(figures[key] for figures in rows[case.name, name]) for key in rows[case.name, name][0]}
            for name in names
            if (case.name, name) in rows
        }
        for name, figures in middle.items():
            lines.append(f"| {case.name} | {name} | {' | '.join(cells(case, figures, middle['1fin']))} |")
    return "\n".join(lines) + "\n"


def cells(case: Case, figures: dict[str, float], ours: dict[str, float]) -> list[str]:
    cpu = [f"**{figures['cpu_us']:.1f}** per {case.per}", f"{figures['server_us']:.1f} + {figures['postgres_us']:.1f}"]
    if case.per == "connections":
        ratio = f"{ours['bytes'] / figures['bytes']:.3f}"
        return ["–", "–", ratio, "–", "–", "–", f"{figures['bytes']:.0f} bytes per connection"]
    ratio = f"{ours['cpu_us'] / figures['cpu_us']:.2f}"
    if case.per == "returned":
        resumed = f", {figures['rows']:,.0f} rows resumed, none missed" if figures["rows"] else ""
        return [*cpu, ratio, "–", "–", "–", f"all back in {figures['secs']:.2f} s{resumed}"]
    answered, delivered = (f"{figures[f'{word}_p50_us'] / 1000:.2f} / {figures[f'{word}_p99_us'] / 1000:.2f} ms" for word in ("ack", "deliver"))
    return [*cpu, ratio, f"{figures['acked_per_s']:,.0f}", answered, delivered, f"{figures['delivered_per_s']:,.0f} deliveries/s"]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, help="how often each server takes its turn (3)")
    parser.add_argument("--seconds", type=float, default=3, help="measured seconds of each run under load (3)")
    parser.add_argument("--only", action="append", metavar="TEXT", help="only cases with this text in their names; may stand more than once")
    parser.add_argument("--alone", action="store_true", help="without the peers")


if __name__ == "__main__":
    main("chat", add_options, run)
