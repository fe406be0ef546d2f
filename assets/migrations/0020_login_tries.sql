-- Logins tried lately, so that guessing is as slow with many servers as with one. A try takes one of the few places of
-- its name and address, and a failure keeps it for some minutes.

CREATE TABLE login_tries (
    -- SHA-256 of name and address: names are as long as an attacker likes.
    who       TEXT   NOT NULL,
    place     BIGINT NOT NULL,
    tried_at  BIGINT NOT NULL,
    -- 1 until it failed. A success takes the row away.
    under_way BIGINT NOT NULL,
    PRIMARY KEY (who, place)
);
CREATE INDEX login_tries_age ON login_tries (tried_at);
