-- Which key asked; null where there was none.
alter table decision add column if not exists key text;
-- Lists of a team's decisions.
create index if not exists decision_team on decision (team, time, id);
-- Whose decision it is about.
alter table feedback add column if not exists team text not null default 'none';
-- What deleted decisions used and cost, by key too.
alter table spend add column if not exists key text not null default '';
alter table spend drop constraint if exists spend_pkey;
alter table spend add primary key (hour, ensemble, team, key);
