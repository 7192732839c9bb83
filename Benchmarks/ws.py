#!/usr/bin/env python3
"""./onefin bench ws: the engine beside node ws and the Python websockets library, on the same work in the same run, and beside
a loop in C that parses nothing and shows what the kernel alone costs, in the TLS cases the kernel and OpenSSL.

The server runs on one CPU and the load generator on another. Servers take turns, several rounds, and the median counts: other work on
the machine hits all of them. The table has what a message costs the server's process in CPU time, and ours as a part of the others'.
"""

import argparse
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from server import Server, load_average, stamp

HERE = Path(__file__).parent


@dataclass
class Case:
    """One kind of work: the generator's words, and which of its figures counts."""

    name: str
    words: list[str]
    figure: str = "srv_cpu_us_per_msg"
    unit: str = "CPU µs per message"
    #: Peers that cannot do it.
    without: tuple[str, ...] = ()
    tls: bool = False
    #: The least seconds that it takes.
    seconds: float = 0


CASES = [
    Case("echo, 200 connections, one in flight", ["echo", "-c", "200"]),
    Case("echo, 2,000 connections, one in flight", ["echo", "-c", "2000"]),
    Case("echo, 200 connections, 16 in flight", ["echo", "-c", "200", "-p", "16"]),
    Case("echo, 200 connections, 16 KiB messages", ["echo", "-c", "200", "-s", "16384"], without=("kernel alone",)),
    Case("room of 1,000", ["fan", "-u", "/room", "-c", "1000"], unit="CPU µs per delivery"),
    Case("room of 100", ["fan", "-u", "/room", "-c", "100"], unit="CPU µs per delivery"),
    Case("10,000 idle connections", ["idle", "-u", "/idle", "-c", "10000"], "bytes_per_conn", "bytes of memory per connection", ("kernel alone",)),
    Case("5,000 idle connections", ["idle", "-u", "/idle", "-c", "5000"], "bytes_per_conn", "bytes of memory per connection", ("kernel alone",)),
    Case("TLS: echo, 200 connections, one in flight", ["echo", "-c", "200"], tls=True),
    Case("TLS: echo, 200 connections, 16 in flight", ["echo", "-c", "200", "-p", "16"], tls=True),
    Case("TLS: echo, 200 connections, 16 KiB messages", ["echo", "-c", "200", "-s", "16384"], without=("kernel alone",), tls=True),
    Case("TLS: room of 1,000", ["fan", "-u", "/room", "-c", "1000"], unit="CPU µs per delivery", tls=True),
    # Buffers are given back after 5 to 10 idle seconds.
    Case("TLS: 4,000 idle connections", ["idle", "-u", "/idle", "-c", "4000"], "bytes_per_conn", "bytes of memory per connection", ("kernel alone",), tls=True, seconds=11),
    Case("TLS: 2,000 idle connections", ["idle", "-u", "/idle", "-c", "2000"], "bytes_per_conn", "bytes of memory per connection", ("kernel alone",), tls=True, seconds=11),
]


#: Two loops beside one, on both CPUs, which the generator shares: so the first is work of which it does next to nothing.
SCALING = [
    Case("echo, 32 connections, 64 KiB messages, deflated both ways", ["echo", "-c", "32", "-s", "65536", "-z"]),
    Case("echo, 200 connections, 16 in flight", ["echo", "-c", "200", "-p", "16"]),
]


