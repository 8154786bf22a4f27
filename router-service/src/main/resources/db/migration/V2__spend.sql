-- What each request used and cost, beside its decision: one insert for both, exactly once by id.
alter table decision
  -- Who called; 'none' until calls carry keys.
  add column if not exists team              text           not null default 'none',
  add column if not exists prompt_tokens     bigint         not null default 0,
  add column if not exists completion_tokens bigint         not null default 0,
  -- US dollars; exact, never a floating-point number.
  add column if not exists cost_usd          numeric(24, 12) not null default 0,
  -- Whether an endpoint told no usage, so that tokens were estimated.
  add column if not exists estimated         boolean        not null default false;
create index if not exists decision_time on decision (time);
