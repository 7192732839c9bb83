-- Documents: bytes by their content, uploads on their way, the papers themselves, what is made of them, work on them, and the firm's settings.
-- docs/data-model.md explains every table. What is marked append-only below has no UPDATE and no DELETE, for nobody.

-- Bytes that the blob store holds until all that they belong to is erased, by their SHA-256. Says nothing about who brought them or how often.
CREATE TABLE blob (
  hash       bytea PRIMARY KEY CHECK (length(hash) = 32),
  size       bigint NOT NULL CHECK (size >= 0),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- The keys below carry the organisation and the topic with them, so that no document can hang on another company's.
ALTER TABLE topic ADD CONSTRAINT topic_place UNIQUE (organisation_id, id);

CREATE TABLE document (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id bigint NOT NULL,
  topic_id        bigint NOT NULL,
  uploader_id     bigint NOT NULL REFERENCES account,
  staff           boolean NOT NULL,                 -- which side the uploader was on; decides whether it is stamped
  name            text NOT NULL CHECK (name <> '' AND length(name) <= 255 AND name !~ '[/\\[:cntrl:]]'),
  type            text NOT NULL CHECK (type ~ '^[a-z0-9]{1,16}$'), -- by content: pdf, jpeg, docx, …
  size            bigint NOT NULL CHECK (size > 0),
  hash            bytea NOT NULL REFERENCES blob,   -- the untouched original
  replaces        bigint,                           -- the document whose newer version this is
  unstamped       boolean NOT NULL DEFAULT false,   -- of a type that staff may hand out without a stamp
  at              timestamptz NOT NULL DEFAULT now(),
  message         bigint CHECK (message > 0),       -- seq of the message that carries it; NULL until it is sent, then for ever
  media           text NOT NULL DEFAULT 'waiting' CHECK (media IN ('waiting', 'ready', 'pending', 'refused', 'failed')),
  media_reason    text CHECK (media_reason ~ '^[a-z0-9_]{1,64}$'), -- a stable word: why it is not ready
  width           integer CHECK (width > 0),        -- of the renditions, in pixels
  height          integer CHECK (height > 0),
  pages           integer CHECK (pages > 0),
  UNIQUE (topic_id, id),
  FOREIGN KEY (organisation_id, topic_id) REFERENCES topic (organisation_id, id),
  FOREIGN KEY (topic_id, replaces) REFERENCES document (topic_id, id),
  CHECK (replaces < id),
  CHECK (staff OR NOT unstamped),
  CHECK ((media IN ('pending', 'refused', 'failed')) = (media_reason IS NOT NULL))
);
-- The gallery, and the documents of a message.
CREATE INDEX document_topic ON document (topic_id, id) WHERE message IS NOT NULL;
CREATE INDEX document_message ON document (topic_id, message) WHERE message IS NOT NULL;
-- What an organisation holds, and what somebody has brought lately.
CREATE INDEX document_organisation ON document (organisation_id) INCLUDE (size);
CREATE INDEX document_uploader ON document (uploader_id, at) INCLUDE (size);
CREATE INDEX document_replaces ON document (replaces) WHERE replaces IS NOT NULL;
-- A «client file» of the KPI is its content.
CREATE INDEX document_hash ON document (hash);

-- Uploads under way and how they ended. The client chooses the id, so it is unique only among the account's own: another's must not be found out.
-- How far one has come is the length of its file, not a column.
CREATE TABLE upload (
  account_id  bigint NOT NULL REFERENCES account,
  id          uuid NOT NULL,
  session_id  bigint NOT NULL REFERENCES session,
  topic_id    bigint NOT NULL REFERENCES topic,
  name        text NOT NULL CHECK (name <> '' AND length(name) <= 255),
  size        bigint NOT NULL CHECK (size > 0),
  replaces    bigint,
  created_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  document_id bigint UNIQUE REFERENCES document,
  refusal     text CHECK (refusal ~ '^[a-z0-9_]{1,64}$'), -- the code that its client was told; 'cancelled' and 'expired' too
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (topic_id, replaces) REFERENCES document (topic_id, id),
  CHECK ((finished_at IS NULL) = (document_id IS NULL AND refusal IS NULL)),
  CHECK (document_id IS NULL OR refusal IS NULL)
);
CREATE INDEX upload_account ON upload (account_id, created_at) INCLUDE (size);
CREATE INDEX upload_open ON upload (created_at) WHERE finished_at IS NULL;
CREATE INDEX upload_topic ON upload (topic_id) WHERE finished_at IS NULL;

-- What is made of a document and shown instead of it. Belongs to the document and not to its bytes: a stamp names the uploader and the time.
CREATE TABLE rendition (
  document_id bigint NOT NULL REFERENCES document,
  kind        text NOT NULL CHECK (kind IN ('stamped', 'clean', 'preview', 'thumbnail')),
  hash        bytea NOT NULL REFERENCES blob,
  type        text NOT NULL CHECK (type ~ '^[a-z0-9]{1,16}$'),
  size        bigint NOT NULL CHECK (size > 0),
  width       integer CHECK (width > 0),
  height      integer CHECK (height > 0),
  pages       integer CHECK (pages > 0),
  at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (document_id, kind)
);

-- What the QR code leads to. Only the token's SHA-256 is stored: who reads the database cannot make a stamp that verifies.
CREATE TABLE stamp (
  document_id    bigint PRIMARY KEY REFERENCES document,
  token_hash     bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  rendition_hash bytea NOT NULL REFERENCES blob,
  at             timestamptz NOT NULL DEFAULT now()
);

-- Received → in work → processed, and sent back: one row for each log row of kind 10, written in its transaction. No row yet: received.
CREATE TABLE document_mark (
  topic_id    bigint NOT NULL,
  seq         bigint NOT NULL CHECK (seq > 0),
  document_id bigint NOT NULL,
  state       text NOT NULL CHECK (state IN ('inWork', 'processed', 'returned')),
  by          bigint NOT NULL REFERENCES account,
  at          timestamptz NOT NULL,
  PRIMARY KEY (topic_id, seq),
  FOREIGN KEY (topic_id, document_id) REFERENCES document (topic_id, id)
);
CREATE INDEX document_mark_document ON document_mark (document_id, seq);

-- Which thumbnails a session has been shown today, so that scrolling through a topic is one row of the action log for each document and day.
CREATE TABLE thumbnail_view (
  session_id  bigint NOT NULL REFERENCES session,
  document_id bigint NOT NULL REFERENCES document,
  day         date NOT NULL,
  PRIMARY KEY (session_id, document_id, day)
);

-- Work for MediaWorker, leased with FOR UPDATE SKIP LOCKED. A 'sample' of the watermark is of no document: it takes the settings that are tried
-- from its input and leaves a picture in the blob store.
CREATE TABLE job (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind         text NOT NULL CHECK (kind ~ '^[a-z_]{1,32}$'),
  document_id  bigint REFERENCES document,
  input        jsonb,
  output       bytea REFERENCES blob,
  state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'leased', 'done', 'failed')),
  attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  run_at       timestamptz NOT NULL DEFAULT now(),
  leased_until timestamptz,
  worker       text,
  error        text CHECK (length(error) <= 2000),
  created_at   timestamptz NOT NULL DEFAULT now(),
  finished_at  timestamptz,
  CHECK ((kind = 'sample') = (document_id IS NULL)),
  CHECK (state <> 'leased' OR (leased_until IS NOT NULL AND worker IS NOT NULL)),
  CHECK ((state IN ('done', 'failed')) = (finished_at IS NOT NULL))
);
CREATE INDEX job_waiting ON job (run_at, id) WHERE state = 'waiting';
CREATE INDEX job_leased ON job (leased_until) WHERE state = 'leased';
-- Never two at work on the same thing.
CREATE UNIQUE INDEX job_once ON job (document_id, kind) WHERE state IN ('waiting', 'leased');

