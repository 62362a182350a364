-- What a client sees of answers.
ALTER TABLE access_client ADD COLUMN reveal INTEGER NOT NULL DEFAULT 0 CHECK (reveal IN (0, 1)); -- whether secrets are shown to it
ALTER TABLE access_client ADD COLUMN hidden TEXT NOT NULL DEFAULT ''; -- members it does not see: `profile.salary getUser:profile.ssn`
