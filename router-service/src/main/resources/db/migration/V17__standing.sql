-- What the question was about, where whoever gave feedback said so.
alter table feedback add column if not exists domain text;
-- How members compare by feedback; an empty ensemble or domain: all together. It outlives the feedback.
create table if not exists standing (
  ensemble text             not null,
  domain   text             not null,
  member   text             not null,
  -- Elo rating, and the square of its standard error.
  rating   double precision not null,
  variance double precision not null,
  -- Comparisons and ratings that went in.
  pieces   bigint           not null,
  -- Ratings among them, and their sum.
  ratings  bigint           not null,
  quality  double precision not null,
  -- The last day on which it changed, UTC.
  day      date             not null,
  primary key (ensemble, domain, member)
);
-- How they compared at the end of each day on which that changed.
create table if not exists standing_day (
  ensemble text             not null,
  domain   text             not null,
  member   text             not null,
  day      date             not null,
  rating   double precision not null,
  variance double precision not null,
  primary key (ensemble, domain, member, day)
);
-- Which there are.
create table if not exists standing_board (
  ensemble text not null,
  domain   text not null,
  primary key (ensemble, domain)
);
-- How much was said about an ensemble on a day, UTC.
create table if not exists feedback_day (
  ensemble text   not null,
  day      date   not null,
  kind     text   not null,
  pieces   bigint not null,
  primary key (ensemble, day, kind)
);
-- The last feedback that is in all of these: its place in the order of learning.
create table if not exists standing_progress (
  id       integer primary key default 1 check (id = 1),
  position bigint  not null
);
