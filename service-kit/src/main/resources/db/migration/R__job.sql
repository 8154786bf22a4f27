-- Jobs (dev.tutti.kit.job): the same in every service that has jobs, and run again whenever it changes. A table of before stays, with all that it
-- holds.
create table if not exists job (
    id               text        primary key,
    number           bigint      generated always as identity unique, -- order of the queue
    kind             text        not null,
    key              text,                                  -- of the client, for idempotence
    author           text        not null,
    parameters       jsonb       not null,
    state            text        not null check (state in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    done             bigint      not null default 0,
    total            bigint      not null default 0,        -- 0: not known
    unit             text        not null,
    message          text        not null default '',
    checkpoint       bytea,                                 -- the handler's own; where to resume
    result           jsonb,
    error_reason     text,
    error_message    text,
    error_field      text,
    cancel_requested boolean     not null default false,
    attempts         integer     not null default 0,        -- fencing: only the newest attempt may write
    stalled          integer     not null default 0,        -- attempts since the last checkpoint
    lease_until      timestamptz,                           -- of the running attempt
    not_before       timestamptz not null default now(),    -- of the next attempt
    created_at       timestamptz not null default now(),
    started_at       timestamptz,
    updated_at       timestamptz not null default now(),
    ended_at         timestamptz,
    unique (kind, key)
);
create index if not exists job_open on job (number) where state in ('QUEUED', 'RUNNING');
