-- Who was called, for lists of decisions; null for those that were kept before.
alter table decision add column if not exists members text[];
