-- What was said about answers: appended, and then given its place in the order of learning. Each row stands for itself, so that
-- everything can be learned anew when its decision is gone.
create table if not exists feedback (
  id               bigint generated always as identity primary key,
  -- Given twice, it counts once.
  key              text        not null unique,
  -- SHA-256 of what was said: the same key with other content is refused.
  content          bytea       not null,
  time             timestamptz not null default now(),
  decision         text        not null,
  ensemble         text        not null,
  ensemble_version bigint      not null,
  -- Empty where a model answered by itself.
  method           text        not null,
  kind             text        not null check (kind in ('rating', 'correct', 'failed', 'comparison')),
  -- Who it is about; of a comparison, the winner.
  member           text        not null,
  -- The loser of a comparison.
  other            text,
  -- Quality from 0 to 1, 0 for a failure; of a comparison 1, or 0.5 for a tie.
  score            double precision not null,
  source           text        not null,
  comment          text,
  -- Who could have been asked.
  pool             text[]      not null,
  cost_usd         double precision,
  seconds          double precision,
  -- Big-endian 32-bit floats; null where the decision has none.
  embedding        bytea,
  -- Place in the order in which everything is learned. Ids become visible out of order, so they are no such order.
  position         bigint unique,
  -- Why the ensemble's learner did not learn from it.
  refused          text
);
create index if not exists feedback_unordered on feedback (id) where position is null;
create index if not exists feedback_learned on feedback (ensemble, position);
create index if not exists feedback_ensemble on feedback (ensemble, id);
create index if not exists feedback_decision on feedback (decision);

-- How far each routing ensemble that learns has come.
create table if not exists learner (
  ensemble         text   primary key,
  ensemble_version bigint not null,
  method           text   not null,
  -- The settings that its state depends on.
  basis            text   not null,
  -- How often it began anew.
  epoch            bigint not null,
  -- The last feedback that went in.
  position         bigint not null,
  observed         bigint not null
);
-- What Eagle knows of a member.
create table if not exists elo_rating (
  ensemble     text             not null,
  member       text             not null,
  rating       double precision not null,
  observations bigint           not null,
  -- The last feedback after which it was written.
  position     bigint           not null,
  primary key (ensemble, member)
);
-- What a bandit knows of a member.
create table if not exists bandit_arm (
  ensemble text   not null,
  member   text   not null,
  -- Big-endian 64-bit floats; which they are, the method's class says.
  numbers  bytea  not null,
  position bigint not null,
  primary key (ensemble, member)
);
-- Doubles hardly compress, and trying takes longer than writing them.
alter table bandit_arm alter column numbers set storage external;
