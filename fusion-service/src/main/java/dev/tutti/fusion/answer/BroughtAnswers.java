package dev.tutti.fusion.answer;

import static dev.tutti.kit.grpc.RequestRules.require;

import dev.tutti.fusion.Deliberation.Weighed;
import dev.tutti.fusion.v1.BroughtAnswer;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.fusion.v1.FusedAnswer;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.calls.Brought;
import dev.tutti.kit.calls.CallerAnswer;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.kit.calls.Ran;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * Makes one answer of those that a caller brings along: the same methods, with the caller's answers
 * in the place of those that would be asked for first. Thread-safe.
 */
@Singleton
public final class BroughtAnswers {

  private final FusionAnswers answers;

  /** By the methods of these. */
  public BroughtAnswers(FusionAnswers answers) {
    this.answers = answers;
  }

  /**
   * Fuses answers.
   *
   * @throws FailureException where the request, or its recipe, is wrong, or who is to write or to
   *     score cannot; it tells what was used by then
   */
  public FuseResponse fuse(FuseRequest asked) {
    RequestRules.requireOneChoice(asked.getRequest());
    var request = RecipeRequest.of(asked.getRequest());
    check(asked.getAnswersList());
    Map<String, Integer> members = places(request);
    // As methods see them: in the order of the members, and of each one's samples.
    List<Integer> order =
        IntStream.range(0, asked.getAnswersCount())
            .boxed()
            .sorted(Comparator.comparing(i -> member(asked, i, members)))
            .toList();
    request.requireValid(answers::validate);
    List<Optional<Ran>> ran = RunAnswers.of(asked.getAnswersList());
    require(
        asked.getAnswerSchema().isEmpty() || ran.stream().allMatch(Optional::isEmpty),
        AskedSchema.BROUGHT,
        "Answers that were run are compared by what that gave, and not by a schema.");
    List<Brought> brought =
        order.stream()
            .map(
                i ->
                    new Brought(
                        member(asked, i, members),
                        "",
                        own(asked.getAnswers(i)).answer(request, ran.get(i))))
            .toList();
    var completion = new AtomicReference<Completion>();
    var spent = new AtomicReference<>(Spent.getDefaultInstance());
    EventSink<GenerateResponse> sink =
        event -> {
          if (event.hasCompletion()) {
            completion.set(event.getCompletion());
          } else if (event.hasSpent()) {
            spent.set(event.getSpent());
          }
        };
    try {
      FusionAnswer fused = answers.answer(request, brought, asked.getAnswerSchema(), sink);
      return response(asked, brought, order, fused, completion.get());
    } catch (FailureException e) {
      throw new FailureException(e.failure(), e, spent.get());
    }
  }

  private static void check(List<BroughtAnswer> brought) {
    require(
        !brought.isEmpty() && brought.size() <= CallerAnswer.MOST,
        "answers",
        "There are %d answers; 1 to %d are allowed.".formatted(brought.size(), CallerAnswer.MOST));
    for (int i = 0; i < brought.size(); i++) {
      own(brought.get(i)).check("answers[%d]".formatted(i));
    }
  }

  private static Map<String, Integer> places(RecipeRequest request) {
    var places = new HashMap<String, Integer>();
    for (int m = 0; m < request.members().size(); m++) {
      places.putIfAbsent(RecipeRequest.name(request.members().get(m)), m);
    }
    return places;
  }

  private static int member(FuseRequest asked, int answer, Map<String, Integer> members) {
    String name = asked.getAnswers(answer).getMember();
    Integer place = members.get(name);
    require(
        place != null,
        "answers[%d].member".formatted(answer),
        "'%s' is no member of the recipe; its members are %s."
            .formatted(
                MemberAnswer.shown(name),
                MemberAnswer.shown(
                    String.join(", ", members.keySet().stream().sorted().toList()))));
    return place;
  }

  private static CallerAnswer own(BroughtAnswer its) {
    return new CallerAnswer(
        its.getMember(),
        its.getText(),
        its.getToolCallsList(),
        its.getLogprobsList(),
        List.of(),
        Map.of(),
        its.getCostUsd());
  }

  private static FuseResponse response(
      FuseRequest asked,
      List<Brought> brought,
      List<Integer> order,
      FusionAnswer fused,
      Completion completion) {
    var told = new ArrayList<FusedAnswer.Builder>();
    var samples = new HashMap<String, Integer>();
    for (BroughtAnswer its : asked.getAnswersList()) {
      told.add(
          FusedAnswer.newBuilder()
              .setMember(its.getMember())
              .setSample(samples.merge(its.getMember(), 1, Integer::sum) - 1));
    }
    FuseResponse.Builder response = FuseResponse.newBuilder().setCompletion(completion);
    int first = fused.firstBrought();
    Optional<Weighed> weighed = fused.weighed();
    for (int i = 0; weighed.isPresent() && i < weighed.get().stages().size(); i++) {
      int place = weighed.get().stages().get(i) - first;
      if (place < 0 || place >= brought.size()) {
        continue;
      }
      Optional<String> answer = weighed.get().weighing().answers().get(i);
      FusedAnswer.Builder its = told.get(order.get(place));
      its.setWeight(weighed.get().weighing().weights().get(i));
      its.setScore(weighed.get().weighing().support().get(i));
      answer.map(MemberAnswer::shown).ifPresent(its::setAnswer);
    }
    int given = fused.given() - first;
    if (fused.given() >= 0 && given >= 0 && given < brought.size()) {
      response.setChosen(order.get(given));
    }
    told.forEach(response::addAnswers);
    return response.build();
  }
}
