#!/usr/bin/env python3
"""./onefin bench figures: how long RestAPI takes to work a month out of the log, by the clock and in processor time.

Two months of the same firm, one with a tenth of the other's messages: costs have to grow in proportion. RestAPI starts anew for each figure, so that
nothing of an earlier one is kept, and the month is asked for as the page asks for it.
"""

import argparse
import hashlib
import json
import os
import platform
import secrets
import statistics
import subprocess
import sys
import time
import urllib.request
from base64 import urlsafe_b64encode

from cluster import Postgres, fresh_database, main, psql
from server import Server, load_average, stamp

#: 250 clients with five topics each, ten clients for an accountant, targets as they are at first. Of every 21 rows of a topic the first 20 are
#: messages, the client's and the accountant's by turns, and the last one closes the case.
FIRM = """
INSERT INTO department (name) VALUES ('Bench');
INSERT INTO account (login, name, password_hash) SELECT 'accountant-' || n, 'Accountant ' || n, '!' FROM generate_series(1, 25) n;
INSERT INTO account (login, name, password_hash) SELECT 'client-' || n, 'Client ' || n, '!' FROM generate_series(1, 250) n;
INSERT INTO account (login, name, password_hash) VALUES ('admin', 'Admin', '!');
INSERT INTO organisation (name, department_id) SELECT 'Organisation ' || n, 1 FROM generate_series(1, 250) n;
INSERT INTO topic (organisation_id, kind) SELECT o.id, k FROM organisation o, generate_series(1, 5) k ORDER BY o.id, k;
INSERT INTO membership (account_id, role, department_id, created_at) SELECT n, 'accountant', 1, '2026-01-01' FROM generate_series(1, 25) n;
INSERT INTO membership (account_id, role, organisation_id, created_at) SELECT 25 + n, 'client', n, '2026-01-01' FROM generate_series(1, 250) n;
INSERT INTO membership (account_id, role) VALUES (276, 'admin');
INSERT INTO assignment (account_id, organisation_id, topics, starts_on, created_by, created_at)
SELECT (n - 1) / 10 + 1, n, '{1,2,3,4,5}', '2026-01-01', 276, '2026-01-01' FROM generate_series(1, 250) n;
"""

#: Rows from `first` to `last` of every topic, spread over the month.
MONTH = """
INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, prev_hash, hash)
SELECT t.id, s, CASE WHEN s % 21 = 0 THEN 7 ELSE 1 END,
       '{month}-01'::timestamptz + ((s - {first}) * 30.0 / ({last} - {first} + 1) + (hashint8(t.id * 1000 + s) % 1000) / 400000.0) * interval '1 day',
       CASE WHEN s % 21 = 0 OR s % 21 % 2 = 0 THEN (t.organisation_id - 1) / 10 + 1 ELSE 25 + t.organisation_id END,
       s % 21 = 0 OR s % 21 % 2 = 0, (s - 1) / 21 + 1, CASE WHEN s % 21 = 0 THEN 0 ELSE s END, CASE WHEN s % 21 = 0 THEN 0 ELSE 1 END,
       sha256(int8send(s)), sha256(int8send(s))
  FROM generate_series({first}, {last}) g (s), topic t ORDER BY g.s, t.id;
INSERT INTO topic_case (topic_id, number, opened_seq, opened_at, closed_seq, closed_at, closed_by)
SELECT a.topic_id, a.case_number, a.seq, a.at, b.seq, b.at, b.author_id
  FROM topic_entry a JOIN topic_entry b ON b.topic_id = a.topic_id AND b.seq = a.seq + 20
 WHERE a.seq % 21 = 1 AND a.seq BETWEEN {first} AND {last};
UPDATE topic SET head = {last};
"""

#: Which rows of a topic lie in which month: 1,250 topics with 84 and 840 rows, 20 of 21 of them messages.
MONTHS = {"2026-09": (1, 84), "2026-10": (85, 924)}


