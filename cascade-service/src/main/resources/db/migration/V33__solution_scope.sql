-- Under which instructions a question was asked: a digest; empty where there were none. Another question under others, also to its digest.
alter table solution add column if not exists scope text not null default '';
