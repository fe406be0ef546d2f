-- Registrations are limited like failed logins, and failed logins by address alone as well.
ALTER TABLE login_tries RENAME TO attempts;
ALTER TABLE attempts RENAME COLUMN who TO subject;
ALTER TABLE attempts RENAME COLUMN place TO slot;

-- Names that logged in or registered from an address, which the limit by address alone does not keep out.
CREATE TABLE known_logins (
    -- SHA-256 of name and address.
    subject TEXT   PRIMARY KEY,
    seen_at BIGINT NOT NULL
);
CREATE INDEX known_logins_age ON known_logins (seen_at);
