-- Lists of the decisions in which somebody was called.
create index if not exists decision_members on decision using gin (members);
-- What was said about a decision, or about one within: the id, or what begins with the id and a dot.
create index if not exists feedback_about on feedback (decision text_pattern_ops);
drop index if exists feedback_decision;
