package dev.tutti.router.feedback;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.router.access.Caller;
import dev.tutti.router.feedback.FeedbackTable.Stored;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackSource;
import dev.tutti.router.v1.KeptFeedback;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** Feedback as it is kept, for people. Reads the database, on no request's path. */
@ApplicationScoped
public class FeedbackPages {

  private static final int USUAL = 100;
  private static final int MOST = 1_000;

  private final Database database;
  private final FeedbackTable table;
  private final KnownNames names;

  FeedbackPages(Database database, FeedbackTable table, KnownNames names) {
    this.database = database;
    this.table = table;
    this.names = names;
  }

  /**
   * One page of what who asks may see, by the time of arrival.
   *
   * @throws FailureException {@link Failure.InvalidArgument} for a page that is none, {@link
   *     Failure.Unavailable} when the database is away
   */
  public ListFeedbackResponse read(ListFeedbackRequest request) {
    int size = request.getPageSize() == 0 ? USUAL : request.getPageSize();
    if (size < 1 || size > MOST) {
      throw Failure.invalid(
          "page_size", "page_size is %d; it takes 1 to %d.".formatted(size, MOST));
    }
    requireText("decision", request.getDecision());
    requireText("ensemble", request.getEnsemble());
    String token = request.getPageToken();
    if (!token.matches("[0-9]{0,18}")) {
      throw Failure.invalid(
          "page_token",
          "'%s' is no page; the page before names it.".formatted(FeedbackRules.shown(token)));
    }
    List<Stored> page;
    try (Connection connection = database.connect()) {
      page =
          table.list(
              connection,
              request.getDecision(),
              names.own(request.getEnsemble()),
              Caller.current().onlyTeam().orElse(""),
              token.isEmpty() ? 0 : Long.parseLong(token),
              size);
    } catch (SQLException e) {
      database.failed(e);
      throw FeedbackLog.unreachable("Feedback cannot be told: the database is out of reach.", e);
    }
    ListFeedbackResponse.Builder response = ListFeedbackResponse.newBuilder();
    page.forEach(stored -> response.addFeedback(kept(stored)));
    if (page.size() == size) {
      response.setNextPageToken(Long.toString(page.getLast().id()));
    }
    return response.build();
  }

  /** PostgreSQL takes no U+0000, and would refuse the query. */
  private static void requireText(String name, String text) {
    if (text.indexOf(0) >= 0) {
      throw Failure.invalid(name, name + " holds U+0000, which is no text.");
    }
  }

  private static KeptFeedback kept(Stored stored) {
    FeedbackRow row = stored.row();
    Feedback.Builder said =
        Feedback.newBuilder()
            .setKey(row.givenKey())
            .setDecision(row.decision())
            .setSource(
                FeedbackSource.valueOf("FEEDBACK_SOURCE_" + row.source().toUpperCase(Locale.ROOT)))
            .setComment(row.comment())
            .setDomain(row.domain());
    switch (row.kind()) {
      case RATING -> said.setMember(row.member()).setRating(row.score());
      case CORRECT -> said.setMember(row.member()).setCorrect(row.score() == 1);
      case FAILED -> said.setMember(row.member()).setFailed(true);
      case COMPARISON ->
          said.getComparisonBuilder()
              .setWinner(row.member())
              .setLoser(row.other())
              .setTie(row.score() < 1);
    }
    KeptFeedback.Builder kept =
        KeptFeedback.newBuilder()
            .setFeedback(said)
            .setEnsemble(row.ensemble())
            .setMethod(row.method())
            .addAllPool(row.pool())
            .setTime(Timestamps.fromMillis(stored.time().toEpochMilli()))
            .setRefused(stored.refused());
    row.usd().ifPresent(kept::setCostUsd);
    row.seconds().ifPresent(kept::setSeconds);
    stored.position().ifPresent(kept::setPosition);
    return kept.build();
  }
}
