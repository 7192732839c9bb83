"""People, topics and sessions for ./onefin bench chat, straight into a migrated database, and the load generator's list of them."""

import hashlib
import secrets
import subprocess
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Rows:
    """What COPY takes, a line per row, by table."""

    tables: dict[str, list[str]] = field(default_factory=dict)

    def add(self, table: str, *values: object) -> None:
        self.tables.setdefault(table, []).append("\t".join("\\N" if value is None else str(value) for value in values))


COLUMNS = {
    "department": "id, name",
    "organisation": "id, name, department_id",
    "topic": "id, organisation_id, kind",
    "account": "id, login, name, password_hash",
    "membership": "account_id, role, organisation_id, department_id",
    "assignment": "account_id, organisation_id, topics, starts_on, created_by",
    "session": "id, account_id, token_hash, kind, expires_at",
    "acknowledgement": "account_id, notice, session_id",
}

#: What was said before the bench. The hashes are no chain: nobody verifies it here.
MESSAGES = """
CREATE FUNCTION pg_temp.link(topic bigint, seq bigint) RETURNS bytea LANGUAGE sql AS $$ SELECT sha256(convert_to(topic || '/' || seq, 'UTF8')) $$;
INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, body_hash, prev_hash, hash)
SELECT topic, n, 1, now(), author, false, 1, n, 1, pg_temp.link(n, topic), pg_temp.link(topic, n - 1), pg_temp.link(topic, n)
  FROM written, generate_series(1, count) n ORDER BY n, topic;
INSERT INTO topic_body (topic_id, seq, salt, body)
SELECT topic, n, decode(md5(n::text), 'hex'), n || repeat(' shartnoma faktura dovernost', 4) FROM written, generate_series(1, count) n ORDER BY n, topic;
INSERT INTO topic_case (topic_id, number, opened_seq, opened_at) SELECT topic, 1, 1, now() FROM written;
UPDATE topic SET head = count, head_hash = pg_temp.link(topic, count), case_number = 1, case_open = true, last_at = now(), waiting_since = now()
  FROM written WHERE id = topic;
"""


class Seeder:
    """Numbers everything anew, so that it has to be the first in its database."""

    def __init__(self, psql: list[str]):
        self.psql = psql
        self.rows = Rows()
        self.afterwards: list[str] = []
        self.next = dict.fromkeys(COLUMNS, 0)
        self.department = self.number("department")
        self.rows.add("department", self.department, "Bench")

    def number(self, table: str) -> int:
        self.next[table] += 1
        return self.next[table]

    def person(self) -> tuple[int, str]:
        """An account with a session: its number and its token."""
        account, session = self.number("account"), self.number("session")
        token = secrets.token_bytes(32)
        self.rows.add("account", account, f"bench{account}", f"Bench {account}", "-")
        self.rows.add("session", session, account, "\\\\x" + hashlib.sha256(token).hexdigest(), "app", "2100-01-01")
        self.rows.add("acknowledgement", account, "oversight", session)
        return account, urlsafe_b64encode(token).decode().rstrip("=")

    def organisation(self) -> tuple[int, list[int]]:
        organisation = self.number("organisation")
        self.rows.add("organisation", organisation, f"Bench {organisation}", self.department)
        topics = [self.number("topic") for _ in range(5)]
        for kind, topic in enumerate(topics, 1):
            self.rows.add("topic", topic, organisation, kind)
        return organisation, topics

    def crowd(self, path: Path, topics: int, members: int, messages: int = 0) -> None:
        """`members` people in each topic, half of them clients and half accountants; everybody subscribes to that topic alone. In each topic stand
        `messages` of its first member, so that pages are as long for every server, however fast it writes."""
        lines: list[list[str]] = [[] for _ in range(members)]
        for at in range(topics):
            if at % 5 == 0:
                organisation, numbers = self.organisation()
            kind = at % 5 + 1
            for place in range(members):
                account, token = self.person()
                if place % 2:
                    self.rows.add("membership", account, "accountant", None, self.department)
                    self.rows.add("assignment", account, organisation, f"{{{kind}}}", "2020-01-01", account)
                else:
                    self.rows.add("membership", account, "client", organisation, None)
                lines[place].append(f"{token} {numbers[kind - 1]}")
                if messages and place == 0:
                    self.afterwards.append(f"INSERT INTO written VALUES ({numbers[kind - 1]}, {account}, {messages});")
        # First one of every topic, then the next of every topic: whatever part of the list is taken, all topics have a part in it.
        path.write_text("\n".join(line for group in lines for line in group) + "\n")

    def owners(self, path: Path, people: int) -> None:
        """`people` clients, five in each organisation, each with all its five topics."""
        lines = []
        for at in range(people):
            if at % 5 == 0:
                organisation, numbers = self.organisation()
            account, token = self.person()
            self.rows.add("membership", account, "client", organisation, None)
            lines.append(" ".join([token, *map(str, numbers)]))
        path.write_text("\n".join(lines) + "\n")

    def write(self) -> None:
        script = []
        for table, columns in COLUMNS.items():
            script += [f"COPY {table} ({columns}) FROM stdin;", *self.rows.tables.get(table, []), "\\."]
        if self.afterwards:
            script += ["CREATE TEMPORARY TABLE written (topic bigint, author bigint, count bigint);", *self.afterwards, MESSAGES]
            script += [f"VACUUM ANALYZE {table};" for table in ("topic_entry", "topic_body", "topic_case")]
        # Not the empty tables: Postgres would take them for empty for good, as it never does of itself.
        script += [f"VACUUM ANALYZE {table};" for table in COLUMNS]
        subprocess.run(self.psql, input="\n".join(script), text=True, check=True, stdout=subprocess.DEVNULL)
