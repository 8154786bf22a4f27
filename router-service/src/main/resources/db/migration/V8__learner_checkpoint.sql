-- The numbers of a learner are written now and then; the feedback after that is the rest of its state. Two columns go that only whoever
-- writes them at every fold needs: a replica of the build before stands still instead of folding half a state.
alter table learner
  -- The last feedback that went into the numbers as they are written in elo_rating or bandit_arm, and how much had been learned then.
  add column if not exists checkpoint          bigint,
  add column if not exists checkpoint_observed bigint;
update learner set checkpoint = position, checkpoint_observed = observed where checkpoint is null;
alter table learner
  alter column checkpoint set not null,
  alter column checkpoint_observed set not null;
alter table elo_rating drop column if exists position;
alter table bandit_arm drop column if exists position;
