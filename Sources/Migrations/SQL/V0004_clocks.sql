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
