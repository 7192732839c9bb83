"""Holds what clients were told against what is stored. Knows of the log only what docs/protocol.md ("The chain") and docs/data-model.md say."""

import csv
import hashlib
import io
import subprocess
from dataclasses import dataclass

from cluster import Cluster
from firm import Firm
from gathering import Gathering


@dataclass
class Row:
    topic: int
    seq: int
    kind: int
    at: int
    author: int
    staff: bool
    holding: bool
    case: int
    message: int
    version: int
    reply: int
    stars: int
    meta: str
    bodyHash: bytes | None
    prev: bytes
    hash: bytes
    salt: bytes | None
    body: str | None

    def expected_hash(self) -> bytes:
        flags = self.staff * 1 + self.holding * 2 + (self.bodyHash is not None) * 4
        meta = hashlib.sha256(self.meta.encode()).digest() if self.meta else bytes(32)
        parts = [b"1fin.entry.v1", self.prev, *(word(value) for value in (self.topic, self.seq, self.at, self.author))]
        parts += [bytes([self.kind, flags]), *(word(value) for value in (self.case, self.message, self.version, self.reply))]
        parts += [bytes([self.stars]), meta, self.bodyHash or bytes(32)]
        return hashlib.sha256(b"".join(parts)).digest()


def word(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def query(cluster: Cluster, database: str, statement: str) -> list[list[str]]:
    copied = subprocess.run([*cluster.psql(database), "-c", f"COPY ({statement}) TO stdout CSV"], capture_output=True, text=True, check=True)
    return list(csv.reader(io.StringIO(copied.stdout)))


def heads(firm: Firm) -> dict[int, int]:
    return {int(topic): int(head) for topic, head in query(firm.cluster, firm.database, "SELECT id, head FROM topic")}


def stored(firm: Firm) -> dict[int, list[Row]]:
    """The log of every topic as it is stored, in order."""
    rows = query(
        firm.cluster, firm.database,
        """
        SELECT e.topic_id, e.seq, e.kind, (extract(epoch FROM e.at) * 1000000)::bigint, coalesce(e.author_id, 0), e.staff::int, e.holding::int,
               e.case_number, e.message, e.version, e.reply, e.stars, e.meta, encode(e.body_hash, 'hex'), encode(e.prev_hash, 'hex'),
               encode(e.hash, 'hex'), encode(b.salt, 'hex'), b.body
          FROM topic_entry e LEFT JOIN topic_body b USING (topic_id, seq) ORDER BY e.topic_id, e.seq
        """,
    )  # fmt: skip
    logs: dict[int, list[Row]] = {topic: [] for topic in heads(firm)}
    for values in rows:
        topic, seq, kind, at, author, staff, holding, case, message, version, reply, stars = map(int, values[:12])
        meta, bodyHash, prev, own, salt, body = values[12:]
        logs[topic].append(
            Row(
                topic, seq, kind, at, author, bool(staff), bool(holding), case, message, version, reply, stars, meta,
                bytes.fromhex(bodyHash) if bodyHash else None, bytes.fromhex(prev), bytes.fromhex(own),
                bytes.fromhex(salt) if salt else None, body if salt else None,
            )
        )  # fmt: skip
    return logs


def check_chain(firm: Firm, logs: dict[int, list[Row]]) -> None:
    """Numbers without gaps, every link, every body, every head."""
    for topic, head, hash in query(firm.cluster, firm.database, "SELECT id, head, encode(head_hash, 'hex') FROM topic"):
        log = logs[int(topic)]
        assert [row.seq for row in log] == list(range(1, int(head) + 1)), f"topic {topic} has gaps, or another head than {head}"
        before = hashlib.sha256(b"1fin.topic.v1" + word(int(topic))).digest()
        for row in log:
            where = f"topic {topic}, row {row.seq}"
            assert row.prev == before, f"{where} does not name the row before"
            assert row.hash == row.expected_hash(), f"{where} has another hash"
            assert row.salt is not None and row.bodyHash == hashlib.sha256(row.salt + row.body.encode()).digest(), f"{where} has another body"
            before = row.hash
        assert not log or hash == before.hex(), f"topic {topic} has another head"


def check(firm: Firm, gathering: Gathering, isSettled: bool = True) -> dict[int, list[Row]]:
    """Everything that was acked is stored, once; nothing else is; the chain is whole; everybody has seen all of it in the same order."""
    if isSettled:
        gathering.settle(heads(firm))
    logs = stored(firm)
    check_chain(firm, logs)
    keys = query(firm.cluster, firm.database, "SELECT author_id, key, topic_id, seq FROM send_key")
    places = {(int(author), key): (int(topic), int(seq)) for author, key, topic, seq in keys}
    acked = gathering.acked
    for one in acked:
        assert places.get((one.account, one.key)) == (one.topic, one.seq), f"acked, and its key is not where it was said to be: {one}"
        row = logs[one.topic][one.seq - 1]
        assert (row.hash.hex(), row.body, row.author) == (one.hash, one.body, one.account), f"acked, and stored as something else: {one}, {row}"
    count = sum(map(len, logs.values()))
    assert len({(one.topic, one.seq) for one in acked}) == len(acked), "two requests were told the same row"
    assert len({row.body for log in logs.values() for row in log}) == count, "something is stored twice"
    assert count == len(acked), f"{count} rows are stored, {len(acked)} were acked"
    for member in gathering.members:
        for topic, log in member.logs.items():
            seen = [log.rows[seq] for seq in sorted(log.rows)]
            if isSettled:
                assert seen == [row.hash.hex() for row in logs[topic]], f"{member.name} has seen another log of topic {topic}"
    assert not gathering.wrongs, gathering.wrongs[:20]
    return logs
