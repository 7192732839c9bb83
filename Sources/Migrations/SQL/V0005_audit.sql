-- The action log's chain and its reading, the daily roots, and what verifications found. docs/audit.md explains all of it.

-- Whom an action concerns: what the details call `account`. Derived, so the chain need not cover it.
ALTER TABLE action_log ADD COLUMN subject_id bigint GENERATED ALWAYS AS
  (CASE WHEN detail ->> 'account' ~ '^[0-9]{1,18}$' THEN (detail ->> 'account')::bigint END) STORED;

-- The log is read from the newest row backwards, filtered by any combination of these columns. Each index begins with one of them, goes on in the
-- order of reading, and ends with the others, so that rows that don't fit are passed over inside the index.
DROP INDEX action_log_account;
CREATE INDEX action_log_at ON action_log (at, id);
CREATE INDEX action_log_account ON action_log (account_id, at, id, action, organisation_id, address);
CREATE INDEX action_log_action ON action_log (action, at, id, account_id, organisation_id, address);
CREATE INDEX action_log_organisation ON action_log (organisation_id, at, id, action, account_id, address)
  WHERE organisation_id IS NOT NULL;
CREATE INDEX action_log_address ON action_log (address, at, id, action, account_id, organisation_id);
CREATE INDEX action_log_subject ON action_log (subject_id, at, id, action, account_id, organisation_id, address)
  WHERE subject_id IS NOT NULL;

-- A link of the action log's chain: the place that a row got, and the hash over the row and the link before it. Rows are sealed after their
-- commit, by one process at a time, so that no transaction that writes one waits for another.
CREATE TABLE action_seal (
  seq    bigint PRIMARY KEY CHECK (seq > 0),
  log_id bigint NOT NULL UNIQUE,
  hash   bytea NOT NULL CHECK (length(hash) = 32)
);
-- Rows that wait for it. Written by a trigger in the row's own transaction, so that none is forgotten.
CREATE TABLE action_unsealed (log_id bigint PRIMARY KEY);
-- The newest link. Its row lock says who seals.
CREATE TABLE action_head (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  seq    bigint NOT NULL DEFAULT 0,
  hash   bytea CHECK (length(hash) = 32),             -- NULL while nothing is sealed
  CHECK ((seq = 0) = (hash IS NULL))
);
INSERT INTO action_head DEFAULT VALUES;
INSERT INTO action_unsealed (log_id) SELECT id FROM action_log;

CREATE FUNCTION action_log_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.action_unsealed (log_id) SELECT id FROM written;
  RETURN NULL;
END $$;
CREATE TRIGGER queue AFTER INSERT ON action_log REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION action_log_queue();

-- Only what has a link leaves the queue; the head only goes on.
CREATE FUNCTION action_unsealed_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'DELETE' OR NOT EXISTS (SELECT FROM action_seal s WHERE s.log_id = OLD.log_id) THEN
    RAISE EXCEPTION 'a row of the action log leaves the queue when it is sealed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON action_unsealed FOR EACH ROW EXECUTE FUNCTION action_unsealed_guard();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON action_unsealed FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER grows BEFORE UPDATE ON action_head FOR EACH ROW WHEN (NEW.seq <= OLD.seq) EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays BEFORE DELETE ON action_head FOR EACH ROW EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays_truncate BEFORE TRUNCATE ON action_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();

-- The seal of a day: a Merkle tree over the heads of all topics and of the action log, chained to the seal before. The leaves stand in the order
-- of the topics' ids; the action log's head comes last, as topic 0. The ghosts' ledger has a root of its own: what people get of it is `ghost_seal`,
-- SHA-256(salt ‖ ghost_root), which is another one each day and therefore says nothing about whether anybody watched.
CREATE TABLE daily_root (
  number     bigint PRIMARY KEY CHECK (number > 0),
  day        date NOT NULL UNIQUE,                    -- in Tashkent
  at         timestamptz NOT NULL,
  topics     bigint[] NOT NULL,
  seqs       bigint[] NOT NULL,
  heads      bytea[] NOT NULL,
  tree       bytea NOT NULL CHECK (length(tree) = 32),
  ghost_seq  bigint NOT NULL CHECK (ghost_seq >= 0),
  ghost_head bytea NOT NULL CHECK (length(ghost_head) = 32),
  ghost_root bytea NOT NULL CHECK (length(ghost_root) = 32),
  ghost_salt bytea NOT NULL CHECK (length(ghost_salt) = 16),
  prev       bytea NOT NULL CHECK (length(prev) = 32),
  root       bytea NOT NULL UNIQUE CHECK (length(root) = 32),
  CHECK (cardinality(topics) = cardinality(seqs) AND cardinality(topics) = cardinality(heads) AND cardinality(topics) > 0)
);

-- What a verification of the whole database found.
CREATE TABLE audit_run (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  started_at  timestamptz NOT NULL,                   -- everything up to here was looked at
  finished_at timestamptz NOT NULL,
  day         date,                                   -- of the daily one; NULL: somebody asked for it
  asked_by    bigint REFERENCES account,              -- who did
  topics      bigint NOT NULL,
  entries     bigint NOT NULL,
  actions     bigint NOT NULL,
  roots       bigint NOT NULL,
  months      bigint NOT NULL,                        -- closed ones
  faults      jsonb NOT NULL CHECK (jsonb_typeof(faults) = 'array'),
  fault_count bigint NOT NULL,                        -- all of them; `faults` lists the first hundred
  CHECK (finished_at >= started_at),
  CHECK (day IS NULL OR asked_by IS NULL)
);
CREATE UNIQUE INDEX audit_run_daily ON audit_run (day) WHERE day IS NOT NULL;

-- A ghost's stay is an action, whichever way it begins and ends.
CREATE FUNCTION observation_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO action_log (account_id, session_id, organisation_id, action, address, detail)
  SELECT NEW.account_id, NEW.session_id, t.organisation_id, CASE TG_OP WHEN 'INSERT' THEN 'observation.start' ELSE 'observation.end' END,
         coalesce((SELECT s.address FROM session s WHERE s.id = NEW.session_id), ''),
         jsonb_strip_nulls(jsonb_build_object('observation', NEW.id, 'topic', NEW.topic_id,
           'reason', CASE TG_OP WHEN 'INSERT' THEN NEW.reason END, 'from', NEW.from_seq, 'to', NEW.to_seq))
    FROM topic t WHERE t.id = NEW.topic_id;
  RETURN NULL;
END $$;
CREATE TRIGGER note_start AFTER INSERT ON observation FOR EACH ROW EXECUTE FUNCTION observation_note();
CREATE TRIGGER note_end AFTER UPDATE ON observation FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION observation_note();

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['action_seal', 'daily_root', 'audit_run'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
  END LOOP;
END $$;

GRANT SELECT ON action_seal, action_unsealed, action_head, daily_root, audit_run TO onefin_app;
GRANT INSERT ON action_seal, daily_root, audit_run TO onefin_app;
GRANT DELETE ON action_unsealed TO onefin_app;
GRANT UPDATE (seq, hash) ON action_head TO onefin_app;
