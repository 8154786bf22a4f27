-- Which key asked; null where there was none.
alter table decision add column if not exists key text;
-- Lists of a team's decisions.
create index if not exists decision_team on decision (team, time, id);
-- Whose decision it is about.
alter table feedback add column if not exists team text not null default 'none';
-- What of spend was asked for with a key; a build of before goes on with that alone.
create table if not exists key_spend (
  hour              timestamptz not null,
  ensemble          text        not null,
  team              text        not null,
  key               text        not null,
  requests          bigint      not null,
  estimated         bigint      not null,
  prompt_tokens     numeric     not null,
  completion_tokens numeric     not null,
  cost_usd          numeric     not null,
  primary key (hour, ensemble, team, key)
);
