-- Why each request was answered as it was; appended, never changed.
create table decision (
  id               text primary key,
  time             timestamptz not null,
  ensemble         text not null,
  ensemble_version bigint not null,
  method           text not null,
  -- tutti.generation.v1.Decision as protobuf.
  document         bytea not null
);
create index decision_ensemble_time on decision (ensemble, time);
