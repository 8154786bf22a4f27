package dev.tutti.router.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.util.Timestamps;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.router.access.Needs;
import dev.tutti.router.feedback.FeedbackLog;
import dev.tutti.router.feedback.FeedbackPages;
import dev.tutti.router.feedback.FeedbackRow;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackReceipt;
import dev.tutti.router.v1.FeedbackSource;
import dev.tutti.router.v1.KeptFeedback;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What people, judges and references say about answers. Ours: OpenAI has no such thing. */
@Path("/v1/feedback")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class FeedbackResource {

  private final FeedbackLog log;
  private final FeedbackPages pages;
  private final Bodies bodies;

  FeedbackResource(FeedbackLog log, FeedbackPages pages, Bodies bodies) {
    this.log = log;
    this.pages = pages;
    this.bodies = bodies;
  }

  /** That feedback is kept. */
  public record Receipt(
      String object, String key, String decision, String ensemble, String member, String time) {

    static Receipt of(FeedbackReceipt receipt) {
      return new Receipt(
          "feedback",
          receipt.getKey(),
          receipt.getDecision(),
          receipt.getEnsemble(),
          receipt.getMember(),
          Timestamps.toString(receipt.getTime()));
    }
  }

  /** Several; {@code next} leads to the next page, and is null on the last. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Several(String object, List<?> data, String next) {}

  /** Who is better than whom. */
  public record Compared(String winner, String loser, boolean tie) {}

  /** Feedback as it is kept; what does not apply is left out. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Kept(
      String object,
      String key,
      String decision,
      String ensemble,
      String method,
      String member,
      Double rating,
      Boolean correct,
      Boolean failed,
      Compared comparison,
      String source,
      String comment,
      String domain,
      List<String> pool,
      Double cost_usd,
      Double seconds,
      String time,
      Long position,
      String refused) {

    static Kept of(KeptFeedback kept) {
      Feedback said = kept.getFeedback();
      var comparison = said.getComparison();
      return new Kept(
          "feedback",
          said.getKey(),
          said.getDecision(),
          kept.getEnsemble(),
          orNull(kept.getMethod()),
          orNull(said.getMember()),
          said.hasRating() ? said.getRating() : null,
          said.hasCorrect() ? said.getCorrect() : null,
          said.hasFailed() ? true : null,
          said.hasComparison()
              ? new Compared(comparison.getWinner(), comparison.getLoser(), comparison.getTie())
              : null,
          FeedbackRow.text(said.getSource()),
          orNull(said.getComment()),
          orNull(said.getDomain()),
          kept.getPoolList(),
          kept.hasCostUsd() ? kept.getCostUsd() : null,
          kept.hasSeconds() ? kept.getSeconds() : null,
          Timestamps.toString(kept.getTime()),
          kept.hasPosition() ? kept.getPosition() : null,
          orNull(kept.getRefused()));
    }

    private static String orNull(String text) {
      return text.isEmpty() ? null : text;
    }
  }

  /** Keeps one piece, or a list of them, all or none; it is committed when this answers. */
  @Needs(KeyScope.KEY_SCOPE_FEEDBACK)
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Object give(@HeaderParam("idempotency-key") String header, InputStream body) {
    JsonFields fields = JsonFields.parse(bodies.read(body));
    Optional<JsonNode> list = fields.node("feedback");
    if (list.isEmpty()) {
      Feedback.Builder feedback = read(fields);
      if (header != null) {
        if (!feedback.getKey().isEmpty() && !feedback.getKey().equals(header)) {
          throw ApiException.invalid(
              "invalid_value", "key", "key and the header Idempotency-Key are not the same.");
        }
        feedback.setKey(header);
      }
      return Receipt.of(log.give(List.of(feedback.build()), "").getFirst());
    }
    fields.refuseOthers(Map.of());
    if (header != null) {
      throw ApiException.invalid(
          "invalid_value",
          null,
          "The header Idempotency-Key is for one piece of feedback; in a list each has its own key.");
    }
    if (!list.get().isArray()) {
      throw JsonFields.wrongType("feedback", "an array", list.get());
    }
    var feedback = new ArrayList<Feedback>();
    for (JsonNode each : list.get()) {
      feedback.add(read(JsonFields.of(each, "feedback[%d]".formatted(feedback.size()))).build());
    }
    return new Several(
        "list", log.give(feedback, "feedback").stream().map(Receipt::of).toList(), null);
  }

  private static Feedback.Builder read(JsonFields fields) {
    Feedback.Builder feedback = Feedback.newBuilder().setDecision(fields.requiredText("decision"));
    fields.text("key").ifPresent(feedback::setKey);
    fields.text("member").ifPresent(feedback::setMember);
    fields.text("comment").ifPresent(feedback::setComment);
    fields.text("domain").ifPresent(feedback::setDomain);
    fields
        .text("source")
        .ifPresent(text -> feedback.setSource(source(text, fields.path("source"))));
    int said = 0;
    var rating = fields.number("rating");
    if (rating.isPresent()) {
      feedback.setRating(rating.getAsDouble());
      said++;
    }
    if (fields.node("correct").isPresent()) {
      feedback.setCorrect(fields.flag("correct"));
      said++;
    }
    if (fields.node("failed").isPresent()) {
      feedback.setFailed(fields.flag("failed"));
      said++;
    }
    Optional<JsonNode> comparison = fields.node("comparison");
    if (comparison.isPresent()) {
      JsonFields compared = JsonFields.of(comparison.get(), fields.path("comparison"));
      feedback
          .getComparisonBuilder()
          .setWinner(compared.requiredText("winner"))
          .setLoser(compared.requiredText("loser"))
          .setTie(compared.flag("tie"));
      compared.refuseOthers(Map.of());
      said++;
    }
    fields.refuseOthers(Map.of());
    if (said != 1) {
      throw ApiException.invalid(
          "invalid_value",
          fields.path("rating"),
          "It says %d things: exactly one of rating, correct, failed, comparison is required."
              .formatted(said));
    }
    return feedback;
  }

  private static FeedbackSource source(String text, String path) {
    return switch (text) {
      case "person" -> FeedbackSource.FEEDBACK_SOURCE_PERSON;
      case "judge" -> FeedbackSource.FEEDBACK_SOURCE_JUDGE;
      case "reference" -> FeedbackSource.FEEDBACK_SOURCE_REFERENCE;
      default ->
          throw ApiException.invalid(
              "invalid_value",
              path,
              "%s is '%s'; allowed are person, judge, reference."
                  .formatted(path, text.length() <= 40 ? text : text.substring(0, 40) + "..."));
    };
  }

  /** Feedback as it is kept, oldest first. */
  @Needs(KeyScope.KEY_SCOPE_FEEDBACK)
  @GET
  public Several list(
      @QueryParam("decision") String decision,
      @QueryParam("ensemble") String ensemble,
      @QueryParam("limit") String limit,
      @QueryParam("after") String after,
      @Context UriInfo uri) {
    QueryParameters.requireKnown(uri, "decision", "ensemble", "limit", "after");
    ListFeedbackRequest.Builder request = ListFeedbackRequest.newBuilder();
    Optional.ofNullable(decision).ifPresent(request::setDecision);
    Optional.ofNullable(ensemble).ifPresent(request::setEnsemble);
    Optional.ofNullable(after).ifPresent(request::setPageToken);
    if (limit != null) {
      request.setPageSize(QueryParameters.number("limit", limit));
    }
    ListFeedbackResponse page = pages.read(request.build());
    return new Several(
        "list",
        page.getFeedbackList().stream().map(Kept::of).toList(),
        page.getNextPageToken().isEmpty() ? null : page.getNextPageToken());
  }
}
