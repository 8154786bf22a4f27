package dev.tutti.router.standing;

import dev.tutti.kit.grpc.RegistryWatch;
import dev.tutti.router.access.FrontDoor;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.feedback.Learners;
import dev.tutti.router.members.Answerable;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.NeighbourHealth;
import dev.tutti.router.v1.GetStandingResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.SortedMap;

/** How this replica stands, from memory: whom it reaches, and what waits. */
@ApplicationScoped
public class Standing {

  private static final int MOST_NAMES = 50;

  private final KnownNames names;
  private final NeighbourHealth neighbours;
  private final DecisionLog decisions;
  private final Learners learners;
  private final FrontDoor door;

  Standing(
      KnownNames names,
      NeighbourHealth neighbours,
      DecisionLog decisions,
      Learners learners,
      FrontDoor door) {
    this.names = names;
    this.neighbours = neighbours;
    this.decisions = decisions;
    this.learners = learners;
    this.door = door;
  }

  /** Tells it. */
  public GetStandingResponse tell() {
    SortedMap<String, String> away = neighbours.away();
    List<String> unanswered =
        names.directory().map(d -> Answerable.not(d, away.keySet())).orElse(List.of());
    RegistryWatch.State registry = names.state();
    return GetStandingResponse.newBuilder()
        .putAllAway(away)
        .addAllCannotAnswer(unanswered.stream().limit(MOST_NAMES).toList())
        .setCannotAnswerInAll(unanswered.size())
        .setRegistryConnected(registry.connected())
        .setRegistryRevision(registry.revision())
        .setDatabaseFailure(decisions.state().error())
        .setDecisionsWaiting(decisions.waiting())
        .setLearningFailure(learners.state().error())
        .setFeedbackWaiting(learners.state().backlog())
        .setKeysRequired(door.isLocked())
        .build();
  }
}
