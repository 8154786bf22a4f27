-- What a service learns (dev.tutti.learning); the same in every service that does, and run again whenever it changes. Where tables of before
-- are, they stay, with all that they hold.

-- What fits made: immutable, numbered from 1 within a name.
create table if not exists artifact (
  name       text        not null,
  version    integer     not null check (version >= 1),
  method     text        not null,
  -- dev.tutti.learning.Artifact as it writes itself.
  document   bytea       not null,
  -- Where it comes from: dataset, revision, split, members, settings, seed, fingerprint, embedder, build.
  provenance jsonb       not null,
  -- What was measured on the queries that were held out.
  metrics    jsonb       not null,
  -- dev.tutti.numerics.measure.HeldOut: those queries one by one, to compare versions in pairs.
  held_out   bytea       not null,
  created_at timestamptz not null default now(),
  created_by text        not null,
  primary key (name, version)
);
-- Parameters are numbers close to random: trying to compress them only costs time.
alter table artifact alter column document set storage external;
-- What comparisons show beside: shares of the members, results by set, points of the cost-quality curve.
alter table artifact add column if not exists comparison jsonb not null default '{}';

create or replace function artifact_is_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'Artifacts are never changed.' using errcode = '23001';
end $$;
create or replace trigger artifact_immutable before update on artifact
  for each row execute function artifact_is_immutable();

-- Everything that was ever switched, in order, also of versions that are deleted since; what is active and what is in shadow follows from it.
create table if not exists artifact_change (
  number  bigint      generated always as identity primary key,
  name    text        not null,
  action  text        not null check (action in ('ACTIVATE', 'ROLL_BACK', 'SHADOW', 'UNSHADOW')),
  -- The version that is active, or in shadow, from here on; that was in shadow, for UNSHADOW.
  version integer     not null,
  at      timestamptz not null default now(),
  author  text        not null
);
create index if not exists artifact_change_name on artifact_change (name, number);

-- Embeddings of recorded texts: none is embedded twice, whatever fit it is for.
create table if not exists text_embedding (
  -- SHA-256 of what embeds, and of the text.
  digest bytea primary key,
  -- Big-endian floats.
  vector bytea not null,
  -- When a fit last looked at it.
  used   date  not null default current_date
);
alter table text_embedding alter column vector set storage plain;

-- What fits paid members for while they were at work: one that is resumed pays nobody twice. Goes with its job.
create table if not exists paid_answer (
  number     bigint           generated always as identity primary key,
  job        text             not null references job (id) on delete cascade,
  -- SHA-256 of what was asked; null where it is to be asked again, or its answer was not heard.
  digest     bytea,
  -- US dollars; set aside for a call whose answer was not heard.
  usd        double precision not null,
  -- tutti.generation.v1.Completion; null where the member had no answer.
  completion bytea,
  unique (job, digest)
);
