-- Second factors, one-time links, what people have acknowledged, and companies that leave. docs/data-model.md explains every table.

-- On which device a session is, so that signing in again there takes the old one's place.
ALTER TABLE session ADD COLUMN device_hash bytea CHECK (length(device_hash) = 32); -- SHA-256 of the device cookie

-- An authenticator (RFC 6238). A row without confirmed_at is an enrolment that was begun and counts for nothing.
CREATE TABLE second_factor (
  account_id   bigint PRIMARY KEY REFERENCES account,
  secret       bytea NOT NULL CHECK (length(secret) BETWEEN 40 AND 128), -- sealed (ChaCha20-Poly1305) with a key of the servers, bound to the account
  created_at   timestamptz NOT NULL DEFAULT now(),
  confirmed_at timestamptz,
  last_step    bigint NOT NULL DEFAULT 0 -- the newest 30 s whose code was taken: no code counts twice, as long as the row stands
);

-- Codes on paper that take its place, each once. They go with it.
CREATE TABLE recovery_code (
  account_id bigint NOT NULL REFERENCES second_factor ON DELETE CASCADE,
  hash       bytea NOT NULL CHECK (length(hash) = 32), -- SHA-256; the codes are 80 random bits
  used_at    timestamptz,
  PRIMARY KEY (account_id, hash)
);

-- A step never comes back for the same secret, and what was used stays used.
CREATE FUNCTION second_factor_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.account_id <> OLD.account_id
     OR (OLD.confirmed_at IS NOT NULL AND (NEW.secret, NEW.confirmed_at) IS DISTINCT FROM (OLD.secret, OLD.confirmed_at))
     OR (NEW.secret = OLD.secret AND NEW.last_step < OLD.last_step) THEN
    RAISE EXCEPTION 'a second factor is confirmed once, and its steps only grow' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON second_factor FOR EACH ROW EXECUTE FUNCTION second_factor_guard();
CREATE TRIGGER used_stays BEFORE UPDATE ON recovery_code FOR EACH ROW
  WHEN (OLD.used_at IS NOT NULL OR NEW.account_id <> OLD.account_id OR NEW.hash <> OLD.hash) EXECUTE FUNCTION refuse_loss();

-- Links that work once: a new password for an account, or an invitation to a role. Only the hash of the 256-bit token is stored.
CREATE TABLE one_time_link (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('reset', 'invitation')),
  token_hash      bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  account_id      bigint REFERENCES account,      -- reset: whose password
  role            text CHECK (role IN ('admin', 'supervisor', 'accountant', 'client', 'warehouse', 'production', 'sales', 'agent', 'driver')),
  organisation_id bigint REFERENCES organisation,
  department_id   bigint REFERENCES department,
  name            text NOT NULL DEFAULT '' CHECK (length(name) <= 200), -- invitation: for whom, as whoever invites calls them
  created_by      bigint NOT NULL REFERENCES account,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL,
  used_at         timestamptz,
  used_by         bigint REFERENCES account,
  revoked_at      timestamptz,
  CHECK ((kind = 'reset') = (account_id IS NOT NULL)),
  CHECK ((kind = 'invitation') = (role IS NOT NULL)),
  CHECK (kind = 'reset' OR (role IN ('admin', 'supervisor', 'accountant')) = (organisation_id IS NULL)),
  CHECK (kind = 'reset' OR (role IN ('supervisor', 'accountant')) = (department_id IS NOT NULL)),
  CHECK (kind = 'invitation' OR (organisation_id IS NULL AND department_id IS NULL)),
  CHECK ((used_at IS NULL) = (used_by IS NULL)),
  CHECK (used_at IS NULL OR revoked_at IS NULL)
);
CREATE INDEX one_time_link_open ON one_time_link (expires_at) WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX one_time_link_account ON one_time_link (account_id) WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX one_time_link_organisation ON one_time_link (organisation_id) WHERE used_at IS NULL AND revoked_at IS NULL;

-- A link ends once, used or revoked, and is nothing else than what it was made for.
CREATE FUNCTION one_time_link_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.used_at IS NOT NULL OR OLD.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'a one-time link ends once' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON one_time_link FOR EACH ROW EXECUTE FUNCTION one_time_link_guard();
CREATE TRIGGER stays BEFORE DELETE ON one_time_link FOR EACH ROW EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER stays_truncate BEFORE TRUNCATE ON one_time_link FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();

-- What a person was told once and has confirmed to have read: that supervisors may watch.
CREATE TABLE acknowledgement (
  account_id bigint NOT NULL REFERENCES account,
  notice     text NOT NULL CHECK (notice ~ '^[a-z_]{1,32}$'),
  session_id bigint NOT NULL REFERENCES session,
  at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, notice)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON acknowledgement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON acknowledgement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Nobody is given a role or work in a company that has left. The row lock orders it with the closing.
CREATE FUNCTION organisation_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed timestamptz;
BEGIN
  IF NEW.organisation_id IS NOT NULL THEN
    SELECT closed_at INTO closed FROM organisation WHERE id = NEW.organisation_id FOR SHARE;
    IF closed IS NOT NULL THEN
      RAISE EXCEPTION 'organisation % is closed', NEW.organisation_id USING ERRCODE = 'check_violation', CONSTRAINT = 'organisation_open';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER organisation_open BEFORE INSERT ON membership FOR EACH ROW EXECUTE FUNCTION organisation_open();
CREATE TRIGGER organisation_open BEFORE INSERT ON assignment FOR EACH ROW EXECUTE FUNCTION organisation_open();
CREATE TRIGGER organisation_open BEFORE INSERT ON one_time_link FOR EACH ROW EXECUTE FUNCTION organisation_open();

-- Nothing belongs to a department that is out of use. The row lock orders it with the retirement.
CREATE FUNCTION department_live() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE retired timestamptz;
BEGIN
  IF NEW.department_id IS NOT NULL THEN
    SELECT retired_at INTO retired FROM department WHERE id = NEW.department_id FOR SHARE;
    IF retired IS NOT NULL THEN
      RAISE EXCEPTION 'department % is retired', NEW.department_id USING ERRCODE = 'check_violation', CONSTRAINT = 'department_live';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER department_live BEFORE INSERT ON organisation FOR EACH ROW EXECUTE FUNCTION department_live();
CREATE TRIGGER department_moves BEFORE UPDATE OF department_id ON organisation FOR EACH ROW
  WHEN (NEW.department_id IS DISTINCT FROM OLD.department_id) EXECUTE FUNCTION department_live();
CREATE TRIGGER department_live BEFORE INSERT ON membership FOR EACH ROW EXECUTE FUNCTION department_live();
CREATE TRIGGER department_live BEFORE INSERT ON one_time_link FOR EACH ROW EXECUTE FUNCTION department_live();

GRANT SELECT ON second_factor, recovery_code, one_time_link, acknowledgement TO onefin_app;
GRANT INSERT ON second_factor, recovery_code, one_time_link, acknowledgement TO onefin_app;
GRANT UPDATE (secret, created_at, confirmed_at, last_step) ON second_factor TO onefin_app;
GRANT UPDATE (used_at) ON recovery_code TO onefin_app;
GRANT UPDATE (used_at, used_by, revoked_at) ON one_time_link TO onefin_app;
GRANT DELETE ON second_factor, recovery_code TO onefin_app;
