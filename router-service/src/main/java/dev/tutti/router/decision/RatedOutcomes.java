package dev.tutti.router.decision;

import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.learning.database.Database;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.v1.RatedDecision;
import dev.tutti.router.v1.RatedMember;
import dev.tutti.router.v1.ReadRatedDecisionsRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Rated decisions with what each rated answer cost and said of itself, for whoever makes recorded
 * outcomes of them. Reads the database, on no request's path.
 */
@ApplicationScoped
public class RatedOutcomes {

  private static final int MOST = 1_000;

  /** Answers are cut to this by whoever decides. */
  private static final int CUT = 500;

  private static final String SELECT =
      """
      select d.id, d.document, f.member, avg(f.score), count(*), max(f.cost_usd), max(f.seconds),
        min(nullif(f.domain, ''))
      from router.decision d join router.feedback f on f.decision = d.id
      where d.id = any (?) and f.kind in ('rating', 'correct', 'failed')
        and (? or d.ensemble = any (?)) and d.time >= ? and d.time < ?
      group by d.id, d.document, f.member having count(*) >= ?
      order by d.id, f.member""";

  private final Database database;
  private final KnownNames names;

  RatedOutcomes(Database database, KnownNames names) {
    this.database = database;
    this.names = names;
  }

  /**
   * Tells the rated ones among some decisions, in the order of the request.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument}, {@link
   *     Failure.Unavailable} when the database is away
   */
  public void read(ReadRatedDecisionsRequest request, Consumer<RatedDecision> sink) {
    int count = request.getDecisionsCount();
    if (count < 1 || count > MOST) {
      throw Failure.invalid(
          "decisions", "%d decisions are named; 1 to %d are allowed.".formatted(count, MOST));
    }
    if (request.getLeastRatings() < 0) {
      throw Failure.invalid(
          "least_ratings",
          "least_ratings is %d; at least 1 is allowed.".formatted(request.getLeastRatings()));
    }
    Map<String, RatedDecision> found;
    try {
      found = find(request);
    } catch (SQLException e) {
      database.failed(e);
      throw new Failure.Unavailable(
              "DATABASE_UNREACHABLE", "Decisions cannot be told: the database is out of reach.")
          .exception();
    }
    request.getDecisionsList().stream()
        .distinct()
        .map(found::get)
        .filter(decision -> decision != null)
        .forEach(sink);
  }

  private Map<String, RatedDecision> find(ReadRatedDecisionsRequest request) throws SQLException {
    var found = new LinkedHashMap<String, RatedDecision.Builder>();
    List<String> ensembles = request.getEnsemblesList().stream().map(names::own).toList();
    // PostgreSQL takes no U+0000; nothing is called so.
    List<String> ids =
        request.getDecisionsList().stream().filter(id -> id.indexOf('\0') < 0).toList();
    try (Connection connection = database.connect();
        PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setArray(1, connection.createArrayOf("text", ids.toArray()));
      select.setBoolean(2, ensembles.isEmpty());
      select.setArray(3, connection.createArrayOf("text", ensembles.toArray()));
      select.setTimestamp(4, time(request.hasFrom() ? Timestamps.toMillis(request.getFrom()) : 0));
      select.setTimestamp(
          5,
          request.hasTo()
              ? time(Timestamps.toMillis(request.getTo()))
              : Timestamp.from(Instant.now()));
      select.setInt(6, Math.max(1, request.getLeastRatings()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          Decision decision = DecisionTable.read(rows.getBytes(2));
          RatedDecision.Builder told =
              found.computeIfAbsent(
                  rows.getString(1),
                  id ->
                      RatedDecision.newBuilder()
                          .setId(id)
                          .setEnsemble(decision.getEnsemble())
                          .setTime(decision.getTime()));
          told.addMembers(member(decision, rows));
          String domain = rows.getString(8);
          if (domain != null
              && (told.getDomain().isEmpty() || domain.compareTo(told.getDomain()) < 0)) {
            told.setDomain(domain);
          }
        }
      }
    }
    var built = new LinkedHashMap<String, RatedDecision>();
    found.forEach((id, decision) -> built.put(id, decision.build()));
    return built;
  }

  private static RatedMember member(Decision decision, ResultSet row) throws SQLException {
    String name = row.getString(3);
    Optional<Candidate> candidate =
        decision.getCandidatesList().stream().filter(c -> c.getMember().equals(name)).findFirst();
    RatedMember.Builder member =
        RatedMember.newBuilder()
            .setMember(candidate.map(Candidate::getAs).filter(as -> !as.isEmpty()).orElse(name))
            .setScore(row.getDouble(4))
            .setRatings(row.getInt(5));
    double usd = row.getDouble(6);
    if (!row.wasNull()) {
      member.setCostUsd(usd);
    }
    double seconds = row.getDouble(7);
    if (!row.wasNull()) {
      member.setSeconds(seconds);
    }
    candidate.ifPresent(its -> add(its, member));
    return member.build();
  }

  private static void add(Candidate candidate, RatedMember.Builder member) {
    if (candidate.hasCostUsd()) {
      member.setCostUsd(candidate.getCostUsd());
    }
    if (candidate.hasSeconds()) {
      member.setSeconds(candidate.getSeconds());
    }
    if (candidate.hasAnswer() && candidate.getAnswer().length() < CUT) {
      member.setAnswer(candidate.getAnswer());
    }
    if (candidate.hasSignals()) {
      member.setSignals(candidate.getSignals());
    }
  }

  private static Timestamp time(long millis) {
    return new Timestamp(millis);
  }
}
