package dev.tutti.router.activity;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.router.members.KnownNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What was asked of late. Reads the database, on no request's path. */
@ApplicationScoped
public class ActivityReport {

  /** Most ensembles of a report. */
  public static final int MOST = 100;

  private final Database database;
  private final ActivityTable table;
  private final KnownNames names;

  ActivityReport(Database database, ActivityTable table, KnownNames names) {
    this.database = database;
    this.table = table;
    this.names = names;
  }

  /** What happened in a step. */
  public record At(Instant start, Counts counts) {}

  /** What happened under a name. */
  public record Of(String name, Counts counts) {}

  /**
   * A report.
   *
   * @param from the first moment that counts
   * @param to the first that does not any more
   * @param steps every one, oldest first
   * @param all of them together
   * @param ensembles most requests first, at most {@value #MOST}
   * @param ensembleCount how many there are
   */
  public record Report(
      Instant from,
      Instant to,
      List<At> steps,
      Counts all,
      List<Of> ensembles,
      int ensembleCount) {}

  /**
   * Tells what was asked.
   *
   * @param step says how far back, too
   * @param asked only under this name, or alias; all where it is empty
   * @throws FailureException {@link Failure.InvalidArgument} for a text that is no name, {@link
   *     Failure.Unavailable} when the database is away
   */
  public Report report(Step step, String asked, Instant now) {
    if (asked.indexOf(0) >= 0) {
      throw Failure.invalid("ensemble", "ensemble holds U+0000, which is no text.");
    }
    String name = names.own(asked);
    Instant to = step.start(now).plus(step.length());
    Instant from = to.minus(step.length().multipliedBy(step.told()));
    try (Connection connection = database.connect()) {
      Map<Instant, Counts> found =
          table.read(connection, step, name.isEmpty() ? ActivityTable.ALL : name, from, to);
      var steps = new ArrayList<At>();
      Counts all = Counts.NONE;
      for (Instant at = from; at.isBefore(to); at = at.plus(step.length())) {
        Counts its = found.getOrDefault(at, Counts.NONE);
        steps.add(new At(at, its));
        all = all.and(its);
      }
      if (!name.isEmpty()) {
        return new Report(from, to, steps, all, List.of(new Of(name, all)), 1);
      }
      ActivityTable.Names most = table.names(connection, step, from, to, MOST);
      var ensembles = new ArrayList<Of>();
      table
          .read(connection, step, most.names(), from, to)
          .forEach((its, counts) -> ensembles.add(new Of(its, counts)));
      return new Report(from, to, steps, all, ensembles, most.count());
    } catch (SQLException e) {
      database.failed(e);
      throw new FailureException(
          new Failure.Unavailable(
              "DATABASE_UNREACHABLE",
              "What was asked cannot be told: the database is out of reach."),
          e);
    }
  }
}
