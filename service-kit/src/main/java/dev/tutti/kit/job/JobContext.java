package dev.tutti.kit.job;

import com.google.protobuf.Struct;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** A running job, as its handler sees it. For the handler's own thread. */
public interface JobContext {

  /** Id of the job. */
  String id();

  /** The parameters, as they passed the handler's check. */
  Struct parameters();

  /** What the last commit left, in this attempt or an earlier one; empty before the first. */
  Optional<byte[]> checkpoint();

  /**
   * Tells how far the work is. Cheap: kept in memory, and written about twice a second.
   *
   * @param done units done; at least 0
   * @param total units in all; 0 where it is not known
   * @param message what is being done, for people; cut at 500 characters
   * @throws JobStoppedException when the job must stop
   */
  void progress(long done, long total, String message);

  /**
   * Writes rows and the checkpoint after them in one transaction: both stand, or neither.
   *
   * @param step runs once
   * @throws SQLException of the step or the database; the handler lets it pass
   * @throws JobStoppedException when the job must stop; nothing was written
   */
  void commit(Step step) throws SQLException;

  /**
   * Writes the checkpoint alone.
   *
   * @param checkpoint where to resume; at most 64 MiB
   * @throws SQLException of the database; the handler lets it pass
   * @throws JobStoppedException when the job must stop; nothing was written
   */
  default void checkpoint(byte[] checkpoint) throws SQLException {
    commit(_ -> checkpoint);
  }

  /**
   * Asks whether to go on, where there is no progress to tell.
   *
   * @throws JobStoppedException when the job must stop
   */
  void checkStopped();

  /** What is written in one transaction. */
  @FunctionalInterface
  interface Step {

    /**
     * Writes rows. Between two statements at most a lease passes: what takes long is computed
     * before.
     *
     * @param connection of the transaction; neither to be committed nor closed here
     * @return the checkpoint after it
     */
    byte[] write(Connection connection) throws SQLException;
  }
}
