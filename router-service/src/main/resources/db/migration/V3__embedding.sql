-- The embedding of the query where the method looked at it: big-endian 32-bit floats. Feedback on the decision needs it.
alter table decision add column if not exists embedding bytea;
