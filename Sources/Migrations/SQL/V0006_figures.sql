-- Figures of the work, the bonuses paid by them, and months that are closed. docs/data-model.md explains every table, docs/figures.md every rule.
-- Everything here is append-only: people are paid by it.

-- By what bonuses are worked out. A version holds for whole months, from `month` on until a newer one does.
CREATE TABLE bonus_rule (
  version integer PRIMARY KEY CHECK (version > 0),
  month   date NOT NULL CHECK (extract(day FROM month) = 1),
  rules   text NOT NULL,                           -- as Domain.BonusRules writes them, one line for each line
  note    text NOT NULL DEFAULT '' CHECK (length(note) <= 200),
  made_by bigint NOT NULL REFERENCES account,
  made_at timestamptz NOT NULL DEFAULT now()
);

-- What an accountant is paid without the bonus, soʻm a month; the newest version that isn't after a month holds for it.
CREATE TABLE salary (
  account_id bigint NOT NULL REFERENCES account,
  version    integer NOT NULL CHECK (version > 0),
  month      date NOT NULL CHECK (extract(day FROM month) = 1),
  amount     bigint NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000),
  made_by    bigint NOT NULL REFERENCES account,
  made_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, version)
);

-- A month is closed once. What it was worked out from stands here and in the three tables below, and `hash` covers all of it.
CREATE TABLE month_close (
  month        date PRIMARY KEY CHECK (extract(day FROM month) = 1),
  closed_by    bigint NOT NULL REFERENCES account,
  closed_at    timestamptz NOT NULL,
  rule_version integer REFERENCES bonus_rule,     -- NULL: there were no rules
  calendar     text NOT NULL,                     -- the shifts and exceptions that working time was counted by
  hash         bytea NOT NULL CHECK (length(hash) = 32)
);

-- Who was paid what: one row for each accountant with a salary or a figure. `detail` has the figures and the bonus line by line.
CREATE TABLE month_pay (
  month      date NOT NULL REFERENCES month_close DEFERRABLE INITIALLY DEFERRED,
  account_id bigint NOT NULL REFERENCES account,
  salary     bigint NOT NULL CHECK (salary >= 0),
  bonus      bigint NOT NULL CHECK (bonus >= 0),
  detail     text NOT NULL,
  PRIMARY KEY (month, account_id)
);

-- The waits, documents and ratings that the month's figures are made of. No foreign keys to the log, as the log itself has none.
CREATE TABLE month_wait (
  month       date NOT NULL REFERENCES month_close DEFERRABLE INITIALLY DEFERRED,
  topic_id    bigint NOT NULL,
  case_number integer NOT NULL,
  start_seq   bigint NOT NULL,
  start_at    timestamptz NOT NULL,
  is_first    boolean NOT NULL,
  target      bigint,                             -- microseconds of working time
  due_at      timestamptz,
  outcome     text NOT NULL CHECK (outcome IN ('answered', 'dismissed', 'silent', 'left')),
  end_seq     bigint NOT NULL,
  end_at      timestamptz NOT NULL,
  ended_by    bigint,
  elapsed     bigint NOT NULL CHECK (elapsed >= 0),
  credited    bigint,
  holder      bigint,                             -- who held the topic at the breach
  is_paused   boolean NOT NULL,
  pauses      bigint[] NOT NULL,                  -- four numbers for each: row, from, to (microseconds since 1970), 1 when it was rejected
  PRIMARY KEY (topic_id, start_seq)               -- a wait counts in one closed month only
);
CREATE INDEX month_wait_month ON month_wait (month);
CREATE TABLE month_document (
  month       date NOT NULL REFERENCES month_close DEFERRABLE INITIALLY DEFERRED,
  topic_id    bigint NOT NULL,
  case_number integer NOT NULL,
  seq         bigint NOT NULL,
  at          timestamptz NOT NULL,
  account_id  bigint,
  document_id bigint NOT NULL,
  count       smallint NOT NULL CHECK (count IN (-1, 1)),
  PRIMARY KEY (topic_id, seq)
);
CREATE INDEX month_document_month ON month_document (month);
CREATE TABLE month_rating (
  month       date NOT NULL REFERENCES month_close DEFERRABLE INITIALLY DEFERRED,
  topic_id    bigint NOT NULL,
  case_number integer NOT NULL,
  seq         bigint NOT NULL,
  closed_at   timestamptz NOT NULL,
  account_id  bigint,
  stars       smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
  PRIMARY KEY (topic_id, case_number)
);
CREATE INDEX month_rating_month ON month_rating (month);