def measure(load: Path, server: Server, case: Case, seconds: float, pinned: bool = True) -> dict[str, str]:
    """One run of the generator; its figures by name."""
    seconds = max(seconds, case.seconds)
    words = [str(load) + "-tls" * case.tls, *case.words, "-P", str(server.port), "-S", str(server.pid), "-d", str(seconds), "-w", "0.5"]
    words += ["-A", "1"] * pinned
    words += ["-T"] * case.tls
    if "-u" not in words:
        words += ["-u", "/echo"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{server.name}, {case.name}: {done.stderr.strip() or done.stdout.strip()}")
    return dict(pair.split("=", 1) for pair in done.stdout.split())


def run(arguments: argparse.Namespace) -> str:
    load = arguments.bench / "wsload"
    commands = {
        "engine": [str(arguments.engine), "0"],
        "kernel alone": [str(arguments.bench / "floor")],
        "node ws": ["node", str(HERE / "peers/echo-node.js"), "0"],
        "websockets": [sys.executable, str(HERE / "peers/echo-python.py"), "0"],
    }
    pair = [str(arguments.certificate), str(arguments.key)]
    encrypted = {
        "engine": commands["engine"] + ["--tls", *pair],
        "kernel alone": [str(arguments.bench / "floor-tls"), "125", *pair],
        "node ws": commands["node ws"] + pair,
        "websockets": commands["websockets"] + pair,
    }
    cases = [case for case in CASES if arguments.only in case.name]
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for number in range(arguments.rounds):
        for name in commands:
            for case in cases:
                if name in case.without:
                    continue
                # A server of its own for each case: what one left in memory would be missing in the next.
                server = Server(name, (encrypted if case.tls else commands)[name], {0})
                try:
                    figures = measure(load, server, case, arguments.seconds)
                finally:
                    server.stop()
                rows.setdefault((case.name, name), []).append(figures)
                print(f"  round {number + 1}: {name}, {case.name}: {figures[case.figure]}", file=sys.stderr)
    return (table(cases, list(commands), rows, arguments) if cases else "") + scaling(arguments)


def scaling(arguments: argparse.Namespace) -> str:
    """Markdown: what two loops on two CPUs do, as a part of what one does."""
    cases = [case for case in SCALING if arguments.only in f"two loops: {case.name}"]
    rates: dict[tuple[str, int], list[dict[str, str]]] = {}
    for number in range(arguments.rounds):
        for case in cases:
            for loops in (1, 2):
                server = Server("engine", [str(arguments.engine), "0", "--loops", str(loops)], {0, 1})
                try:
                    figures = measure(arguments.bench / "wsload", server, case, arguments.seconds, pinned=False)
                finally:
                    server.stop()
                rates.setdefault((case.name, loops), []).append(figures)
                print(f"  round {number + 1}: {loops} loops, {case.name}: {figures['rate']}/s", file=sys.stderr)
    if not cases:
        return ""
    lines = [
        "",
        "| two loops on two CPUs | one loop | two loops | two ÷ one | the generator's CPU beside two | CPU per message, two ÷ one |",
        "|---|---|---|---|---|---|",
    ]
    for case in cases:
        rate, cost, own = ([statistics.median(float(figures[key]) for figures in rates[case.name, loops]) for loops in (1, 2)]
                           for key in ("rate", "srv_cpu_us_per_msg", "gen_cpu_pct"))  # fmt: skip
        lines.append(f"| {case.name} | {rate[0]:,.0f}/s | {rate[1]:,.0f}/s | **{rate[1] / rate[0]:.2f}** | {own[1]:.0f} % of one CPU | {cost[1] / cost[0]:.2f} |")
    return "\n".join(lines) + "\n"


def table(cases: list[Case], names: list[str], rows: dict[tuple[str, str], list[dict[str, str]]], arguments: argparse.Namespace) -> str:
    """Markdown: one line per case, the median of each server with its spread, and ours as a part of each peer's."""
    lines = [
        f"# ./onefin bench ws, {stamp()}",
        "",
        f"{platform.machine()}, Linux {platform.release()}, load {load_average()}; {arguments.rounds} rounds of {arguments.seconds:g} s; server on CPU 0, generator on CPU 1.",
        "",
        "| case | unit | " + " | ".join(names) + " | " + " | ".join(f"engine ÷ {name}" for name in names[1:]) + " | engine: messages/s, p50, p99 |",
        "|" + "---|" * (2 * len(names) + 2),
    ]
    for case in cases:
        values = {name: [float(figures[case.figure]) for figures in rows.get((case.name, name), [])] for name in names}
        medians = {name: statistics.median(found) for name, found in values.items() if found}
        cells = [f"{medians[name]:.3g} ({min(found):.3g}–{max(found):.3g})" if found else "–" for name, found in values.items()]
        ratios = [f"**{medians['engine'] / medians[name]:.3f}**" if name in medians else "–" for name in names[1:]]
        ours = rows[case.name, "engine"][-1]
        speed = f"{float(ours['rate']):,.0f}/s, {ours['p50_us']} µs, {ours['p99_us']} µs" if "rate" in ours else "–"
        lines.append(f"| {case.name} | {case.unit} | " + " | ".join(cells + ratios) + f" | {speed} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="./onefin bench ws")
    parser.add_argument("--bench", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--engine", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--certificate", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--key", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help="how often each server takes its turn (3)")
    parser.add_argument("--seconds", type=float, default=2, help="measured seconds of each run (2)")
    parser.add_argument("--only", default="", help="only cases with this text in their names")
    arguments = parser.parse_args()
    text = run(arguments)
    print(text)
    (arguments.bench / f"ws-{stamp().replace(':', '').replace(' ', '-')}.md").write_text(text)


if __name__ == "__main__":
    main()
