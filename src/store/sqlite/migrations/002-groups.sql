-- grp: messages of one group are given out in order (FIFO), or fairly beside those of other groups.
-- origin: the topic that a message was moved here from.
ALTER TABLE messages ADD COLUMN grp TEXT;
ALTER TABLE messages ADD COLUMN origin TEXT;
CREATE INDEX messages_by_group ON messages (topic, grp, sequence) WHERE grp IS NOT NULL;
CREATE INDEX messages_by_group_due ON messages (topic, grp, leased, due_ms, sequence) WHERE grp IS NOT NULL;

-- Of every group that has messages. ready_ms is when the group can be received from next, so that a group which is
-- busy, however long its backlog, costs nothing to pass over; next is that message's sequence. leased counts the messages that were leased and neither
-- acknowledged nor given back.
CREATE TABLE message_groups (
  topic TEXT NOT NULL,
  grp TEXT NOT NULL,
  ordered INTEGER NOT NULL,
  ready_ms INTEGER NOT NULL,
  next INTEGER NOT NULL,
  leased INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, grp)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_groups_by_ready ON message_groups (topic, ready_ms, next);

-- Keys by which a message that is sent again is known, also after the first one is gone.
CREATE TABLE message_keys (
  topic TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (topic, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_keys_by_end ON message_keys (until_ms);
