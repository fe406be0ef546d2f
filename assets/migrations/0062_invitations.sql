-- Invitations to register, each for one account. A used one is deleted.
CREATE TABLE invitations (
    -- SHA-256 of the code.
    hash       TEXT   PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
