-- The same for all names that look alike (UTS 39), so that none is registered beside another. The program fills it in
-- for earlier users. It is NULL for a user whose name already looks like an earlier one's.
ALTER TABLE users ADD COLUMN username_skeleton TEXT;
CREATE UNIQUE INDEX users_look_different ON users (username_skeleton);
