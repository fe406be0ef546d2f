-- Whose speech it is, so that it goes with the account. Rows from before have no owner; they go by age.
ALTER TABLE speech ADD COLUMN user_id TEXT REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX speech_of_user ON speech (user_id);
