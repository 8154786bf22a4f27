-- Lists of the decisions in which somebody was called.
create index if not exists decision_members on decision using gin (members);
