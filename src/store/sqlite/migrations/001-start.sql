-- Revisions, fencing tokens and message sequences are drawn from one counter, so that none is ever given twice,
-- whatever is deleted.
CREATE TABLE counter (only INTEGER PRIMARY KEY CHECK (only = 1), value INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES (1, 0);

CREATE TABLE records (
  key TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- due_ms is when a message is, or was, ready: the end of its delay or of its lease. So "ready", "delayed" and
-- "leased" need no process that moves messages between them, and the order of delivery is that of one index.
CREATE TABLE messages (
  sequence INTEGER PRIMARY KEY,
  topic TEXT NOT NULL,
  id TEXT NOT NULL,
  due_ms INTEGER NOT NULL,
  leased INTEGER NOT NULL DEFAULT 0,
  holder TEXT,
  receives INTEGER NOT NULL DEFAULT 0,
  appended_ms INTEGER NOT NULL,
  first_received_ms INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_id ON messages (topic, id);
CREATE INDEX messages_by_due ON messages (topic, due_ms, sequence, leased);
CREATE INDEX messages_by_holder ON messages (holder) WHERE holder IS NOT NULL;

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  token INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