-- An accountant doubts a line of the own bonus, and an admin answers, once.
CREATE TABLE contest (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  month      date NOT NULL CHECK (extract(day FROM month) = 1),
  account_id bigint NOT NULL REFERENCES account,
  line       text NOT NULL CHECK (line IN ('documents', 'positive', 'negative', 'sla')),
  text       text NOT NULL CHECK (length(btrim(text)) BETWEEN 3 AND 1000),
  sum        bigint NOT NULL,                     -- what the line came to when it was contested
  at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX contest_month ON contest (month, account_id);
CREATE TABLE contest_answer (
  contest_id bigint PRIMARY KEY REFERENCES contest,
  accepted   boolean NOT NULL,
  text       text NOT NULL CHECK (length(btrim(text)) BETWEEN 3 AND 1000),
  by         bigint NOT NULL REFERENCES account,
  at         timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What an accepted doubt puts right: so many more of each, or fewer. What was measured stays; the bonus is worked out from both.
CREATE TABLE correction (
  contest_id bigint PRIMARY KEY REFERENCES contest_answer,
  month      date NOT NULL CHECK (extract(day FROM month) = 1), -- in which it counts: the doubted one, or the one after it once that is closed
  documents  integer NOT NULL CHECK (documents BETWEEN -10000 AND 10000),
  positive   integer NOT NULL CHECK (positive BETWEEN -10000 AND 10000),
  negative   integer NOT NULL CHECK (negative BETWEEN -10000 AND 10000),
  hits       integer NOT NULL CHECK (hits BETWEEN -10000 AND 10000),
  misses     integer NOT NULL CHECK (misses BETWEEN -10000 AND 10000),
  sum        bigint NOT NULL,                     -- what it pays for a closed month by that month's rules, soʻm; 0 for an open one
  CHECK ((documents, positive, negative, hits, misses) <> (0, 0, 0, 0, 0))
);
CREATE INDEX correction_month ON correction (month);

-- What a month asks of the log.
CREATE INDEX topic_case_closed ON topic_case (closed_at);
CREATE INDEX document_mark_at ON document_mark (at);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['bonus_rule', 'salary', 'month_close', 'month_pay', 'month_wait', 'month_document', 'month_rating', 'contest',
                              'contest_answer', 'correction'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO onefin_app', name);
  END LOOP;
END $$;

-- A month is closed by its row of month_close, which comes last in its transaction: from then on it takes neither rows nor rules nor
-- salaries nor corrections.
CREATE FUNCTION month_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM month_close c WHERE c.month >= NEW.month) THEN
    RAISE EXCEPTION 'the month is closed' USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'month_open';
  END IF;
  RETURN NEW;
END $$;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['bonus_rule', 'salary', 'correction', 'month_close', 'month_pay', 'month_wait', 'month_document', 'month_rating'] LOOP
    EXECUTE format('CREATE TRIGGER month_open BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION month_is_open()', name);
  END LOOP;
END $$;

-- A month can be doubted until the one after it is closed, in which its corrections count.
CREATE FUNCTION month_takes_doubts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM month_close c WHERE c.month > NEW.month) THEN
    RAISE EXCEPTION 'the month after it is closed' USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'month_open';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER month_open BEFORE INSERT ON contest FOR EACH ROW EXECUTE FUNCTION month_takes_doubts();
