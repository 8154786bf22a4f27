-- What all replicas together have taken of a key's limit in its current minute, day or month.
create table if not exists key_limit (
  key    text             not null,
  kind   text             not null,
  -- When the minute, day or month began, UTC.
  since  timestamptz      not null,
  -- Requests, tokens or US dollars.
  used   double precision not null,
  primary key (key, kind)
);
