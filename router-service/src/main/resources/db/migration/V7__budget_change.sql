-- Who began the budget of an ensemble anew; never changed, never deleted.
create table if not exists budget_change (
  number         bigint           generated always as identity primary key,
  ensemble       text             not null,
  action         text             not null check (action = 'RESET'),
  -- US dollars that the ledger had; negative where it was in debt.
  balance_before double precision not null,
  balance_after  double precision not null,
  author         text             not null,
  at             timestamptz      not null default now()
);
create index if not exists budget_change_ensemble on budget_change (ensemble, number);
