-- What the candidate showed of themselves and of the job when the interview began.
ALTER TABLE interviews ADD COLUMN resume TEXT;
ALTER TABLE interviews ADD COLUMN job_description TEXT;
