-- Who signs in with a password kept here; of it, only what bcrypt makes.
create table if not exists admin_user (
    name         text        collate "C" primary key,
    role         text        not null,
    hash         text        not null,
    must_change  boolean     not null,             -- a one-time password, which lets nobody do anything but change it
    disabled     boolean     not null,
    created_at   timestamptz not null,
    signed_in_at timestamptz                       -- the last time; null for never
);

-- Who is signed in, for all replicas: never what the cookie says, but its hash.
create table if not exists session (
    sha256    bytea       primary key,
    user_name text        not null,
    provider  text        not null,                -- LOCAL, or OIDC
    role      text        not null,
    began_at  timestamptz not null,
    used_at   timestamptz not null
);
create index if not exists session_user_name on session (user_name);

-- Tries to sign in that failed, by a hash of the user or address, whether there is such a user or not.
create table if not exists sign_in_try (
    subject    bytea       primary key,
    failures   int         not null,
    last_at    timestamptz not null,
    wait_until timestamptz not null
);
