-- Names have capitals and slashes by now: lists are in the order of their bytes, whatever the database's own order is.
alter table entry alter column name type text collate "C";
-- Who changed what, by whoever asks for an author or a time.
create index if not exists audit_log_author on audit_log (author, revision);
create index if not exists audit_log_at on audit_log (at);
