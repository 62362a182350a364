-- What Portcullis shows to an org, sealed; one credential per org.
CREATE TABLE upstream_credential (
    org        TEXT PRIMARY KEY,
    sealed     BLOB NOT NULL,
    put        INTEGER NOT NULL, -- seconds since 1970
    generation INTEGER NOT NULL  -- 1 at first, one more with each replacement
) STRICT;
