-- For which of its users a team asked, of requests that say so: found to delete what is kept of one.
create table if not exists decision_user (
  -- SHA-256 of the team and the user.
  digest   bytea not null,
  decision text  not null references decision on delete cascade,
  primary key (digest, decision)
);
create index if not exists decision_user_decision on decision_user (decision);
-- Whose decisions were deleted: every replica forgets what it has of them in memory.
create table if not exists team_deletion (
  number bigint      generated always as identity primary key,
  team   text        not null,
  -- Of one user; null for all.
  digest bytea,
  at     timestamptz not null default now()
);
-- Feedback of a team.
create index if not exists feedback_team on feedback (team, id);
