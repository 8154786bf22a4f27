-- When a key was last used, to the minute; what tells that is not in the audit log.
alter table api_key add column if not exists last_used_at timestamptz;
