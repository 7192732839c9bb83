-- The ledger of ghosts, which nobody can write round; erasure by two people; legal holds. docs/oversight-ledger.md tells the whole of it.

-- Everything that whoever takes no part has been shown: one chain for the whole firm, in the order in which rows were committed.
-- No keys but the stay's: checking one would lock the topic's row until the commit, and those who write there would wait for a ghost.
-- Kinds: 1 a stay begins, 2 rows were shown, 3 documents were listed, 4 a file was opened, 5 the stay ended, 6 somebody else acknowledged it.
CREATE TABLE ghost_ledger (
  seq            bigint PRIMARY KEY CHECK (seq > 0),
  at             timestamptz NOT NULL,
  kind           smallint NOT NULL CHECK (kind BETWEEN 1 AND 6),
  observation_id bigint NOT NULL REFERENCES observation,
  topic_id       bigint NOT NULL,
  account_id     bigint NOT NULL,                     -- the watcher; for kind 6 whoever acknowledged
  session_id     bigint NOT NULL,
  from_seq       bigint NOT NULL DEFAULT 0,           -- kinds 2 and 5: the rows that were shown; 0: none
  to_seq         bigint NOT NULL DEFAULT 0,
  document_id    bigint NOT NULL DEFAULT 0,           -- kind 4
  detail         text NOT NULL,                       -- the rest, JSON as it was hashed
  prev_hash      bytea NOT NULL CHECK (length(prev_hash) = 32),
  hash           bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX ghost_ledger_observation ON ghost_ledger (observation_id, kind);
-- A stay is acknowledged once, and begins and ends once.
CREATE UNIQUE INDEX ghost_ledger_once ON ghost_ledger (observation_id, kind) WHERE kind IN (1, 5, 6);
-- For the same reason.
ALTER TABLE observation DROP CONSTRAINT observation_topic_id_fkey;
CREATE INDEX observation_newest ON observation (id DESC) INCLUDE (topic_id, account_id);

-- The newest row. Its lock orders the ledger; a stay's own row is locked before it, never after.
CREATE TABLE ghost_head (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  seq    bigint NOT NULL,
  hash   bytea NOT NULL CHECK (length(hash) = 32)
);
INSERT INTO ghost_head (seq, hash) VALUES (0, sha256('1fin.ghosts.v1'::bytea));

-- The ledger's root of each day that is over, in Tashkent: its newest row then. What is mailed out of the house.
CREATE TABLE ghost_root (
  day  date PRIMARY KEY,
  seq  bigint NOT NULL CHECK (seq >= 0),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The one way into the ledger. docs/oversight-ledger.md gives the formula of the hash, and Storage/Ghosts recomputes it.
CREATE FUNCTION ghost_note(
  new_kind smallint, stay bigint, topic bigint, who bigint, in_session bigint, low bigint, high bigint, document bigint, what jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  head ghost_head;
  moment timestamptz;
  words text := what::text;
  sealed bytea;
BEGIN
  SELECT * INTO STRICT head FROM ghost_head FOR UPDATE;
  moment := clock_timestamp();
  sealed := sha256(
    '1fin.ghost.v1'::bytea || head.hash || int8send(head.seq + 1) || int8send((extract(epoch FROM moment) * 1000000)::bigint)
    || int8send(new_kind::bigint) || int8send(stay) || int8send(topic) || int8send(who) || int8send(in_session) || int8send(low)
    || int8send(high) || int8send(document) || int8send(length(convert_to(words, 'UTF8'))::bigint) || convert_to(words, 'UTF8'));
  INSERT INTO ghost_ledger
  VALUES (head.seq + 1, moment, new_kind, stay, topic, who, in_session, low, high, document, words, head.hash, sealed);
  UPDATE ghost_head SET seq = head.seq + 1, hash = sealed;
END $$;
REVOKE EXECUTE ON FUNCTION ghost_note FROM PUBLIC;

CREATE FUNCTION iso_time(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- No stay without its beginning and its end in the ledger, whoever writes it.
CREATE FUNCTION ghost_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM ghost_note(1::smallint, NEW.id, NEW.topic_id, NEW.account_id, NEW.session_id, 0, 0, 0, jsonb_build_object(
      'reason', NEW.reason, 'started', iso_time(NEW.started_at), 'until', iso_time(NEW.ends_at),
      'address', coalesce((SELECT s.address FROM session s WHERE s.id = NEW.session_id), ''),
      'device', coalesce((SELECT s.device FROM session s WHERE s.id = NEW.session_id), '')));
  END IF;
  IF NEW.ended_at IS NOT NULL THEN
    PERFORM ghost_note(5::smallint, NEW.id, NEW.topic_id, NEW.account_id, NEW.session_id, coalesce(NEW.from_seq, 0),
      coalesce(NEW.to_seq, 0), 0, jsonb_build_object('ended', iso_time(NEW.ended_at)));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_start AFTER INSERT ON observation FOR EACH ROW EXECUTE FUNCTION ghost_stay();
CREATE TRIGGER ledger_end AFTER UPDATE ON observation FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION ghost_stay();

-- Notes rows that stays are about to show, unless one earlier row of the ledger says so already. Returns the stays that have ended: they take
-- nothing any more, and nothing is shown by them.
CREATE FUNCTION ghost_shown(stays bigint[], lows bigint[], highs bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  shown record;
BEGIN
  PERFORM FROM observation o WHERE o.id = ANY (stays) ORDER BY o.id FOR UPDATE;
  FOR shown IN
    SELECT o.id, o.topic_id, o.account_id, o.session_id, u.low, u.high
      FROM unnest(stays, lows, highs) WITH ORDINALITY AS u (stay, low, high, n) JOIN observation o ON o.id = u.stay
     WHERE o.ended_at IS NULL ORDER BY u.n
  LOOP
    CONTINUE WHEN EXISTS (SELECT FROM ghost_ledger l WHERE l.observation_id = shown.id AND l.kind = 2
                             AND l.from_seq <= shown.low AND l.to_seq >= shown.high);
    PERFORM ghost_note(2::smallint, shown.id, shown.topic_id, shown.account_id, shown.session_id, shown.low, shown.high, 0, '{}');
    UPDATE observation o SET from_seq = least(o.from_seq, shown.low), to_seq = greatest(o.to_seq, shown.high)
     WHERE o.id = shown.id AND (o.from_seq IS NULL OR shown.low < o.from_seq OR shown.high > o.to_seq);
  END LOOP;
  RETURN QUERY SELECT o.id FROM observation o WHERE o.id = ANY (stays) AND o.ended_at IS NOT NULL ORDER BY o.id;
END $$;

-- Notes documents that a stay is about to list, or the one file that it is about to open. False when it has ended: then nothing is shown.
CREATE FUNCTION ghost_documents(stay bigint, documents bigint[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  seen observation;
BEGIN
  SELECT * INTO seen FROM observation o WHERE o.id = stay FOR UPDATE;
  IF seen.id IS NULL OR seen.ended_at IS NOT NULL OR seen.ends_at <= clock_timestamp() THEN RETURN false; END IF;
  PERFORM ghost_note(3::smallint, stay, seen.topic_id, seen.account_id, seen.session_id, 0, 0, 0,
    jsonb_build_object('documents', to_jsonb(documents)));
  RETURN true;
END $$;
CREATE FUNCTION ghost_file(stay bigint, document bigint, rendition text, handing text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  seen observation;
BEGIN
  SELECT * INTO seen FROM observation o WHERE o.id = stay FOR UPDATE;
  IF seen.id IS NULL OR seen.ended_at IS NOT NULL OR seen.ends_at <= clock_timestamp() THEN RETURN false; END IF;
  PERFORM ghost_note(4::smallint, stay, seen.topic_id, seen.account_id, seen.session_id, 0, 0, document,
    jsonb_build_object('rendition', rendition, 'handing', handing));
  RETURN true;
END $$;

-- Whether somebody else (`maker`, NULL: anybody) has had a hand in how a person signs in or in what they may, from a week before a moment on: made
-- the account, gave a role, a password or a link to one, took the second factor away, let them in again. An account that came by an invitation, or
-- whose password came by a link, was in the hand of whoever made that link. The second of two people is nobody whom the first has just made.
CREATE FUNCTION made_lately(who bigint, maker bigint, moment timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM action_log l
                  WHERE l.subject_id = who AND l.at > moment - interval '7 days' AND l.account_id <> who AND l.account_id = coalesce(maker, l.account_id)
                    AND (l.action IN ('account.create', 'membership.create', 'reset_link.create', 'second_factor.remove')
                         OR l.action = 'account.update'
                            AND (l.detail ? 'password' OR l.detail @> '{"before": {"disabled": true}, "after": {"disabled": false}}')))
      OR maker IS NULL AND EXISTS (
           SELECT FROM action_log l
            WHERE l.account_id = who AND l.at > moment - interval '7 days'
              AND (l.action = 'invitation.use' OR l.action = 'account.password' AND l.detail ? 'link'))
$$;

-- Somebody else who oversees the topic has looked at a stay that is over. Returns a word: ok, missing, own, lately, open, done.
CREATE FUNCTION ghost_acknowledge(stay bigint, who bigint, in_session bigint, remark text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  seen observation;
BEGIN
  SELECT * INTO seen FROM observation o WHERE o.id = stay FOR UPDATE;
  IF seen.id IS NULL OR NOT EXISTS (SELECT FROM topic_observer o WHERE o.topic_id = seen.topic_id AND o.account_id = who)
     OR NOT EXISTS (SELECT FROM session s WHERE s.id = in_session AND s.account_id = who) THEN RETURN 'missing'; END IF;
  IF seen.account_id = who THEN RETURN 'own'; END IF;
  IF made_lately(who, NULL, clock_timestamp()) OR made_lately(who, seen.account_id, seen.started_at) THEN RETURN 'lately'; END IF;
  IF seen.ended_at IS NULL THEN RETURN 'open'; END IF;
  IF EXISTS (SELECT FROM ghost_ledger l WHERE l.observation_id = stay AND l.kind = 6) THEN RETURN 'done'; END IF;
  PERFORM ghost_note(6::smallint, stay, seen.topic_id, who, in_session, 0, 0, 0, jsonb_build_object('remark', remark));
  RETURN 'ok';
END $$;

-- Writes the roots of all days before `today` that have none yet: from the ledger's first day on, at least yesterday's.
CREATE FUNCTION ghost_seal(today date) RETURNS SETOF ghost_root
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  first date;
BEGIN
  -- Rows of a day that is over cannot come any more: their moment is taken under this lock. A day that isn't over has no root.
  PERFORM FROM ghost_head FOR UPDATE;
  today := least(today, (clock_timestamp() AT TIME ZONE 'Asia/Tashkent')::date);
  SELECT coalesce((SELECT max(r.day) + 1 FROM ghost_root r),
                  least((SELECT (l.at AT TIME ZONE 'Asia/Tashkent')::date FROM ghost_ledger l WHERE l.seq = 1), today - 1)) INTO first;
  RETURN QUERY
  INSERT INTO ghost_root (day, seq, hash)
  SELECT d::date, coalesce(l.seq, 0), coalesce(l.hash, sha256('1fin.ghosts.v1'::bytea))
    FROM generate_series(first::timestamp, (today - 1)::timestamp, interval '1 day') d
    LEFT JOIN LATERAL (SELECT x.seq, x.hash FROM ghost_ledger x WHERE x.at < ((d::date + 1)::timestamp AT TIME ZONE 'Asia/Tashkent')
                        ORDER BY x.seq DESC LIMIT 1) l ON true
  RETURNING *;
END $$;

-- As long as a hold stands, nothing of its topics is erased. Set and lifted, never changed, never removed.
CREATE TABLE legal_hold (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id bigint NOT NULL REFERENCES organisation,
  topic_id        bigint,                             -- NULL: all topics of the organisation
  reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 3 AND 500),
  set_by          bigint NOT NULL REFERENCES account,
  set_at          timestamptz NOT NULL DEFAULT now(),
  lifted_by       bigint REFERENCES account,
  lifted_at       timestamptz,
  lift_reason     text CHECK (length(btrim(lift_reason)) BETWEEN 3 AND 500),
  FOREIGN KEY (organisation_id, topic_id) REFERENCES topic (organisation_id, id),
  CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL))
);
CREATE UNIQUE INDEX legal_hold_once ON legal_hold (organisation_id, coalesce(topic_id, 0)) WHERE lifted_at IS NULL;

CREATE FUNCTION legal_hold_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- An erasure under way holds its topic: it comes wholly before the hold, or sees it.
    PERFORM FROM topic t WHERE t.organisation_id = NEW.organisation_id ORDER BY t.id FOR UPDATE;
    IF NEW.lifted_at IS NOT NULL THEN RAISE EXCEPTION 'a hold begins standing' USING ERRCODE = 'insufficient_privilege'; END IF;
  ELSIF (NEW.id, NEW.organisation_id, NEW.topic_id, NEW.reason, NEW.set_by, NEW.set_at)
        IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.topic_id, OLD.reason, OLD.set_by, OLD.set_at) OR OLD.lifted_at IS NOT NULL THEN
    RAISE EXCEPTION 'a hold is only lifted, once' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON legal_hold FOR EACH ROW EXECUTE FUNCTION legal_hold_guard();

-- An admin asks that a message's texts go for good, and a second person who oversees the topic confirms it, or refuses.
CREATE TABLE erasure (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id bigint NOT NULL,
  topic_id        bigint NOT NULL,
  message         bigint NOT NULL CHECK (message > 0),
  reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 3 AND 500),
  requested_by    bigint NOT NULL REFERENCES account,
  requested_at    timestamptz NOT NULL DEFAULT now(),
  confirmed_by    bigint REFERENCES account,
  confirmed_at    timestamptz,
  refused_by      bigint REFERENCES account,
  refused_at      timestamptz,
  FOREIGN KEY (organisation_id, topic_id) REFERENCES topic (organisation_id, id),
  CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL)),
  CHECK ((refused_at IS NULL) = (refused_by IS NULL)),
  CHECK (confirmed_at IS NULL OR refused_at IS NULL),
  CHECK (confirmed_by <> requested_by)
);
CREATE UNIQUE INDEX erasure_once ON erasure (topic_id, message) WHERE refused_at IS NULL;

-- Whoever writes it, also the owner: two people who may, no hold, and each step once.
CREATE FUNCTION erasure_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.confirmed_at IS NOT NULL OR NEW.refused_at IS NOT NULL
       OR NOT EXISTS (SELECT FROM membership m WHERE m.account_id = NEW.requested_by AND m.role = 'admin' AND m.ended_at IS NULL)
       OR NOT EXISTS (SELECT FROM topic_entry e WHERE e.topic_id = NEW.topic_id AND e.seq = NEW.message AND e.kind = 1) THEN
      RAISE EXCEPTION 'only an admin asks for an erasure, of a message' USING ERRCODE = 'insufficient_privilege';
    END IF;
  ELSIF (NEW.id, NEW.organisation_id, NEW.topic_id, NEW.message, NEW.reason, NEW.requested_by, NEW.requested_at)
        IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.topic_id, OLD.message, OLD.reason, OLD.requested_by, OLD.requested_at)
        OR OLD.confirmed_at IS NOT NULL OR OLD.refused_at IS NOT NULL THEN
    RAISE EXCEPTION 'an erasure is decided once' USING ERRCODE = 'insufficient_privilege';
  ELSIF NEW.confirmed_at IS NOT NULL THEN
    IF NOT EXISTS (SELECT FROM topic_observer o WHERE o.topic_id = NEW.topic_id AND o.account_id = NEW.confirmed_by) THEN
      RAISE EXCEPTION 'only a second person who oversees the topic confirms' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF made_lately(NEW.confirmed_by, NULL, NEW.requested_at) OR NOT EXISTS (
         SELECT FROM membership m JOIN organisation o ON o.id = NEW.organisation_id
          WHERE m.account_id = NEW.confirmed_by AND m.ended_at IS NULL AND m.created_at < NEW.requested_at
            AND (m.role = 'admin' OR m.role = 'supervisor' AND m.department_id = o.department_id)) THEN
      RAISE EXCEPTION 'the second person was one before the first asked' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'second_person';
    END IF;
  END IF;
  IF NEW.refused_at IS NULL AND EXISTS (SELECT FROM legal_hold h WHERE h.organisation_id = NEW.organisation_id AND h.lifted_at IS NULL
       AND (h.topic_id IS NULL OR h.topic_id = NEW.topic_id)) THEN
    RAISE EXCEPTION 'a legal hold stands' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'legal_hold';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON erasure FOR EACH ROW EXECUTE FUNCTION erasure_guard();

-- Whether a confirmed erasure covers a row of the log: a version of its message.
CREATE FUNCTION is_erased(topic bigint, entry bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM topic_entry e JOIN erasure x ON x.topic_id = e.topic_id AND x.message = e.message
                    AND x.confirmed_at IS NOT NULL AND x.refused_at IS NULL
                  WHERE e.topic_id = topic AND e.seq = entry AND e.kind IN (1, 2))
$$;

-- Texts and salts go by a confirmed erasure and by nothing else. The request's hash is made of the text without salt, so it goes with it.
CREATE FUNCTION erased_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'topic_body' THEN
    IF TG_OP = 'DELETE' AND is_erased(OLD.topic_id, OLD.seq) THEN RETURN OLD; END IF;
  ELSIF TG_OP = 'UPDATE' AND NEW.request_hash = decode(repeat('00', 32), 'hex')
        AND (NEW.author_id, NEW.key, NEW.topic_id, NEW.seq) = (OLD.author_id, OLD.key, OLD.topic_id, OLD.seq)
        AND is_erased(OLD.topic_id, OLD.seq) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER append_only ON topic_body;
DROP TRIGGER append_only ON send_key;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON topic_body FOR EACH ROW EXECUTE FUNCTION erased_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON send_key FOR EACH ROW EXECUTE FUNCTION erased_only();

-- Confirms an erasure and does it. The caller holds the topic's lock and has appended its row of kind 13: without that the chain would call the
-- missing texts a fault, and this refuses.
CREATE FUNCTION erasure_confirm(which bigint, who bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  asked erasure;
BEGIN
  UPDATE erasure SET confirmed_by = who, confirmed_at = clock_timestamp() WHERE id = which RETURNING * INTO STRICT asked;
  IF NOT EXISTS (SELECT FROM topic_entry e WHERE e.topic_id = asked.topic_id AND e.message = asked.message AND e.kind = 13
                    AND e.author_id = who) THEN
    RAISE EXCEPTION 'the log does not say that the message was erased' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE send_key k SET request_hash = decode(repeat('00', 32), 'hex')
    FROM topic_entry e
   WHERE e.topic_id = asked.topic_id AND e.message = asked.message AND e.kind IN (1, 2)
     AND k.author_id = e.author_id AND k.topic_id = e.topic_id AND k.seq = e.seq;
  DELETE FROM topic_body b USING topic_entry e
   WHERE e.topic_id = asked.topic_id AND e.message = asked.message AND e.kind IN (1, 2) AND b.topic_id = e.topic_id AND b.seq = e.seq;
END $$;

-- Whether a message is erased, as the log itself says it: a confirmed erasure, and a row of the log by the same person.
CREATE FUNCTION message_is_erased(topic bigint, which bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM erasure x JOIN topic_entry e
                    ON e.topic_id = x.topic_id AND e.message = x.message AND e.kind = 13 AND e.author_id = x.confirmed_by
                  WHERE x.topic_id = topic AND x.message = which)
$$;

-- Bytes that nobody may open any more go from the blob store: `retired_at` comes first and is committed, then the bytes go, then `removed_at` says
-- so; whoever dies in between leaves work and no doubt. Who brings the same bytes anew takes all of that back (`claimed_at`) and puts them again.
ALTER TABLE blob ADD COLUMN retired_at timestamptz, ADD COLUMN removed_at timestamptz, ADD COLUMN claimed_at timestamptz,
                 ADD CHECK (removed_at IS NULL OR retired_at IS NOT NULL);
CREATE INDEX blob_retired ON blob (hash) WHERE retired_at IS NOT NULL AND removed_at IS NULL;
CREATE INDEX rendition_hash ON rendition (hash);
CREATE INDEX job_output ON job (output) WHERE output IS NOT NULL;

-- Whether confirmed erasures cover everything that these bytes belong to. What belongs to nothing isn't erased by anybody.
CREATE FUNCTION blob_is_erased(which bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT count(*) > 0 AND bool_and(u.is_gone)
    FROM (SELECT message_is_erased(d.topic_id, d.message) FROM document d WHERE d.hash = which
          UNION ALL
          SELECT message_is_erased(d.topic_id, d.message) FROM rendition r JOIN document d ON d.id = r.document_id WHERE r.hash = which
          UNION ALL
          SELECT false FROM job j WHERE j.output = which
          UNION ALL
          SELECT false FROM setting_change c WHERE c.value ->> 'logo' = encode(which, 'hex')) u (is_gone)
$$;

-- A blob stays what it is. Its bytes are retired only when all that they belong to is erased, and no hold stands over any of it.
CREATE FUNCTION blob_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.hash, NEW.size, NEW.created_at) IS DISTINCT FROM (OLD.hash, OLD.size, OLD.created_at)
     OR (NEW.retired_at, NEW.removed_at, NEW.claimed_at) IS NOT DISTINCT FROM (OLD.retired_at, OLD.removed_at, OLD.claimed_at)
     OR OLD.removed_at IS NOT NULL AND NEW.retired_at IS NOT NULL AND NEW.removed_at IS NULL
     OR OLD.retired_at IS NOT NULL AND NEW.retired_at IS NULL AND NEW.claimed_at IS NOT DISTINCT FROM OLD.claimed_at THEN
    RAISE EXCEPTION 'blob is append-only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL AND (NOT blob_is_erased(NEW.hash) OR EXISTS (
       SELECT FROM document d JOIN legal_hold h ON h.organisation_id = d.organisation_id AND h.lifted_at IS NULL
                                                AND (h.topic_id IS NULL OR h.topic_id = d.topic_id)
        WHERE d.hash = NEW.hash OR d.id IN (SELECT r.document_id FROM rendition r WHERE r.hash = NEW.hash))) THEN
    RAISE EXCEPTION 'only bytes that are erased wherever they belong go' USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'blob_stays';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER append_only ON blob;
