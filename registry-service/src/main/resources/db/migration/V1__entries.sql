-- One table for models and ensembles: a name is unique over both, and the primary key says so.
create table entry (
    name      text   primary key,
    kind      text   not null check (kind in ('MODEL', 'ENSEMBLE')),
    version   bigint not null check (version >= 1),
    lifecycle text   not null,
    document  jsonb  not null
);

-- Every version there ever was; never changed, never deleted.
create table entry_version (
    name     text   not null,
    version  bigint not null,
    kind     text   not null,
    document jsonb  not null,
    primary key (name, version)
);

-- One row. Every change adds one, in its own transaction: that row's lock orders all changes of all replicas.
create table registry_revision (
    id       smallint primary key check (id = 1),
    revision bigint   not null
);
insert into registry_revision (id, revision) values (1, 0);

-- Who changed what: one row a revision; the documents before and after are in entry_version.
create table audit_log (
    revision       bigint      primary key,
    at             timestamptz not null,
    author         text        not null,
    action         text        not null,
    kind           text        not null,
    name           text        not null,
    version_before bigint,
    version_after  bigint,
    trace_id       text        not null
);
create index audit_log_name on audit_log (name, revision);
