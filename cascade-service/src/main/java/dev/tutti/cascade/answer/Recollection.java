package dev.tutti.cascade.answer;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.Recalled;
import dev.tutti.cascade.Recalling;
import dev.tutti.cascade.answer.QuestionEmbedder.Embedded;
import dev.tutti.cascade.solution.Shelf;
import dev.tutti.cascade.solution.Solution.Fresh;
import dev.tutti.cascade.solution.Solutions;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.grpc.RecipeRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What an ensemble recalls of one question, and keeps of its answer. Where the question does not
 * stand alone, is too long, or cannot be embedded, nothing is recalled and nothing kept; nor for a
 * recipe that is no registered one, whatever ensemble it names.
 */
final class Recollection {

  private final RecipeRequest request;
  private final Recalling method;
  private final Solutions solutions;
  private final Shelf shelf;
  private final String scope;
  private final Optional<Embedded> question;

  /** Embeds the question. */
  Recollection(
      RecipeRequest request, Recalling method, Solutions solutions, QuestionEmbedder embedder) {
    this.request = request;
    this.method = method;
    this.solutions = solutions;
    this.shelf = new Shelf(request.team(), request.recipe().getEnsemble());
    this.scope = scope(request);
    this.question =
        request.recipe().getVersion() > 0 && Fresh.isKept(request.question(), "-")
            ? embedder.embed(request)
            : Optional.empty();
  }

  /** The same question is another one under other system messages, and where it brings more. */
  private static String scope(RecipeRequest request) {
    List<String> instructions =
        request.messages().stream()
            .filter(message -> message.getRole() == Role.ROLE_SYSTEM)
            .map(Message::getContent)
            .toList();
    String more = request.request().getWire().getUninterpreted();
    return instructions.isEmpty() && more.isEmpty()
        ? ""
        : UUID.nameUUIDFromBytes((instructions + more).getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** What is to be done, by what is known of the question. */
  Policy policy() {
    return method.policy(
        question
            .map(
                its ->
                    solutions.recall(
                        shelf,
                        scope,
                        request.question(),
                        its.vector(),
                        its.embedder(),
                        method.similarityAbove()))
            .orElse(Recalled.NOTHING));
  }

  /**
   * Keeps an answer before it is acknowledged: as accepted where it was judged, or until its user
   * says what it is worth.
   *
   * @return what the decision says of it; empty where there is nothing to say
   */
  String keep(Outcome.Answered given, Policy.Accept accept) {
    Completion answer = given.answer().completion();
    boolean judged =
        accept.confidence().isPresent()
            && accept.threshold().isPresent()
            && accept.confidence().getAsDouble() >= accept.threshold().getAsDouble();
    boolean whole =
        answer.getFinishReason() == FinishReason.FINISH_REASON_STOP
            && answer.getToolCallsCount() == 0
            && Fresh.isKept(request.question(), answer.getText());
    // Of an answer within another, nobody says what it is worth.
    if (question.isEmpty() || !whole || !(judged || request.request().getDepth() == 0)) {
      return "";
    }
    var fresh =
        new Fresh(
            request.question(),
            answer.getText(),
            RecipeRequest.name(request.members().get(given.asked().member())),
            request.id(),
            question.get().vector(),
            question.get().embedder(),
            scope);
    return solutions.keep(shelf, fresh, judged)
        ? ""
        : "It is not kept: the database is out of reach.";
  }
}