CREATE TRIGGER append_only BEFORE DELETE ON blob FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER guard BEFORE UPDATE ON blob FOR EACH ROW EXECUTE FUNCTION blob_guard();
GRANT UPDATE (retired_at, removed_at, claimed_at) ON blob TO onefin_app;

-- Kind 13: a message was erased. 11 and 12 belong to pauses.
ALTER TABLE topic_entry DROP CONSTRAINT topic_entry_kind_check;
ALTER TABLE topic_entry ADD CONSTRAINT topic_entry_kind_check CHECK (kind BETWEEN 1 AND 13);
-- It hides a message too, from everybody.
DROP INDEX topic_entry_gone;
CREATE INDEX topic_entry_gone ON topic_entry (topic_id, message) INCLUDE (kind, staff) WHERE kind IN (3, 4, 13);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['ghost_ledger', 'ghost_root'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['ghost_head', 'legal_hold', 'erasure'] LOOP
    EXECUTE format('CREATE TRIGGER stays BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_loss()', name);
    EXECUTE format('CREATE TRIGGER stays_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()', name);
  END LOOP;
END $$;
CREATE TRIGGER grows BEFORE UPDATE ON ghost_head FOR EACH ROW WHEN (NEW.seq <> OLD.seq + 1) EXECUTE FUNCTION refuse_loss();

GRANT SELECT ON ghost_ledger, ghost_head, ghost_root, legal_hold, erasure TO onefin_app;
GRANT INSERT (organisation_id, topic_id, reason, set_by), UPDATE (lifted_by, lifted_at, lift_reason) ON legal_hold TO onefin_app;
GRANT INSERT (organisation_id, topic_id, message, reason, requested_by), UPDATE (refused_by, refused_at) ON erasure TO onefin_app;

-- Every function looks for tables where they belong. Without this a session's own temporary table of the same name would be found first, and a guard
-- that asks it would be content. A test holds that later migrations leave none out.
DO $$
DECLARE ours regprocedure;
BEGIN
  FOR ours IN SELECT p.oid::regprocedure FROM pg_proc p
               WHERE p.pronamespace = 'public'::regnamespace AND p.proconfig IS NULL
                 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', ours);
  END LOOP;
END $$;
