-- Who is told that a key has spent as much as somebody wants to hear of.
create table if not exists webhook (
    id           text        primary key,
    number       bigint      generated always as identity unique, -- order of lists
    url          text        not null,
    secret       text        not null, -- signs what is sent, so it is kept as it is; told once, when it was made
    created_at   timestamptz not null,
    delivered_at timestamptz,          -- when it took something last
    error        text                  -- why it did not take what it was sent last; null where it did
);

-- What was told already: once a key and day, or month.
create table if not exists budget_notice (
    key      text        not null,
    "window" text        not null,
    begin    timestamptz not null,
    primary key (key, "window", begin)
);

-- What is still to be sent.
create table if not exists webhook_delivery (
    number   bigint      generated always as identity primary key,
    webhook  text        not null references webhook on delete cascade,
    body     text        not null,
    attempts integer     not null default 0,
    due      timestamptz not null default now()
);
create index if not exists webhook_delivery_due on webhook_delivery (due);
create index if not exists webhook_delivery_webhook on webhook_delivery (webhook);
