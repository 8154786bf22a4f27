-- What students learn from: questions that went by, and what the strong member answered to them, in the order in which they count.
create table if not exists observation (
  team      text   not null,
  ensemble  text   not null,
  -- What a student's state depends on: settings, members, what embeds.
  basis     text   not null,
  -- From 1, without gaps.
  position  bigint not null,
  -- How much the strong member was wanted; not a number where there was no student yet.
  need      double precision not null,
  -- Big-endian 32-bit floats, and the answer in its canonical form; null where the strong member was not asked.
  embedding bytea,
  answer    text,
  primary key (team, ensemble, basis, position)
);
alter table observation alter column embedding set storage external;

-- How far each is: whoever appends locks its row, so that positions become visible in their order.
create table if not exists observation_list (
  team       text   not null,
  ensemble   text   not null,
  basis      text   not null,
  steps      bigint not null,
  -- So many of the first ones, and answers among them, are no longer kept.
  gone_steps bigint not null,
  gone_asked bigint not null,
  -- How often it was begun anew.
  epoch      bigint not null,
  primary key (team, ensemble, basis)
);
