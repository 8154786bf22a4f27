-- What all replicas together may still spend on an ensemble that has a budget per day.
create table if not exists budget (
  ensemble text primary key,
  -- US dollars that no replica has taken; negative where more was spent than there was.
  balance  double precision not null,
  -- When that was so.
  at       timestamptz not null default clock_timestamp()
);
