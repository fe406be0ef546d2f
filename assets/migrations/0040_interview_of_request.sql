-- The interview that a remembered answer belongs to, so that the answer is deleted with it. Answers are JSON texts of
-- this program, in which the quotes around the key cannot come from what was said: those are escaped.
ALTER TABLE idempotency ADD COLUMN interview_id TEXT REFERENCES interviews (id) ON DELETE CASCADE;
UPDATE idempotency SET interview_id = (
    SELECT MIN(id) FROM interviews
    WHERE interviews.user_id = idempotency.user_id
    AND idempotency.answer LIKE '%"interview_id":"' || interviews.id || '"%'
);
CREATE INDEX idempotency_of_interview ON idempotency (interview_id);
