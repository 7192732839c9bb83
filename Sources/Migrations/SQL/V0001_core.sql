-- People, organisations, sessions, and the topic log. docs/data-model.md explains every table.
-- Two roles: onefin_owner owns everything and migrates; onefin_app is what the servers sign in as. The app owns nothing.

CREATE TABLE department (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text NOT NULL CHECK (name <> '' AND length(name) <= 200),
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz                          -- out of use; its name is free again
);
CREATE UNIQUE INDEX department_name_key ON department (name) WHERE retired_at IS NULL;

CREATE TABLE organisation (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL UNIQUE CHECK (name <> '' AND length(name) <= 200),
  stir          text UNIQUE CHECK (stir ~ '^[0-9]{9}$'),
  department_id bigint NOT NULL REFERENCES department,
  created_at    timestamptz NOT NULL DEFAULT now(),
  closed_at     timestamptz
);
CREATE INDEX organisation_department ON organisation (department_id);

CREATE TABLE account (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  login               text NOT NULL UNIQUE CHECK (login = lower(login) AND login ~ '^[a-z0-9][a-z0-9._@+-]{1,99}$'),
  name                text NOT NULL CHECK (name <> '' AND length(name) <= 200),
  language            text NOT NULL DEFAULT 'uz' CHECK (language IN ('uz', 'ru', 'en')),
  password_hash       text NOT NULL,
  password_changed_at timestamptz NOT NULL DEFAULT now(),
  created_at          timestamptz NOT NULL DEFAULT now(),
  disabled_at         timestamptz
);

-- A person has one account and any number of memberships. Firm roles stand without an organisation.
CREATE TABLE membership (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id      bigint NOT NULL REFERENCES account,
  role            text NOT NULL CHECK (role IN ('admin', 'supervisor', 'accountant',
                    'client', 'warehouse', 'production', 'sales', 'agent', 'driver')),
  organisation_id bigint REFERENCES organisation,
  department_id   bigint REFERENCES department,
  created_at      timestamptz NOT NULL DEFAULT now(),
  ended_at        timestamptz,
  CHECK ((role IN ('admin', 'supervisor', 'accountant')) = (organisation_id IS NULL)),
  CHECK ((role IN ('supervisor', 'accountant')) = (department_id IS NOT NULL))
);
CREATE UNIQUE INDEX membership_once ON membership
  (account_id, role, coalesce(organisation_id, 0), coalesce(department_id, 0)) WHERE ended_at IS NULL;
-- Also those that are over: who wrote in a topic keeps the role that was theirs.
CREATE INDEX membership_account ON membership (account_id);
CREATE INDEX membership_organisation ON membership (organisation_id) WHERE ended_at IS NULL;

-- Kinds of topics: 1 bank, 2 dogovor, 3 faktura, 4 dovernost, 5 ttn.
CREATE TABLE assignment (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id      bigint NOT NULL REFERENCES account,
  organisation_id bigint NOT NULL REFERENCES organisation,
  topics          smallint[] NOT NULL CHECK (cardinality(topics) BETWEEN 1 AND 5 AND topics <@ ARRAY[1, 2, 3, 4, 5]::smallint[]),
  starts_on       date NOT NULL,
  ends_on         date CHECK (ends_on >= starts_on),
  joined          boolean NOT NULL DEFAULT false,     -- somebody who oversees the topic joined by it: it ends with the role that allows that
  created_by      bigint NOT NULL REFERENCES account,
  created_at      timestamptz NOT NULL DEFAULT now(),
  ended_at        timestamptz
);
CREATE INDEX assignment_organisation ON assignment (organisation_id) WHERE ended_at IS NULL;
CREATE INDEX assignment_account ON assignment (account_id) WHERE ended_at IS NULL;

CREATE TABLE session (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id   bigint NOT NULL REFERENCES account,
  token_hash   bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32), -- SHA-256 of the 256-bit token; the token is never stored
  kind         text NOT NULL CHECK (kind IN ('browser', 'app')),
  device       text NOT NULL DEFAULT '',
  address      text NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  end_reason   text
);
CREATE INDEX session_account ON session (account_id) WHERE ended_at IS NULL;

-- Devices on which an account signed in before: they have a throttle of their own, so strangers cannot lock their owner out.
CREATE TABLE known_device (
  account_id   bigint NOT NULL REFERENCES account,
  token_hash   bytea NOT NULL CHECK (length(token_hash) = 32), -- SHA-256 of the device cookie
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, token_hash)
);

