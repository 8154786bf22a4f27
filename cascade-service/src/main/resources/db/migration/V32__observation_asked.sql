-- Who was asked counts as that, also where nothing is learned from the answer; and what was asked for counts by the share that held then.
alter table observation add column if not exists asked boolean not null default false;
-- Share of the questions that the strong member might be asked, millionths.
alter table observation add column if not exists share integer not null default 0;
update observation set asked = true where answer is not null and not asked;
-- Sum of the shares of the first ones that are no longer kept.
alter table observation_list add column if not exists gone_share bigint not null default 0;
-- When it was last learned from: of an ensemble those that were not for longest go.
alter table observation_list add column if not exists used_at timestamptz not null default now();
create index if not exists observation_list_used on observation_list (used_at);
