package dev.tutti.router.decision;

import com.google.protobuf.Value;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.ShadowChoice;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.Floats;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.evaluation.LoggedChoice;
import dev.tutti.router.fit.TextFeatures;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Routing decisions whose answers were rated. Reads the database, on no request's path. */
@ApplicationScoped
public class RatedDecisions {

  /** Decisions that are read at most, the newest, whatever the heap. */
  public static final int MOST = 50_000;

  /**
   * What one takes with what an evaluation makes of it; all together have a quarter of the heap.
   */
  private static final int BYTES_A_DECISION = 8_000;

  private static final int FETCHED = 500;
  private static final double ROUNDING = 1e-6;

  /**
   * Somebody who rates a member that did not answer says nothing about what was chosen; of version
   * 0 are recipes that somebody sent under the ensemble's name.
   */
  private static final String SELECT =
      """
      select d.document, d.embedding, f.member, f.score
      from router.decision d
      join (
        select decision, member, avg(score) as score from router.feedback
        where ensemble = ? and kind in ('rating', 'correct', 'failed')
        group by decision, member) f on f.decision = d.id
      where d.ensemble = ? and d.ensemble_version > 0 and d.time >= ? and d.time < ?
      order by d.time desc, d.id, f.member limit ?""";

  private final Database database;

  RatedDecisions(Database database) {
    this.database = database;
  }

  /**
   * What was read.
   *
   * @param choices oldest first
   * @param unusable ratings that are not about a member that was called first and alone, or of
   *     decisions that tell no probabilities
   * @param truncated whether there may be older ones
   */
  public record Log(List<LoggedChoice> choices, int unusable, boolean truncated) {}

  /**
   * Reads the rated decisions of an ensemble.
   *
   * @param from the first moment that counts
   * @param to the first that does not any more
   */
  public Log read(String ensemble, Instant from, Instant to) throws SQLException {
    var choices = new ArrayList<LoggedChoice>();
    int seen = 0;
    int most = most(Runtime.getRuntime().maxMemory());
    try (Connection connection = database.connect()) {
      // Rows come in pieces only within a transaction.
      connection.setAutoCommit(false);
      try (PreparedStatement select = connection.prepareStatement(SELECT)) {
        select.setFetchSize(FETCHED);
        select.setString(1, ensemble);
        select.setString(2, ensemble);
        select.setTimestamp(3, Timestamp.from(from));
        select.setTimestamp(4, Timestamp.from(to));
        select.setInt(5, most);
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            seen++;
            choice(
                    DecisionTable.read(rows.getBytes(1)),
                    Floats.floats(rows.getBytes(2)),
                    rows.getString(3),
                    rows.getDouble(4))
                .ifPresent(choices::add);
          }
        }
      } finally {
        connection.rollback();
      }
    }
    return new Log(choices.reversed(), seen - choices.size(), seen == most);
  }

  /** Decisions that a heap of so many bytes has room for. */
  static int most(long heap) {
    return (int) Math.min(MOST, heap / 4 / BYTES_A_DECISION);
  }

  static Optional<LoggedChoice> choice(
      Decision decision, float[] embedding, String rated, double quality) {
    List<Candidate> called =
        decision.getCandidatesList().stream().filter(Candidate::getCalled).toList();
    if (called.size() != 1 || !called.getFirst().getMember().equals(rated)) {
      return Optional.empty();
    }
    List<Candidate> able =
        decision.getCandidatesList().stream()
            .filter(c -> c.hasScore() && c.hasPropensity())
            .toList();
    Map<String, Double> propensities =
        able.stream().collect(Collectors.toMap(Candidate::getMember, Candidate::getPropensity));
    double sum = propensities.values().stream().mapToDouble(p -> p).sum();
    if (!(Math.abs(sum - 1) <= ROUNDING) || !(propensities.getOrDefault(rated, 0.0) > 0)) {
      return Optional.empty();
    }
    var pool =
        new Pool(
            able.stream()
                .map(
                    c ->
                        new Pool.Member(
                            c.getMember(),
                            c.getAs().isEmpty() ? c.getMember() : c.getAs(),
                            1,
                            c.getExpectedUsd(),
                            c.getExpectedSeconds()))
                .toList());
    return Optional.of(
        new LoggedChoice(
            rated,
            quality,
            called.getFirst().getCostUsd(),
            propensities,
            pool,
            Query.logged(embedding, features(decision)),
            shadow(decision)));
  }

  private static float[] features(Decision decision) {
    List<Value> kept =
        decision
            .getInputs()
            .getFieldsOrDefault("text_features", Value.getDefaultInstance())
            .getListValue()
            .getValuesList();
    if (kept.size() != TextFeatures.COUNT) {
      return new float[0];
    }
    var features = new float[kept.size()];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) kept.get(i).getNumberValue();
    }
    return features;
  }

  private static Optional<LoggedChoice.Shadow> shadow(Decision decision) {
    return decision.getShadowsList().stream()
        .findFirst()
        .map(
            s ->
                new LoggedChoice.Shadow(
                    s.getArtifact(),
                    s.getArtifactVersion(),
                    s.getRankedList().stream()
                        .collect(
                            Collectors.toMap(
                                ShadowChoice::getMember, ShadowChoice::getPropensity))));
  }
}
