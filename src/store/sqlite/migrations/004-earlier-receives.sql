-- How often a message was leased before it was moved into its topic: counted on, without being held against it.
ALTER TABLE messages ADD COLUMN earlier_receives INTEGER NOT NULL DEFAULT 0;
