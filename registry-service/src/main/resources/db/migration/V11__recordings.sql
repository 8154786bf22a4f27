-- Recordings: calls that are paid and not in their dataset yet.
create table if not exists recording_call (
    job     text             not null references job (id) on delete cascade,
    line    bigint           not null,             -- of the question, from 1 on
    member  text             not null,
    what    text             not null check (what in ('ANSWER', 'VERDICT', 'LOSS', 'VERDICT_LOSS')),
    usd     double precision not null,
    outcome bytea,                                 -- tutti.registry.v1.Outcome; of an answer
    score   double precision,                      -- of a verdict
    primary key (job, line, member, what)
);

-- How far each is, for whoever asks; the job's checkpoint, which the job forgets when it ends.
create table if not exists recording (
    job    text  primary key references job (id) on delete cascade,
    counts bytea not null
);

-- Several members may have failed at one question.
alter table import_refusal drop constraint import_refusal_pkey, add primary key (job, line, field);