-- What the firm configures for itself. A change is a new version; the newest counts.
CREATE TABLE setting_change (
  name       text NOT NULL CHECK (name ~ '^[a-z_]{1,32}$'),
  version    integer NOT NULL CHECK (version > 0),
  value      jsonb NOT NULL,
  changed_by bigint NOT NULL REFERENCES account,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, version)
);
CREATE VIEW setting AS
  SELECT DISTINCT ON (name) name, version, value, changed_by, changed_at FROM setting_change ORDER BY name, version DESC;

-- Keys that the servers share and that never leave them: made by the first server that needs one.
CREATE TABLE server_key (
  name       text PRIMARY KEY CHECK (name ~ '^[a-z_]{1,32}$'),
  key        bytea NOT NULL CHECK (length(key) = 32),
  created_at timestamptz NOT NULL DEFAULT now()
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['blob', 'rendition', 'stamp', 'document_mark', 'thumbnail_view', 'setting_change', 'server_key'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['document', 'upload', 'job'] LOOP
    EXECUTE format('CREATE TRIGGER stays BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_loss()', name);
    EXECUTE format('CREATE TRIGGER stays_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()', name);
  END LOOP;
END $$;

-- A document is what was uploaded: only its message is set, once, and what became of its renditions, until they are ready.
CREATE FUNCTION document_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.organisation_id, NEW.topic_id, NEW.uploader_id, NEW.staff, NEW.name, NEW.type, NEW.size, NEW.hash, NEW.replaces,
      NEW.unstamped, NEW.at)
     IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.topic_id, OLD.uploader_id, OLD.staff, OLD.name, OLD.type, OLD.size, OLD.hash,
      OLD.replaces, OLD.unstamped, OLD.at)
     OR (OLD.message IS NOT NULL AND NEW.message IS DISTINCT FROM OLD.message)
     OR (OLD.media = 'ready' AND (NEW.media, NEW.width, NEW.height, NEW.pages)
         IS DISTINCT FROM (OLD.media, OLD.width, OLD.height, OLD.pages)) THEN
    RAISE EXCEPTION 'a document stays what it is' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON document FOR EACH ROW EXECUTE FUNCTION document_guard();

-- An upload ends once; a job that is done is not done again.
CREATE FUNCTION upload_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.finished_at IS NOT NULL
     OR (NEW.account_id, NEW.id, NEW.session_id, NEW.topic_id, NEW.name, NEW.size, NEW.replaces, NEW.created_at)
        IS DISTINCT FROM (OLD.account_id, OLD.id, OLD.session_id, OLD.topic_id, OLD.name, OLD.size, OLD.replaces, OLD.created_at) THEN
    RAISE EXCEPTION 'an upload only ends' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON upload FOR EACH ROW EXECUTE FUNCTION upload_guard();
CREATE TRIGGER done BEFORE UPDATE ON job FOR EACH ROW WHEN (OLD.state = 'done') EXECUTE FUNCTION refuse_loss();

GRANT SELECT ON blob, document, upload, rendition, stamp, document_mark, thumbnail_view, job, setting_change, setting, server_key TO onefin_app;
GRANT INSERT ON blob, document, upload, rendition, stamp, document_mark, thumbnail_view, job, setting_change, server_key TO onefin_app;
GRANT UPDATE (message, media, media_reason, width, height, pages) ON document TO onefin_app;
GRANT UPDATE (finished_at, document_id, refusal) ON upload TO onefin_app;
GRANT UPDATE (state, attempts, run_at, leased_until, worker, error, finished_at, output) ON job TO onefin_app;
