-- Where a health check writes a row and deletes it again, to learn whether the database still takes writes.
CREATE TABLE health_checks (
    id     TEXT  PRIMARY KEY,
    filler BYTEA NOT NULL
);