-- New after each restore: a client that comes with another epoch starts over.
CREATE TABLE chat_epoch (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  epoch  uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO chat_epoch DEFAULT VALUES;

-- The head of each log, and what can be read off it without reading the log. Its row lock orders the log.
CREATE TABLE topic (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id bigint NOT NULL REFERENCES organisation,
  kind            smallint NOT NULL CHECK (kind BETWEEN 1 AND 5),
  head            bigint NOT NULL DEFAULT 0,
  head_hash       bytea,                          -- NULL while the log is empty
  access          bigint NOT NULL DEFAULT 0,      -- raised under the row lock by every revocation
  case_number     integer NOT NULL DEFAULT 0,     -- the newest case; 0 before the first message
  case_open       boolean NOT NULL DEFAULT false,
  last_at         timestamptz,
  waiting_since   timestamptz,                    -- the first client message that nobody answered yet
  UNIQUE (organisation_id, kind)
);

-- The log and the tables beside it carry no foreign keys: their rows are written by one function only (Storage/TopicLog), under the
-- topic's row lock and from rows it has just read, and a key check per row would cost more than the insert. `onefin audit` checks them.
-- Kinds: 1 message, 2 edit, 3 delete, 4 redact, 5 react, 6 pin, 7 close, 8 reopen, 9 rate, 10 document state.
CREATE TABLE topic_entry (
  topic_id    bigint NOT NULL,
  seq         bigint NOT NULL CHECK (seq > 0),
  kind        smallint NOT NULL CHECK (kind BETWEEN 1 AND 10),
  at          timestamptz NOT NULL,
  author_id   bigint,                             -- NULL: the system (a silent close)
  staff       boolean NOT NULL,                   -- which side the author wrote from
  case_number integer NOT NULL,
  message     bigint NOT NULL DEFAULT 0,          -- seq of the message that this row is about (its own for kind 1); 0 none
  version     integer NOT NULL DEFAULT 0,         -- 1 for the message, +1 for each edit, delete, redaction
  reply       bigint NOT NULL DEFAULT 0,
  holding     boolean NOT NULL DEFAULT false,
  stars       smallint NOT NULL DEFAULT 0 CHECK (stars BETWEEN 0 AND 5),
  meta        text NOT NULL DEFAULT '',           -- what later kinds need, canonical JSON, part of the hash
  body_hash   bytea CHECK (length(body_hash) = 32), -- SHA-256(salt || body); NULL: no body
  prev_hash   bytea NOT NULL CHECK (length(prev_hash) = 32),
  hash        bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (topic_id, seq),
  CHECK ((version = 1) = (kind = 1) AND (kind <> 1 OR message = seq))
);
-- Later versions of a message, and that none is given twice. The first one is the message itself, which the primary key finds.
CREATE UNIQUE INDEX topic_entry_version ON topic_entry (topic_id, message, version) WHERE version > 1;
-- What hides a message: the few rows of its versions that every page, list and edit asks for.
CREATE INDEX topic_entry_gone ON topic_entry (topic_id, message) INCLUDE (kind, staff) WHERE kind IN (3, 4);
-- Unread counts and last lines.
CREATE INDEX topic_entry_message ON topic_entry (topic_id, seq) INCLUDE (author_id) WHERE kind = 1;

-- Bodies stand apart, so that an erasure that the law demands leaves the chain whole.
CREATE TABLE topic_body (
  topic_id bigint NOT NULL,
  seq      bigint NOT NULL,
  salt     bytea NOT NULL CHECK (length(salt) = 16),
  body     text NOT NULL,
  PRIMARY KEY (topic_id, seq)
);

CREATE TABLE topic_case (
  topic_id   bigint NOT NULL REFERENCES topic,
  number     integer NOT NULL CHECK (number > 0),
  opened_seq bigint NOT NULL,
  opened_at  timestamptz NOT NULL,
  closed_seq bigint,
  closed_at  timestamptz,
  closed_by  bigint REFERENCES account,
  rated_seq  bigint,
  rated_at   timestamptz,
  rated_by   bigint REFERENCES account,
  stars      smallint CHECK (stars BETWEEN 1 AND 5),
  PRIMARY KEY (topic_id, number)
);

-- (author, key) is unique for ever: the same request again is answered from here.
CREATE TABLE send_key (
  author_id    bigint NOT NULL,
  key          uuid NOT NULL,
  topic_id     bigint NOT NULL,
  seq          bigint NOT NULL,
  request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
  PRIMARY KEY (author_id, key)
);

CREATE TABLE read_mark (
  topic_id   bigint NOT NULL,
  account_id bigint NOT NULL,
  seq        bigint NOT NULL,
  at         timestamptz NOT NULL,
  PRIMARY KEY (topic_id, account_id)
);
CREATE TABLE read_advance (
  topic_id   bigint NOT NULL,
  account_id bigint NOT NULL,
  from_seq   bigint NOT NULL,
  to_seq     bigint NOT NULL CHECK (to_seq > from_seq),
  at         timestamptz NOT NULL,
  PRIMARY KEY (topic_id, account_id, to_seq)
);

-- Ghosts: who watched what, why, from when to when, which range. Written before anything is shown.
CREATE TABLE observation (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  session_id bigint NOT NULL REFERENCES session,
  topic_id   bigint NOT NULL REFERENCES topic,
  reason     text NOT NULL CHECK (length(btrim(reason)) BETWEEN 3 AND 500),
  started_at timestamptz NOT NULL DEFAULT now(),
  ends_at    timestamptz NOT NULL,
  ended_at   timestamptz,
  from_seq   bigint,   -- the lowest and highest row that was shown; NULL: none
  to_seq     bigint
);
CREATE INDEX observation_open ON observation (account_id, topic_id) WHERE ended_at IS NULL;

CREATE TABLE action_log (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at              timestamptz NOT NULL DEFAULT clock_timestamp(),
  account_id      bigint REFERENCES account,
  session_id      bigint,
  organisation_id bigint REFERENCES organisation,
  action          text NOT NULL,
  address         text NOT NULL DEFAULT '',
  detail          jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX action_log_account ON action_log (account_id, id);

-- News for other processes, read by id below pg_snapshot_xmin(pg_current_snapshot()); NOTIFY is only the wake-up.
CREATE TABLE outbox (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at      timestamptz NOT NULL DEFAULT now(),
  channel text NOT NULL,
  payload jsonb NOT NULL
);

CREATE INDEX outbox_xid ON outbox (xid);

-- Who takes part in a topic, today, and from which side.
CREATE VIEW topic_participant AS
  SELECT t.id AS topic_id, m.account_id, false AS staff
    FROM topic t
    JOIN membership m ON m.organisation_id = t.organisation_id AND m.role = 'client' AND m.ended_at IS NULL
    JOIN account a ON a.id = m.account_id AND a.disabled_at IS NULL
  UNION
  SELECT t.id, s.account_id, true
    FROM topic t
    JOIN assignment s ON s.organisation_id = t.organisation_id AND t.kind = ANY (s.topics) AND s.ended_at IS NULL
     AND (now() AT TIME ZONE 'Asia/Tashkent')::date BETWEEN s.starts_on AND coalesce(s.ends_on, 'infinity')
    JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
   WHERE EXISTS (SELECT FROM membership m WHERE m.account_id = s.account_id AND m.organisation_id IS NULL AND m.ended_at IS NULL);

-- Who may watch a topic inside an observation: the admin all, a supervisor those of the own department.
CREATE VIEW topic_observer AS
  SELECT t.id AS topic_id, m.account_id
    FROM topic t
    JOIN organisation o ON o.id = t.organisation_id
    JOIN membership m ON m.ended_at IS NULL
     AND (m.role = 'admin' OR (m.role = 'supervisor' AND m.department_id = o.department_id))
    JOIN account a ON a.id = m.account_id AND a.disabled_at IS NULL
   GROUP BY t.id, m.account_id;

-- Append-only means append-only: also for the owner, also TRUNCATE.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['topic_entry', 'topic_body', 'send_key', 'read_advance', 'action_log'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
  END LOOP;
END $$;

-- A mark never goes back, and neither it nor a case ever goes. The conditions are checked without a call.
CREATE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a row of % neither shrinks nor goes', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER grows BEFORE UPDATE ON read_mark FOR EACH ROW
  WHEN (NEW.seq < OLD.seq OR NEW.topic_id <> OLD.topic_id OR NEW.account_id <> OLD.account_id) EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays BEFORE DELETE ON read_mark FOR EACH ROW EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays_truncate BEFORE TRUNCATE ON read_mark FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays BEFORE DELETE ON topic_case FOR EACH ROW EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays_truncate BEFORE TRUNCATE ON topic_case FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();

-- An observation is never removed; until its end is set, once, its range only grows.
CREATE FUNCTION observation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE'
     OR (NEW.id, NEW.account_id, NEW.session_id, NEW.topic_id, NEW.reason, NEW.started_at, NEW.ends_at)
        IS DISTINCT FROM (OLD.id, OLD.account_id, OLD.session_id, OLD.topic_id, OLD.reason, OLD.started_at, OLD.ends_at)
     OR OLD.ended_at IS NOT NULL
     OR NEW.from_seq > OLD.from_seq OR (OLD.from_seq IS NOT NULL AND NEW.from_seq IS NULL)
     OR NEW.to_seq < OLD.to_seq OR (OLD.to_seq IS NOT NULL AND NEW.to_seq IS NULL) THEN
    RAISE EXCEPTION 'an observation only ends and grows' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON observation FOR EACH ROW EXECUTE FUNCTION observation_guard();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON observation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT ON ALL TABLES IN SCHEMA public TO onefin_app;
GRANT INSERT ON department, organisation, account, membership, assignment, session, topic, topic_entry, topic_body, topic_case,
  send_key, read_mark, read_advance, observation, action_log, outbox TO onefin_app;
GRANT UPDATE ON department, organisation, account, membership, assignment, session, topic, topic_case, read_mark, observation TO onefin_app;
GRANT INSERT, UPDATE, DELETE ON known_device TO onefin_app;
GRANT DELETE ON outbox TO onefin_app;
