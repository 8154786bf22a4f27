/**
 * Persistent jobs: work that outlives the call that starts it and the process that runs it.
 *
 * <p>A service that has jobs
 *
 * <ul>
 *   <li>has Flyway make its schema: the table comes with {@code db/migration/R__job.sql};
 *   <li>writes a {@link dev.tutti.kit.job.JobHandler} for each kind;
 *   <li>makes one {@link dev.tutti.kit.job.Jobs} of its {@code DataSource}, schema and handlers,
 *       and one {@link dev.tutti.kit.job.JobRunner} of these, which it starts at its start and
 *       closes at its end; neither needs the database to be there;
 *   <li>offers them by a subclass of {@link dev.tutti.kit.job.JobEndpoint} that is a
 *       {@code @GrpcService}, and by REST in its own manners.
 * </ul>
 *
 * <p>What holds: a job is run by one replica at a time, as long as that one gives signs of life; it
 * is taken over, from its last checkpoint, one lease after the last sign. An attempt that lost its
 * job can write neither rows nor checkpoint: both stand in one transaction, and the attempt's
 * number guards it. Cancellation is seen by whichever replica runs the job within a twentieth of a
 * lease. What is away (the database, a service) is waited for, ten tries without a checkpoint.
 *
 * <p>{@link dev.tutti.kit.job.Retention} is the work that nobody starts: what was kept long enough
 * is deleted, jobs among it.
 */
package dev.tutti.kit.job;
