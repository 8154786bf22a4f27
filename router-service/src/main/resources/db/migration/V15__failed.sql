-- What failed of the request: 'request' where it got no whole answer, 'member' where a member's call did and another one answered; null
-- where nothing did, and for those that were kept before this was.
alter table decision add column if not exists failed text;
create index if not exists decision_failed on decision (failed, time, id) where failed is not null;
-- Lists of what a key asked.
create index if not exists decision_key on decision (key, time, id) where key is not null;
