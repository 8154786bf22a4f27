package dev.tutti.cascade.answer;

import com.google.protobuf.util.Durations;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.answer.QuestionEmbedder.Embedded;
import dev.tutti.cascade.method.student.Example;
import dev.tutti.cascade.method.student.NeuralCache;
import dev.tutti.cascade.method.student.NeuralCache.Advice;
import dev.tutti.cascade.method.student.NeuralCaching;
import dev.tutti.cascade.method.student.Observation;
import dev.tutti.cascade.study.Desk;
import dev.tutti.cascade.study.Students;
import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.calls.Reply;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.numerics.answer.AnswerForm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;

/** A question, as a student of its ensemble sees it, and what it learns of it. */
final class Lesson {

  /** Who writes a student's answer, as its decision and completion name it. */
  static final String STUDENT = "student";

  /** Most characters of an answer that is learned from. */
  private static final int LONGEST = 1_024;

  private final RecipeRequest request;
  private final NeuralCache.Settings settings;
  private final Students students;
  private final Optional<Embedded> question;
  private final NeuralCache known;
  private final Advice advice;

  /** Asks the student what to do. */
  Lesson(
      RecipeRequest request, NeuralCaching method, Students students, QuestionEmbedder embedder) {
    this.request = request;
    this.settings = method.settings();
    this.students = students;
    this.question = isPlain(request) ? embedder.embed(request) : Optional.empty();
    this.known =
        question.map(its -> students.student(desk(its), settings)).orElse(NeuralCache.of(settings));
    this.advice =
        question
            .map(its -> known.advise(its.vector(), draw(), settings.share()))
            .orElse(new Advice(true, Optional.empty(), 0, Double.NaN, Double.NaN));
  }

  /**
   * A student calls no tools, holds to no schema, and has no log-probabilities; it has one answer
   * where several are drawn, and is passed by as kept answers are. A recipe that is no registered
   * one has none, whatever ensemble it names.
   */
  private static boolean isPlain(RecipeRequest request) {
    return request.recipe().getVersion() > 0
        && request.request().getWire().getUninterpreted().isEmpty()
        && request.request().getCache() != CacheUse.CACHE_USE_BYPASS
        && !request.sampling().getLogprobs();
  }

  /** The same for the same request. */
  private double draw() {
    UUID id = UUID.nameUUIDFromBytes(request.id().getBytes(StandardCharsets.UTF_8));
    return new SplittableRandom(id.getLeastSignificantBits()).nextDouble();
  }

  private Desk desk(Embedded its) {
    List<String> members = request.members().stream().map(RecipeRequest::name).toList();
    // The share is kept by whom it is asked with, and changes nothing that was learned.
    String learning =
        "%s %s %d %d %d"
            .formatted(
                settings.strategy(),
                settings.student(),
                settings.initial(),
                settings.every(),
                settings.kept());
    // Under other instructions the same question has another answer.
    List<String> instructions =
        request.messages().stream()
            .filter(message -> message.getRole() == Role.ROLE_SYSTEM)
            .map(Message::getContent)
            .toList();
    String basis = "%s, %s, %s, %s".formatted(learning, members, its.embedder(), instructions);
    return new Desk(
        request.team(),
        request.recipe().getEnsemble(),
        // Names of 64 members are too long for a key.
        UUID.nameUUIDFromBytes(basis.getBytes(StandardCharsets.UTF_8)).toString());
  }

  /** Whether the student answers. */
  boolean isStudents() {
    return !advice.ask() && request.request().getCache() != CacheUse.CACHE_USE_REFRESH;
  }

  /** Gives the student's answer; nobody is called. */
  void give(CallRunner runner, EventSink<GenerateResponse> sink) {
    String answer = advice.answer().orElseThrow();
    var reply = new Reply(runner, sink);
    String author = author();
    reply.begin(author, 1);
    reply.pass(TextDelta.newBuilder().setText(answer).build());
    observe(false, Optional.empty());
    reply.complete(
        Completion.newBuilder()
            .setText(answer)
            .setAuthor(author)
            .setFinishReason(FinishReason.FINISH_REASON_STOP),
        CascadeDecision.uncalled(
            request,
            runner,
            author,
            "The student answers, and believes it by %.3f; nobody was asked. %s"
                .formatted(advice.belief(), need("<="))
                .strip()),
        Durations.ZERO);
  }

  /**
   * Learns of a member's answer, before its end is told.
   *
   * @return what the decision says of it
   */
  String learn(Outcome.Answered given, Policy.Accept accept) {
    Completion answer = given.answer().completion();
    boolean whole =
        answer.getFinishReason() == FinishReason.FINISH_REASON_STOP
            && answer.getToolCallsCount() == 0;
    String text = answer.getText();
    Optional<String> canonical =
        whole ? AnswerForm.AUTO.resolve(List.of(text)).canonical(text) : Optional.empty();
    observe(
        true,
        canonical.filter(its -> !its.isBlank() && its.length() <= LONGEST && its.indexOf(0) < 0));
    return question.isPresent() && advice.answer().isEmpty()
        ? "There is no student yet: %d of the %d answers that the first one needs were learned from."
            .formatted(known.examples(), settings.initial())
        : need(">");
  }

  /** A name that no member has. */
  private String author() {
    List<String> members = request.members().stream().map(RecipeRequest::name).toList();
    String name = STUDENT;
    while (members.contains(name)) {
      name = "the " + name;
    }
    return name;
  }

  private void observe(boolean asked, Optional<String> answer) {
    question.ifPresent(
        its ->
            students.observe(
                desk(its),
                settings,
                Observation.of(
                    advice.need(),
                    asked,
                    settings.share(),
                    answer.map(text -> new Example(its.vector(), text)))));
  }

  private String need(String sign) {
    return Double.isNaN(advice.threshold())
        ? ""
        : "need %.3f %s threshold %.3f.".formatted(advice.need(), sign, advice.threshold());
  }
}
