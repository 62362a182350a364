-- What bounds a client beyond its scopes, and how it signs in as an OAuth client. Lists are separated by spaces; times are seconds since 1970.
ALTER TABLE access_client ADD COLUMN teams TEXT NOT NULL DEFAULT '';
ALTER TABLE access_client ADD COLUMN basis TEXT NOT NULL DEFAULT 'registration' CHECK (basis IN ('registration', 'policies'));
ALTER TABLE access_client ADD COLUMN networks TEXT NOT NULL DEFAULT ''; -- empty: from anywhere
ALTER TABLE access_client ADD COLUMN eligible TEXT NOT NULL DEFAULT ''; -- scopes it may ask to be elevated to
ALTER TABLE access_client ADD COLUMN shadow_until INTEGER; -- until then denials are recorded and let through
ALTER TABLE access_client ADD COLUMN oauth TEXT; -- registration as an OAuth client, JSON; NULL: API keys only

-- Client secrets live beside API keys: the same form, the same hash, never accepted in each other's place.
ALTER TABLE access_api_key ADD COLUMN kind TEXT NOT NULL DEFAULT 'key' CHECK (kind IN ('key', 'secret'));
ALTER TABLE access_api_key ADD COLUMN networks TEXT NOT NULL DEFAULT '';
ALTER TABLE access_api_key ADD COLUMN idle_days INTEGER NOT NULL DEFAULT 90; -- unused for so long, it expires
ALTER TABLE access_api_key ADD COLUMN last_source TEXT; -- address of the first use in the hour of last_used
ALTER TABLE access_api_key ADD COLUMN lineage TEXT NOT NULL DEFAULT ''; -- id of the key that this one succeeds in the end
UPDATE access_api_key SET lineage = id;

CREATE TABLE access_policy (
    org     TEXT NOT NULL,
    name    TEXT NOT NULL,
    text    TEXT NOT NULL, -- Cedar
    changed INTEGER NOT NULL,
    PRIMARY KEY (org, name)
) STRICT;

-- Keys that sign access tokens. The private part is sealed; the public part is what /oauth2/v1/keys shows.
CREATE TABLE access_signing_key (
    kid       TEXT PRIMARY KEY,
    org       TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    sealed    BLOB NOT NULL,
    created   INTEGER NOT NULL,
    signs     INTEGER NOT NULL, -- from when it signs: a key is shown before it is used
    retired   INTEGER           -- from when its tokens are refused
) STRICT;

