-- One schema for SQLite and PostgreSQL. Truth values are BIGINT 0/1 and times BIGINT milliseconds since 1970,
-- because sqlx's Any driver reads these alike from both.

CREATE TABLE users (
    id            TEXT   PRIMARY KEY,
    username      TEXT   NOT NULL UNIQUE,
    email         TEXT   NOT NULL,
    -- Lower case: addresses are unique without regard to case.
    email_folded  TEXT   NOT NULL UNIQUE,
    -- Empty for the reserved local user, who cannot log in.
    password_hash TEXT   NOT NULL,
    daily_limit   BIGINT,
    active        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE TABLE tokens (
    hash       TEXT   PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);
CREATE INDEX tokens_of_user ON tokens (user_id);

CREATE TABLE interviews (
    id          TEXT   PRIMARY KEY,
    user_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic       TEXT   NOT NULL,
    language    TEXT   NOT NULL,
    level       TEXT,
    -- NULL: until another interview is started.
    questions   BIGINT,
    seed        BIGINT NOT NULL,
    interviewer TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished    BIGINT NOT NULL,
    is_current  BIGINT NOT NULL
);
CREATE UNIQUE INDEX one_current_interview ON interviews (user_id) WHERE is_current = 1;
CREATE INDEX interviews_of_user ON interviews (user_id, started_at);

CREATE TABLE messages (
    interview_id TEXT   NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    role         TEXT   NOT NULL,
    content      TEXT   NOT NULL,
    -- Name of the bank question it puts.
    asked        TEXT,
    -- JSON: seconds and words of a spoken answer.
    spoken       TEXT,
    said_at      BIGINT NOT NULL,
    PRIMARY KEY (interview_id, position)
);

CREATE TABLE usage (
    user_id TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- YYYY-MM-DD in the time zone of the service.
    day     TEXT   NOT NULL,
    turns   BIGINT NOT NULL,
    PRIMARY KEY (user_id, day)
);

CREATE TABLE idempotency (
    user_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    request_key TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL,
    -- JSON of the answer given.
    answer      TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, request_key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE speech (
    name         TEXT   PRIMARY KEY,
    content_type TEXT   NOT NULL,
    -- PostgreSQL's name. SQLite takes any type name, and stores a blob in such a column unchanged.
    bytes        BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX speech_age ON speech (created_at);
