-- Until when a one-time password opens the page that changes it; null for without an end.
alter table admin_user add column if not exists one_time_until timestamptz;