def prepare(arguments: argparse.Namespace) -> str:
    """A migrated and seeded database; the admin's token."""
    fresh_database(arguments, "bench_figures")
    secret = secrets.token_bytes(32)
    digest = hashlib.sha256(secret).hexdigest()
    session = f"""
        INSERT INTO session (account_id, token_hash, kind, expires_at)
        SELECT id, '\\x{digest}', 'app', now() + interval '1 day' FROM account WHERE login = 'admin';
        INSERT INTO acknowledgement (account_id, notice, session_id) SELECT account_id, 'oversight', id FROM session;
        """
    months = "".join(MONTH.format(month=month, first=first, last=last) for month, (first, last) in MONTHS.items())
    script = "SET timezone = 'Asia/Tashkent';" + FIRM + session + months + "VACUUM ANALYZE;"
    subprocess.run([*psql(arguments), "--dbname", "bench_figures"], input=script, text=True, check=True)
    return urlsafe_b64encode(secret).decode().rstrip("=")


def measure(arguments: argparse.Namespace, token: str, month: str) -> dict[str, float]:
    """Asks a RestAPI that has just started for the month once."""
    environment = {
        "ONEFIN_DATABASE": f"host={arguments.socket} dbname=bench_figures user=onefin_app",
        "REST_LISTEN": "127.0.0.1:0", "REST_PROXY_PROTOCOL": "false", "REST_WEB_ROOT": "", "BLOB_STORE": f"folder:{arguments.bench}/blobs",
        "REST_UPLOAD_FOLDER": f"{arguments.bench}/uploads", "REST_UPLOAD_RESERVE": "0", "ONEFIN_LOG_FORMAT": "json",
    }  # fmt: skip
    server = Server("RestAPI", [str(arguments.bin / "RestAPI")], environment=environment, log=arguments.bench / "figures-server.log")
    postgres = Postgres(arguments.postmaster)
    try:
        # Connections are made and statements known before the clock starts.
        ask(server, token, "2026-08")
        before = (server.cpu_seconds(), postgres.cpu_seconds(), time.monotonic())
        answer = ask(server, token, month)
        after = (server.cpu_seconds(), postgres.cpu_seconds(), time.monotonic())
        peak = next(int(line.split()[1]) for line in open(f"/proc/{server.pid}/status") if line.startswith("VmHWM:"))
    finally:
        server.stop()
    own, database, clock = (late - early for early, late in zip(before, after))
    total = answer["total"]
    return {
        "clock": clock, "server": own, "postgres": database, "peak": peak / 1024, "waits": total["hits"] + total["misses"],
        "load": os.getloadavg()[0],
    }  # fmt: skip


def ask(server: Server, token: str, month: str) -> dict:
    address = f"http://127.0.0.1:{server.port}/api/v1/figures?month={month}&by=person"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def run(arguments: argparse.Namespace) -> str:
    token = prepare(arguments)
    rounds: dict[str, list[dict[str, float]]] = {month: [] for month in MONTHS}
    for number in range(arguments.rounds):
        for month, figures in rounds.items():
            figures.append(measure(arguments, token, month))
            print(f"  round {number + 1}: {month}: {figures[-1]}", file=sys.stderr)
    lines = [
        f"# ./onefin bench figures, {stamp()}",
        "",
        f"{platform.machine()}, Linux {platform.release()}, {os.cpu_count()} CPUs; load {load_average()}; {arguments.rounds} rounds.",
        "",
        "| messages of the month | waits | seconds by the clock: median (least to most) | processor: RestAPI + Postgres | most memory, MB | load |",
        "|---|---|---|---|---|---|",
    ]
    for month, figures in rounds.items():
        first, last = MONTHS[month]

        def column(name: str) -> list[float]:
            return sorted(one[name] for one in figures)

        clock, middle = column("clock"), {name: statistics.median(column(name)) for name in figures[0]}
        lines.append(
            f"| {(last - first + 1) // 21 * 20 * 1250:,} | {middle['waits']:,.0f} | **{middle['clock']:.2f}** ({clock[0]:.2f} to {clock[-1]:.2f}) "
            f"| {middle['server']:.2f} + {middle['postgres']:.2f} s | {middle['peak']:.0f} | {column('load')[0]:.1f} to {column('load')[-1]:.1f} |"
        )
    return "\n".join(lines) + "\n"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="how often each month is asked for (5)")


if __name__ == "__main__":
    main("figures", add_options, run)
