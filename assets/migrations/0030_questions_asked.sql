-- Which questions a user was asked before is looked up at every turn: from the index alone, without the messages.
CREATE INDEX questions_asked ON messages (interview_id, position, asked) WHERE asked IS NOT NULL;
