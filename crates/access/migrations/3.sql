-- How a client shares Okta's rate budget with others.
ALTER TABLE access_client ADD COLUMN priority TEXT NOT NULL DEFAULT 'automation' CHECK (priority IN ('people', 'automation', 'bulk'));
ALTER TABLE access_client ADD COLUMN weight INTEGER NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 100);
