-- What people are told, and the clocks of the cases. docs/data-model.md explains every table.

-- One line of somebody's bell. What it is about stands in `kind`, a stable word that pages translate, and `detail`; never the text of a message,
-- since it stays when the topic is taken from its reader.
CREATE TABLE notification (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id      bigint NOT NULL REFERENCES account,
  kind            text NOT NULL CHECK (kind ~ '^[a-z][a-z_]*(\.[a-z][a-z_]*)*$' AND length(kind) <= 64),
  detail          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(detail) = 'object'),
  topic_id        bigint,
  organisation_id bigint REFERENCES organisation,
  at              timestamptz NOT NULL DEFAULT clock_timestamp(),
  read_at         timestamptz,
  CHECK (topic_id IS NULL OR organisation_id IS NOT NULL),
  FOREIGN KEY (organisation_id, topic_id) REFERENCES topic (organisation_id, id)
);
CREATE INDEX notification_account ON notification (account_id, id);
CREATE INDEX notification_unread ON notification (account_id, id) WHERE read_at IS NULL;

-- It says what it said, to whom it said it, and is read once.
CREATE TRIGGER guard BEFORE UPDATE ON notification FOR EACH ROW
  WHEN ((NEW.id, NEW.account_id, NEW.kind, NEW.detail, NEW.topic_id, NEW.organisation_id, NEW.at)
        IS DISTINCT FROM (OLD.id, OLD.account_id, OLD.kind, OLD.detail, OLD.topic_id, OLD.organisation_id, OLD.at)
        OR OLD.read_at IS NOT NULL)
  EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays BEFORE DELETE ON notification FOR EACH ROW EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays_truncate BEFORE TRUNCATE ON notification FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();

GRANT SELECT, INSERT ON notification TO onefin_app;
GRANT UPDATE (read_at) ON notification TO onefin_app;

-- Two kinds of rows more: 11 pause (its body: what is wanted from the client), 12 resume (meta: why, body: the client's reason).
ALTER TABLE topic_entry DROP CONSTRAINT topic_entry_kind_check;
ALTER TABLE topic_entry ADD CONSTRAINT topic_entry_kind_check CHECK (kind BETWEEN 1 AND 12);

-- Where the pauses of a log are, so that nobody looks for them among its messages: one row for each log row of kind 11 and 12, in its transaction.
-- A client's next message, an answer and a close end a pause too; those are found in the log itself.
CREATE TABLE topic_pause (
  topic_id bigint NOT NULL,
  seq      bigint NOT NULL CHECK (seq > 0),
  kind     smallint NOT NULL CHECK (kind IN (11, 12)),
  at       timestamptz NOT NULL,
  PRIMARY KEY (topic_id, seq)
);

-- Closes over a waiting client, and those by silence: what supervisors list. Few among millions of rows. Every close of a person has a meta with a
-- salt, so it is told by what it says; a company that left closes with one too.
CREATE INDEX topic_entry_unanswered ON topic_entry (at, topic_id, seq)
  WHERE kind = 7 AND (meta LIKE '{"answer":"none"%' OR author_id IS NULL AND meta = '');

-- How soon clients are to be answered, in minutes of working time: of a kind of topic, or of a client, whose own comes before it. NULL takes a
-- target back. Never changed, since what counts for a wait is the target at its start.
CREATE TABLE response_target (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            smallint CHECK (kind BETWEEN 1 AND 5),
  organisation_id bigint REFERENCES organisation,
  minutes         integer CHECK (minutes BETWEEN 1 AND 60000),
  since           timestamptz NOT NULL,
  changed_by      bigint NOT NULL REFERENCES account,
  changed_at      timestamptz NOT NULL DEFAULT now(),
  CHECK ((kind IS NULL) <> (organisation_id IS NULL))
);
CREATE INDEX response_target_kind ON response_target (kind, id) WHERE kind IS NOT NULL;
CREATE INDEX response_target_organisation ON response_target (organisation_id, id) WHERE organisation_id IS NOT NULL;

-- What is left of an assignment that ended because part of it went to somebody else, and of which one: it answers for its topics as if it had gone on,
-- so that a cover that is under way stays before it.
ALTER TABLE assignment ADD COLUMN origin_id bigint REFERENCES assignment;

-- For which time an account was disabled: nobody takes part then, and who is enabled again has not been there meanwhile.
CREATE TABLE account_gap (
  account_id bigint NOT NULL REFERENCES account,
  since      timestamptz NOT NULL,
  until      timestamptz NOT NULL CHECK (until >= since),
  PRIMARY KEY (account_id, since)
);
CREATE FUNCTION account_gap_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO account_gap (account_id, since, until) VALUES (NEW.id, OLD.disabled_at, greatest(OLD.disabled_at, now())) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER gap AFTER UPDATE ON account FOR EACH ROW WHEN (OLD.disabled_at IS NOT NULL AND NEW.disabled_at IS NULL)
  EXECUTE FUNCTION account_gap_note();

-- Who was warned of which wait, so that it happens once: `message` is the seq of the message with which the wait began.
CREATE TABLE wait_warning (
  topic_id bigint NOT NULL,
  message  bigint NOT NULL CHECK (message > 0),
  kind     text NOT NULL CHECK (kind IN ('soon', 'late')),
  at       timestamptz NOT NULL,
  PRIMARY KEY (topic_id, message, kind)
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['topic_pause', 'response_target', 'account_gap', 'wait_warning'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO onefin_app', name);
  END LOOP;
  -- Gaps come from the trigger alone.
  REVOKE INSERT ON account_gap FROM onefin_app;
END $$;
