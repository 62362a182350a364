CREATE TABLE access_client (
    id         TEXT PRIMARY KEY,
    org        TEXT NOT NULL,
    name       TEXT NOT NULL,
    scopes     TEXT NOT NULL, -- Okta's scope names, separated by spaces
    operations TEXT NOT NULL, -- operation ids, separated by spaces; empty: all within the scopes
    created    INTEGER NOT NULL, -- seconds since 1970, as all times here
    disabled   INTEGER,
    UNIQUE (org, name)
) STRICT;

CREATE TABLE access_api_key (
    id          TEXT PRIMARY KEY,
    client      TEXT NOT NULL REFERENCES access_client (id),
    fingerprint BLOB NOT NULL UNIQUE, -- HMAC-SHA-256 of the key; the key itself is nowhere
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    revoked     INTEGER,
    last_used   INTEGER -- to the hour
) STRICT;

CREATE INDEX access_api_key_client ON access_api_key (client);

-- Counts every change that decides who is let in, so that other processes notice it.
CREATE TABLE access_generation (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL) STRICT;
INSERT INTO access_generation VALUES (1, 1);
CREATE TRIGGER access_client_added AFTER INSERT ON access_client BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_client_changed AFTER UPDATE ON access_client BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_api_key_added AFTER INSERT ON access_api_key BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_api_key_changed AFTER UPDATE OF expires, revoked ON access_api_key BEGIN UPDATE access_generation SET number = number + 1; END;
