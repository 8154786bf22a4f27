-- Lists of what a team asked of an ensemble.
create index if not exists decision_ensemble_team on decision (ensemble, team, time, id);
