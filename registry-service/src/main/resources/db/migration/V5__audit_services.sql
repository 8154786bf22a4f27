-- What other services were asked to do is in the log too.
alter table audit_log add column if not exists service text;
