-- Answers that cascades keep (dev.tutti.cascade.cache). May be run again.

create table if not exists cache_entry (
  -- SHA-256 of the request, the team within.
  key       bytea            primary key,
  team      text             not null,
  ensemble  text             not null,
  -- SHA-256 of all of the request but its question.
  scope     bytea            not null,
  question  text             not null,
  -- Of what embedded the question, hexadecimal, and big-endian floats; empty and null where it is found by the same request only.
  embedder  text             not null,
  vector    bytea,
  -- Completion of generation.proto: text, finish_reason, author, signals.
  answer    bytea            not null,
  author    text             not null,
  request   text             not null,
  cost_usd  double precision not null check (cost_usd >= 0),
  made      timestamptz      not null,
  ends      timestamptz      not null,
  -- The transaction that wrote it: whoever follows reads from the oldest on that may still be open.
  change    xid8             not null default pg_current_xact_id()
);
alter table cache_entry alter column vector set storage plain;
create index if not exists cache_entry_owner on cache_entry (team, ensemble);
create index if not exists cache_entry_ends on cache_entry (ends);
create index if not exists cache_entry_change on cache_entry (change);

-- Whether an answer was right for another question, or for its own.
create table if not exists cache_observation (
  entry      bytea            not null references cache_entry on delete cascade,
  key        text             not null,
  similarity double precision not null,
  correct    boolean          not null,
  source     text             not null check (source in ('JUDGED', 'CHECKED', 'EXPLORED')),
  at         timestamptz      not null default now(),
  change     xid8             not null default pg_current_xact_id(),
  primary key (entry, key)
);
create index if not exists cache_observation_change on cache_observation (change);

-- Which requests got it, the one that it was made for among them: feedback names requests.
create table if not exists cache_given (
  request    text             not null,
  entry      bytea            not null references cache_entry on delete cascade,
  similarity double precision not null,
  at         timestamptz      not null default now(),
  primary key (request, entry)
);
create index if not exists cache_given_entry on cache_given (entry);
create index if not exists cache_given_at on cache_given (at);

-- When an ensemble's answers were forgotten, and who wanted it.
create table if not exists cache_purge (
  number   bigint      generated always as identity primary key,
  team     text        not null,
  ensemble text        not null,
  at       timestamptz not null default now(),
  author   text        not null
);
create index if not exists cache_purge_owner on cache_purge (team, ensemble, at);
