-- What deleted decisions used and cost, by the hour: a report counts both.
create table if not exists spend (
  hour              timestamptz not null,
  ensemble          text        not null,
  team              text        not null,
  requests          bigint      not null,
  estimated         bigint      not null,
  prompt_tokens     numeric     not null,
  completion_tokens numeric     not null,
  cost_usd          numeric     not null,
  primary key (hour, ensemble, team)
);
-- What was switched is told for ever, also of versions that are deleted since.
alter table artifact_change drop constraint if exists artifact_change_name_version_fkey;
