-- What calls took away or gave, counted before they were made; and orgs that are frozen. Times of effects are milliseconds since 1970.
ALTER TABLE access_client ADD COLUMN budgets TEXT NOT NULL DEFAULT ''; -- in place of the org's, `deletes=50/hour` each
ALTER TABLE access_elevation ADD COLUMN raises TEXT NOT NULL DEFAULT ''; -- what it adds to budgets, `deletes=50` each
ALTER TABLE access_elevation ADD COLUMN about TEXT NOT NULL DEFAULT '';  -- what the held call does to whom

CREATE TABLE access_effect (
    org     TEXT NOT NULL,
    account TEXT NOT NULL, -- `org`, or the id of a client, a raise or an opening of the glass
    class   TEXT NOT NULL,
    object  BLOB NOT NULL, -- SHA-256 of its name, 16 bytes: once however often it is touched
    at      INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (org, account, class, object)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_effect_within ON access_effect (org, account, class, at, count);
CREATE INDEX access_effect_at ON access_effect (at);

-- When a budget was last told to be reached: once per window.
CREATE TABLE access_budget_reached (
    org     TEXT NOT NULL,
    account TEXT NOT NULL,
    class   TEXT NOT NULL,
    period  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (org, account, class, period)
) STRICT, WITHOUT ROWID;

-- Orgs that can only be read. Exempt are clients, by id.
CREATE TABLE access_freeze (
    org    TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    since  INTEGER NOT NULL,
    by     TEXT NOT NULL,
    exempt TEXT NOT NULL
) STRICT;
CREATE TRIGGER access_freeze_added AFTER INSERT ON access_freeze BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_freeze_changed AFTER UPDATE ON access_freeze BEGIN UPDATE access_generation SET number = number + 1; END;
CREATE TRIGGER access_freeze_removed AFTER DELETE ON access_freeze BEGIN UPDATE access_generation SET number = number + 1; END;
