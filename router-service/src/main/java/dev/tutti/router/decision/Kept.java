package dev.tutti.router.decision;

import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.router.access.Caller;
import dev.tutti.router.access.EndUser;
import dev.tutti.router.activity.Ending;
import dev.tutti.router.activity.Request;
import dev.tutti.router.feedback.FeedbackRow;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A decision as it is kept.
 *
 * @param timeMillis since 1970, UTC
 * @param document the whole decision as protobuf; not to be changed
 * @param team that asked
 * @param key id of the key that it asked with; empty without one
 * @param spend what the call used and cost
 * @param embedding of the query, for a router that learns from feedback; empty where its method
 *     does not look at it; not to be changed
 * @param shadowed name of the artifact of which a version in shadow was asked too; null where none
 *     was
 * @param members who was called
 * @param failed what did; null where nothing did
 * @param failures of its calls, where somebody learns from them
 * @param ending of the request; null where nobody was asked
 * @param user digest of the user for whom the team asked; empty where none was named; not to be
 *     changed
 */
record Kept(
    String id,
    long timeMillis,
    String ensemble,
    long ensembleVersion,
    String method,
    byte[] document,
    String team,
    String key,
    Spend spend,
    float[] embedding,
    String shadowed,
    List<String> members,
    Failed failed,
    List<FeedbackRow> failures,
    Ending ending,
    byte[] user) {

  /**
   * A decision, which says who asked.
   *
   * @param failed members whose calls failed, where somebody learns from that
   * @param ending null where nobody was asked
   */
  static Kept of(
      Decision decision, Spend spend, float[] embedding, Set<String> failed, Ending ending) {
    String team = decision.getTeam().isEmpty() ? Caller.NO_TEAM : decision.getTeam();
    return new Kept(
        decision.getId(),
        Timestamps.toMillis(decision.getTime()),
        decision.getEnsemble(),
        decision.getEnsembleVersion(),
        decision.getMethod(),
        decision.toByteArray(),
        team,
        decision.getKey(),
        spend,
        embedding,
        decision.getShadowsCount() == 0 ? null : decision.getShadows(0).getArtifact(),
        decision.getCandidatesList().stream()
            .filter(Candidate::getCalled)
            .map(Candidate::getMember)
            .distinct()
            .toList(),
        Failed.of(decision).orElse(null),
        failed.stream().sorted().map(m -> FeedbackRow.failed(decision, m, embedding)).toList(),
        ending,
        EndUser.current(team));
  }

  /**
   * The same under an id of its own, for one whose id is another's already. It follows from what
   * was decided: written twice, it is there once.
   */
  Kept apart() {
    String own = UUID.nameUUIDFromBytes(document).toString();
    Decision decision = DecisionTable.read(document).toBuilder().setId(own).build();
    return new Kept(
        own,
        timeMillis,
        ensemble,
        ensembleVersion,
        method,
        Nested.identified(decision).toByteArray(),
        team,
        key,
        spend,
        embedding,
        shadowed,
        members,
        failed,
        failures,
        ending,
        user);
  }

  /**
   * Whether it is of a team's, or of one of its users.
   *
   * @param digest of the user; null for all
   */
  boolean isOf(String whose, byte[] digest) {
    return team.equals(whose) && (digest == null || Arrays.equals(user, digest));
  }

  /** The request as it is counted; empty where nobody was asked. */
  Optional<Request> request() {
    return Optional.ofNullable(ending)
        .map(
            its ->
                new Request(
                    Instant.ofEpochMilli(timeMillis),
                    spend.promptTokens(),
                    spend.completionTokens(),
                    spend.usd(),
                    its));
  }

  /** What it takes in memory, about. */
  long bytes() {
    return document.length + (long) Float.BYTES * embedding.length;
  }
}
