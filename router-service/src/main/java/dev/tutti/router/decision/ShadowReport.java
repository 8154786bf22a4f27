package dev.tutti.router.decision;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.Shadow;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a version in shadow chose, beside what the active one chose. Reads the decisions, on no
 * request's path.
 */
@ApplicationScoped
public class ShadowReport {

  /** Decisions that a report looks at, the newest, at most. */
  public static final int MOST = 100_000;

  private static final int FETCH = 1_000;

  /** Pairs that a report names. */
  private static final int MOST_DIFFERED = 100;

  private final AgroalDataSource database;

  ShadowReport(AgroalDataSource database) {
    this.database = database;
  }

  /**
   * The two versions over the same queries. A version's first choice is its ranking's first.
   *
   * @param decisions that the version in shadow made, over all ensembles of the artifact; the
   *     newest {@value #MOST} at most
   * @param truncated whether there may be more of them
   * @param agreed those in which both chose the same member
   * @param live how often the active version chose each member
   * @param shadow how often the version in shadow did
   * @param differed where they chose differently, the most frequent first
   * @param usd mean of what the shadow's choices are expected to cost more than the active
   *     version's, US dollars a query; negative where they are cheaper
   * @param qualityByLive mean of what they would be better by, as the active version estimates
   * @param qualityByShadow the same as the version in shadow estimates
   */
  public record Report(
      long decisions,
      boolean truncated,
      long agreed,
      SortedMap<String, Long> live,
      SortedMap<String, Long> shadow,
      List<Differed> differed,
      double usd,
      double qualityByLive,
      double qualityByShadow) {}

  /**
   * Two members that were chosen for the same queries.
   *
   * @param live by the active version
   * @param shadow by the version in shadow
   * @param decisions how often
   */
  public record Differed(String live, String shadow, long decisions) {}

  /**
   * The report of a version in shadow.
   *
   * @throws FailureException ({@link Failure.Unavailable}) when the database is away
   */
  public Report report(String artifact, int version) {
    var sums = new Sums(version);
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select document from router.decision where shadowed = ?"
                    + " order by time desc limit "
                    + MOST)) {
      // Rows come in pieces only within a transaction.
      connection.setAutoCommit(false);
      select.setFetchSize(FETCH);
      select.setString(1, artifact);
      int seen = 0;
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          sums.add(DecisionTable.read(rows.getBytes(1)));
          seen++;
        }
      }
      connection.commit();
      return sums.report(seen == MOST);
    } catch (SQLException e) {
      throw new FailureException(
          new Failure.Unavailable(
              "DATABASE_UNREACHABLE",
              "What the shadow chose cannot be told: the database is out of reach."),
          e);
    }
  }

  /** Sums over decisions. */
  static final class Sums {

    private final int version;
    private final SortedMap<String, Long> live = new TreeMap<>();
    private final SortedMap<String, Long> shadow = new TreeMap<>();
    private final SortedMap<String, SortedMap<String, Long>> differed = new TreeMap<>();
    private long decisions;
    private long agreed;
    private double usd;
    private double byLive;
    private double byShadow;

    Sums(int version) {
      this.version = version;
    }

    void add(Decision decision) {
      Optional<Shadow> its =
          decision.getShadowsList().stream()
              .filter(s -> s.getArtifactVersion() == version)
              .findFirst();
      if (its.isEmpty()) {
        return;
      }
      String active = its.get().getActiveChoice();
      String other = its.get().getRanked(0).getMember();
      decisions++;
      if (other.equals(active)) {
        agreed++;
      } else {
        differed.computeIfAbsent(active, _ -> new TreeMap<>()).merge(other, 1L, Long::sum);
      }
      live.merge(active, 1L, Long::sum);
      shadow.merge(other, 1L, Long::sum);
      usd +=
          candidate(decision, other).getExpectedUsd()
              - candidate(decision, active).getExpectedUsd();
      byLive += candidate(decision, other).getScore() - candidate(decision, active).getScore();
      byShadow += score(its.get(), other) - score(its.get(), active);
    }

    private static Candidate candidate(Decision decision, String member) {
      return decision.getCandidatesList().stream()
          .filter(c -> c.getMember().equals(member))
          .findFirst()
          .orElseThrow();
    }

    private static double score(Shadow shadow, String member) {
      return shadow.getRankedList().stream()
          .filter(c -> c.getMember().equals(member))
          .findFirst()
          .orElseThrow()
          .getScore();
    }

    Report report(boolean truncated) {
      double n = Math.max(1, decisions);
      return new Report(
          decisions,
          truncated,
          agreed,
          live,
          shadow,
          differed(),
          usd / n,
          byLive / n,
          byShadow / n);
    }

    private List<Differed> differed() {
      return differed.entrySet().stream()
          .flatMap(
              its ->
                  its.getValue().entrySet().stream()
                      .map(o -> new Differed(its.getKey(), o.getKey(), o.getValue())))
          .sorted(Comparator.comparing(Differed::decisions).reversed())
          .limit(MOST_DIFFERED)
          .toList();
    }
  }
}
