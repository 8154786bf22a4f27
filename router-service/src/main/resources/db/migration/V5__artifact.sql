-- What fits made: immutable, numbered from 1 within a name.
create table if not exists artifact (
  name       text        not null,
  version    integer     not null check (version >= 1),
  method     text        not null,
  -- dev.tutti.router.fit.Artifact as it writes itself.
  document   bytea       not null,
  -- Where it comes from: dataset, revision, split, members, settings, seed, fingerprint.
  provenance jsonb       not null,
  -- What was measured on the queries that were held out.
  metrics    jsonb       not null,
  -- dev.tutti.router.evaluation.HeldOut: those queries one by one, to compare versions in pairs.
  held_out   bytea       not null,
  created_at timestamptz not null default now(),
  created_by text        not null,
  primary key (name, version)
);
-- Parameters are numbers close to random: trying to compress them only costs time.
alter table artifact alter column document set storage external;

create or replace function artifact_is_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'Artifacts are never changed.' using errcode = '23001';
end $$;
create or replace trigger artifact_immutable before update on artifact
  for each row execute function artifact_is_immutable();

-- Everything that was ever switched, in order; what is active and what is in shadow follows from it.
create table if not exists artifact_change (
  number  bigint      generated always as identity primary key,
  name    text        not null,
  action  text        not null check (action in ('ACTIVATE', 'ROLL_BACK', 'SHADOW', 'UNSHADOW')),
  -- The version that is active, or in shadow, from here on; that was in shadow, for UNSHADOW.
  version integer     not null,
  at      timestamptz not null default now(),
  author  text        not null,
  foreign key (name, version) references artifact (name, version)
);
create index if not exists artifact_change_name on artifact_change (name, number);

-- Embeddings of recorded queries: no text is embedded twice, whatever fit it is for.
create table if not exists text_embedding (
  -- SHA-256 of how it is embedded and of the text.
  digest bytea primary key,
  -- Big-endian floats.
  vector bytea not null,
  -- When a fit last looked at it.
  used   date  not null default current_date
);
alter table text_embedding alter column vector set storage plain;

-- Name of the artifact of which a version in shadow was asked too.
alter table decision add column if not exists shadowed text;
create index if not exists decision_shadowed on decision (shadowed, time) where shadowed is not null;

-- Jobs (dev.tutti.kit.job). A service that has jobs copies this, as it stands, into a Flyway migration of its own schema.
create table if not exists job (
    id               text        primary key,
    number           bigint      generated always as identity unique, -- order of the queue
    kind             text        not null,
    key              text,                                  -- of the client, for idempotence
    author           text        not null,
    parameters       jsonb       not null,
    state            text        not null check (state in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    done             bigint      not null default 0,
    total            bigint      not null default 0,        -- 0: not known
    unit             text        not null,
    message          text        not null default '',
    checkpoint       bytea,                                 -- the handler's own; where to resume
    result           jsonb,
    error_reason     text,
    error_message    text,
    error_field      text,
    cancel_requested boolean     not null default false,
    attempts         integer     not null default 0,        -- fencing: only the newest attempt may write
    stalled          integer     not null default 0,        -- attempts since the last checkpoint
    lease_until      timestamptz,                           -- of the running attempt
    not_before       timestamptz not null default now(),    -- of the next attempt
    created_at       timestamptz not null default now(),
    started_at       timestamptz,
    updated_at       timestamptz not null default now(),
    ended_at         timestamptz,
    unique (kind, key)
);
create index if not exists job_open on job (number) where state in ('QUEUED', 'RUNNING');
