-- Requests by five minutes, hour, quarter of a day and day, each by itself: what is asked for a month is read by the day.
create table if not exists activity (
  -- Length of the step: 300, 3600, 21600 or 86400.
  seconds           integer     not null,
  -- The first moment of the step, UTC.
  start             timestamptz not null,
  -- The name that was asked; empty: all together.
  ensemble          text        not null,
  requests          bigint      not null,
  failures          bigint      not null,
  prompt_tokens     numeric     not null,
  completion_tokens numeric     not null,
  cost_usd          numeric     not null,
  -- Requests of which it is known what the dearest member would have cost, what they cost, and what it would have.
  compared          bigint      not null,
  compared_usd      numeric     not null,
  dearest_usd       numeric     not null,
  -- How many took so long: dev.tutti.router.activity.Latencies says how long.
  latency           bigint[]    not null,
  primary key (seconds, ensemble, start)
) with (fillfactor = 70);
create index if not exists activity_start on activity (seconds, start);