-- Access tokens revoked before they expire.
CREATE TABLE access_revoked_token (
    jti     TEXT PRIMARY KEY,
    client  TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX access_revoked_token_client ON access_revoked_token (client);

-- Client assertions seen. Whoever inserts the row has used the assertion.
CREATE TABLE access_used_assertion (
    client  TEXT NOT NULL,
    jti     TEXT NOT NULL, -- SHA-256 of it: bounded whatever a client sends
    expires INTEGER NOT NULL,
    PRIMARY KEY (client, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_used_assertion_expires ON access_used_assertion (expires);

-- Outside issuers whose tokens stand for a client.
CREATE TABLE access_issuer (
    id          TEXT PRIMARY KEY,
    org         TEXT NOT NULL,
    client      TEXT NOT NULL REFERENCES access_client (id),
    issuer      TEXT NOT NULL, -- its `iss`, character by character
    audience    TEXT NOT NULL,
    subject     TEXT NOT NULL, -- pattern
    jwks_uri    TEXT,          -- where its keys are,
    jwks        TEXT,          -- or its keys themselves
    private     INTEGER NOT NULL CHECK (private IN (0, 1)), -- whether jwks_uri may lead to a private network
    direct      INTEGER NOT NULL CHECK (direct IN (0, 1)),  -- whether its tokens are accepted at the API, or only exchanged
    minutes_max INTEGER NOT NULL, -- longest life of a token of its
    created     INTEGER NOT NULL,
    removed     INTEGER,
    CHECK ((jwks_uri IS NULL) <> (jwks IS NULL))
) STRICT;

-- People who approve elevations, each with a key of their own.
CREATE TABLE access_approver (
    id          TEXT PRIMARY KEY,
    org         TEXT NOT NULL,
    name        TEXT NOT NULL,
    fingerprint BLOB NOT NULL UNIQUE,
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    removed     INTEGER,
    owns        TEXT NOT NULL DEFAULT '', -- ids of the clients whose requests it cannot approve
    UNIQUE (org, name)
) STRICT;

-- Requests for more than a client has, and what became of them.
CREATE TABLE access_elevation (
    id         TEXT PRIMARY KEY,
    org        TEXT NOT NULL,
    client     TEXT NOT NULL REFERENCES access_client (id),
    scopes     TEXT NOT NULL,
    operations TEXT NOT NULL,
    reason     TEXT NOT NULL,
    minutes    INTEGER NOT NULL,
    approvals  INTEGER NOT NULL, -- how many it takes
    asked      INTEGER NOT NULL,
    lapses     INTEGER NOT NULL, -- until when it can be approved
    denied     INTEGER,
    starts     INTEGER,
    ends       INTEGER,
    told       INTEGER -- when its end was written down and told, by whichever process noticed first
) STRICT;
CREATE INDEX access_elevation_client ON access_elevation (org, client, asked);
CREATE INDEX access_elevation_told ON access_elevation (told);
CREATE TABLE access_approval (
    elevation TEXT NOT NULL REFERENCES access_elevation (id),
    approver  TEXT NOT NULL REFERENCES access_approver (id),
    at        INTEGER NOT NULL,
    PRIMARY KEY (elevation, approver)
) STRICT, WITHOUT ROWID;

-- The glass: a passphrase that opens an org when nothing else does. Kept is what checks it, never the passphrase.
CREATE TABLE access_glass (
    org        TEXT PRIMARY KEY,
    salt       BLOB NOT NULL,
    memory_kib INTEGER NOT NULL,
    passes     INTEGER NOT NULL,
    lanes      INTEGER NOT NULL,
    verifier   BLOB NOT NULL,
    sealed     INTEGER NOT NULL,
    broken     INTEGER,                    -- when it was opened: then it has to be sealed anew
    failures   INTEGER NOT NULL DEFAULT 0, -- wrong passphrases in a row
    tried      INTEGER NOT NULL DEFAULT 0  -- the last try
) STRICT;
CREATE TABLE access_opening (
    id          TEXT PRIMARY KEY,
    org         TEXT NOT NULL,
    fingerprint BLOB NOT NULL UNIQUE,
    reason      TEXT NOT NULL,
    opened      INTEGER NOT NULL,
    ends        INTEGER NOT NULL
) STRICT;

-- Tells the state key this database was begun with from any other: a keyed hash under it.
CREATE TABLE access_state_key (only INTEGER PRIMARY KEY CHECK (only = 1), proof BLOB NOT NULL) STRICT;

CREATE TRIGGER access_api_key_bound AFTER UPDATE OF networks, idle_days ON access_api_key BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_policy_added AFTER INSERT ON access_policy BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_policy_changed AFTER UPDATE ON access_policy BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_policy_removed AFTER DELETE ON access_policy BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_signing_key_added AFTER INSERT ON access_signing_key BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_signing_key_changed AFTER UPDATE ON access_signing_key BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_revoked_token_added AFTER INSERT ON access_revoked_token BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_issuer_added AFTER INSERT ON access_issuer BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_issuer_changed AFTER UPDATE ON access_issuer BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_approver_added AFTER INSERT ON access_approver BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_approver_changed AFTER UPDATE ON access_approver BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_elevation_added AFTER INSERT ON access_elevation BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_elevation_changed AFTER UPDATE ON access_elevation BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_opening_added AFTER INSERT ON access_opening BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_opening_changed AFTER UPDATE ON access_opening BEGIN UPDATE access_generation SET number = number + 1; END;
