-- Who shares keys, decisions and spend.
create table if not exists team (
    name        text        collate "C" primary key,
    description text        not null,
    created_at  timestamptz not null
);

-- Keys: what is kept of them, never the keys. A revoked one stays, so that what it did can be told.
create table if not exists api_key (
    id              text        primary key,
    number          bigint      generated always as identity unique, -- order of lists
    team            text        collate "C" not null,
    document        jsonb       not null,          -- what was asked for: scopes, limits and so on
    prefix          text        not null,
    sha256          bytea       not null unique,
    previous_prefix text,                          -- of the text before the last rotation
    previous_sha256 bytea       unique,
    previous_until  timestamptz,
    installed       boolean     not null,          -- whether it came with the installation, in a file
    locks           boolean     not null,          -- whether it ever was one for the front door that somebody made
    created_at      timestamptz not null,
    revoked_at      timestamptz
);
create index if not exists api_key_team on api_key (team, number);

-- Every text that ever was a key's: none becomes one again.
create table if not exists key_text (
    sha256 bytea primary key
);
