-- How many messages came into each topic, and what became of them, since it has one: written in the commits that do it.
-- What is counted here and what lies in `messages` have to agree.
CREATE TABLE tallies (
  topic TEXT NOT NULL,
  what TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (topic, what)
) STRICT, WITHOUT ROWID;
INSERT INTO tallies SELECT topic, 'accepted', count(*) FROM messages GROUP BY topic;
