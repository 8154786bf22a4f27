package dev.tutti.router.feedback;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.router.OnlineState;
import dev.tutti.router.feedback.LearnerTable.Standing;
import dev.tutti.router.members.KnownNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** What was learned, for people: how it stands, and learning it anew. */
@ApplicationScoped
public class LearnerAdmin {

  private static final Logger LOG = Logger.getLogger(LearnerAdmin.class);

  private final KnownNames names;
  private final Database database;
  private final OrderedFeedback feedback;
  private final Folder folder;
  private final Following following;

  LearnerAdmin(
      KnownNames names,
      Database database,
      OrderedFeedback feedback,
      Folder folder,
      Following following) {
    this.names = names;
    this.database = database;
    this.feedback = feedback;
    this.folder = folder;
    this.following = following;
  }

  /** Every learner as it is served, as far as the registry is known. */
  public List<dev.tutti.router.v1.Learner> describe() {
    return Learner.known(names).stream().map(this::describe).toList();
  }

  /**
   * A learner as it is served.
   *
   * @throws FailureException ({@link Failure.NotFound}) where there is no such ensemble, or it does
   *     not learn
   */
  public dev.tutti.router.v1.Learner describe(String ensemble) {
    return describe(learner(ensemble));
  }

  private dev.tutti.router.v1.Learner describe(Learner learner) {
    Optional<Standing> standing = following.standing(learner);
    OnlineState state = learner.observing().state();
    var described =
        dev.tutti.router.v1.Learner.newBuilder()
            .setEnsemble(learner.ensemble())
            .setMethod(learner.method())
            .setBasis(learner.observing().basis())
            .setObserved(state.observed())
            .setPosition(standing.map(Standing::position).orElse(0L));
    state
        .arms()
        .forEach(
            (member, arm) ->
                described
                    .addArmsBuilder()
                    .setMember(member)
                    .putAllValues(learner.observing().shown(arm)));
    try (Connection connection = database.connect()) {
      described.setBacklog(
          feedback.waiting(connection, learner.ensemble(), described.getPosition()));
    } catch (SQLException e) {
      LOG.debug("The database is away: what waits is not told", e);
    }
    return described.build();
  }

  /**
   * Learns everything that was said about an ensemble anew.
   *
   * @return whether the same is known as before, bit for bit
   * @throws FailureException as {@link #describe}; {@link Failure.Unavailable} when the database is
   *     away
   */
  public boolean rebuild(String ensemble) {
    Learner learner = learner(ensemble);
    try {
      boolean same = folder.rebuild(learner);
      try (Connection connection = database.connect()) {
        following.follow(connection, Learner.known(names));
      }
      return same;
    } catch (SQLException e) {
      throw FeedbackLog.unreachable("Nothing was rebuilt: the database is out of reach.", e);
    }
  }

  private Learner learner(String ensemble) {
    return Learner.known(names).stream()
        .filter(l -> l.ensemble().equals(names.own(ensemble)))
        .findFirst()
        .orElseThrow(
            () ->
                new Failure.NotFound(
                        "ensemble",
                        "LEARNER_NOT_FOUND",
                        "There is no ensemble '%s' that learns from feedback."
                            .formatted(FeedbackRules.shown(ensemble)))
                    .exception());
  }
}
