-- Answers of ensembles that learn from what they solved: those that wait for their user's verdict, those that were accepted, which are shown as
-- examples with questions like theirs, and those that were rejected.
create table if not exists solution (
  id         bigint      generated always as identity primary key,
  -- Whose it is: nobody else ever sees it.
  team       text        not null,
  ensemble   text        not null,
  -- SHA-256 of the question as it was asked.
  digest     bytea       not null,
  question   text        not null,
  answer     text        not null,
  member     text        not null,
  -- Of which it is the answer: who rates that rates this.
  decision   text        not null,
  -- Big-endian 32-bit floats, of unit length, and what embedded: rows of another embedder are not compared.
  embedding  bytea       not null,
  embedder   text        not null,
  state      text        not null check (state in ('pending', 'accepted', 'rejected')),
  -- When the verdict came that counts; null before the first.
  judged_at  timestamptz,
  created_at timestamptz not null default now(),
  -- When it was last shown.
  used_at    timestamptz not null default now(),
  -- Place among the changes of the ensemble's list; 0 while it was never in it.
  change     bigint      not null default 0
);
create index if not exists solution_changed on solution (team, ensemble, change);
create index if not exists solution_question on solution (team, ensemble, digest);
create index if not exists solution_decision on solution (ensemble, decision);
create index if not exists solution_created on solution (created_at);
-- Numbers of unit vectors hardly compress.
alter table solution alter column embedding set storage external;

-- How far the list of an ensemble's accepted solutions is: whoever changes it locks its row, so that changes are seen in their order.
create table if not exists solution_list (
  team     text   not null,
  ensemble text   not null,
  change   bigint not null,
  -- How many left the list so far.
  removed  bigint not null,
  primary key (team, ensemble)
);

-- How far the feedback of an ensemble was heard: router-service's page that is read next.
create table if not exists feedback_place (
  ensemble text primary key,
  page     text not null
);
