-- Revisions of all datasets: none comes twice, not even after a dataset was deleted.
create sequence dataset_revision;

-- The row's lock orders all that changes a dataset.
create table if not exists dataset (
    name        text        primary key,
    revision    bigint      not null,
    fingerprint bytea       not null,              -- sum of the SHA-256 of its queries, modulo 2^256
    cost_unit   text        not null,
    queries     bigint      not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);

-- One row a query; the document is a tutti.registry.v1.RecordedQuery with all outcomes. Ids sort by their bytes.
create table if not exists dataset_query (
    dataset  text  not null references dataset (name) on delete cascade,
    id       text  collate "C" not null,
    set      text  not null,
    split    text  not null,
    document bytea not null,
    primary key (dataset, id)
);

-- Counted with every change, so that nobody has to count a dataset to describe it.
create table if not exists dataset_slice (
    dataset text   not null references dataset (name) on delete cascade,
    set     text   collate "C" not null,
    split   text   collate "C" not null,
    queries bigint not null,
    primary key (dataset, set, split)
);
create table if not exists dataset_member (
    dataset   text    not null references dataset (name) on delete cascade,
    member    text    collate "C" not null,
    outcomes  bigint  not null,
    score_sum numeric not null,                    -- exact: scores are added and taken away
    primary key (dataset, member)
);

-- Bodies of imports, until their job has taken them over.
create table if not exists import_upload (
    id         text        primary key,
    dataset    text        not null,
    complete   boolean     not null default false,
    bytes      bigint      not null default 0,
    chunks     integer     not null default 0,     -- how many there were; a job takes them over one by one
    updated_at timestamptz not null default now()  -- of the last chunk
);
create table if not exists import_chunk (
    upload     text    not null references import_upload (id) on delete cascade,
    number     integer not null,                   -- from 0 on
    first_line bigint  not null,                   -- from 1 on
    data       bytea,                              -- whole lines; null: one line that was too long
    primary key (upload, number)
);

-- Lines that an import could not take, for its report.
create table if not exists import_refusal (
    job    text   not null references job (id) on delete cascade,
    line   bigint not null,                        -- from 1 on
    field  text   not null,
    reason text   not null,
    primary key (job, line)
);
