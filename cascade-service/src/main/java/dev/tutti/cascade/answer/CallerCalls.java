package dev.tutti.cascade.answer;

import static dev.tutti.kit.grpc.RequestRules.require;

import dev.tutti.cascade.v1.BroughtAnswer;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.CallerAnswer;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RecipeRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The calls that a caller made, as a policy comes to want them. Confined to one request. */
final class CallerCalls {

  /** Whose they are, and what for. */
  private record Kind(String member, String purpose) {}

  private final RecipeRequest request;
  private final List<BroughtAnswer> answers;

  /** Places of those that nobody has wanted yet, in their order. */
  private final Map<Kind, Deque<Integer>> left = new HashMap<>();

  private final Map<Asked, Integer> places = new LinkedHashMap<>();

  /**
   * Of one request.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.InvalidArgument}) names the first
   *     field that is wrong
   */
  CallerCalls(RecipeRequest request, List<BroughtAnswer> answers) {
    this.request = request;
    this.answers = answers;
    require(
        answers.size() <= CallerAnswer.MOST,
        "answers",
        "There are %d answers; at most %d are allowed."
            .formatted(answers.size(), CallerAnswer.MOST));
    for (int i = 0; i < answers.size(); i++) {
      check(i);
      Kind kind = new Kind(answers.get(i).getMember(), answers.get(i).getPurpose());
      left.computeIfAbsent(kind, _ -> new ArrayDeque<>()).add(i);
    }
  }

  private void check(int place) {
    BroughtAnswer its = answers.get(place);
    String field = "answers[%d]".formatted(place);
    require(
        request.members().stream().map(RecipeRequest::name).anyMatch(its.getMember()::equals),
        field + ".member",
        "'%s' is no member of the recipe; its members are %s."
            .formatted(
                MemberAnswer.shown(its.getMember()),
                MemberAnswer.shown(
                    request.members().stream()
                        .map(RecipeRequest::name)
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(", ")))));
    own(its).check(field);
    BroughtAnswer nothing =
        its.toBuilder()
            .clearText()
            .clearToolCalls()
            .clearLogprobs()
            .clearDistancesToUniform()
            .clearOptions()
            .build();
    require(
        !its.getFailed() || nothing.equals(its),
        field + ".failed",
        "A call that failed gave nothing: it has no text, calls of tools, log-probabilities,"
            + " distances and options.");
  }

  private static CallerAnswer own(BroughtAnswer its) {
    return new CallerAnswer(
        its.getMember(),
        its.getText(),
        its.getToolCallsList(),
        its.getLogprobsList(),
        its.getDistancesToUniformList(),
        its.getOptionsMap(),
        its.getCostUsd());
  }

  /**
   * What there is of calls that are wanted together.
   *
   * @return by call, the places in the request of its first samples: as many as there are
   */
  List<List<Integer>> there(List<Call> wanted) {
    var next = new HashMap<Kind, Integer>();
    var all = new ArrayList<List<Integer>>();
    for (Call call : wanted) {
      List<Integer> ours =
          call instanceof Call.Generate
              ? List.copyOf(left(call.member(), call.purpose()))
              : List.of();
      Kind kind = kind(call.member(), call.purpose());
      int from = next.getOrDefault(kind, 0);
      int to = Math.min(ours.size(), from + call.samples());
      next.put(kind, to);
      all.add(ours.subList(from, to));
    }
    return all;
  }

  /** Takes the next one that was made of these. */
  Optional<Outcome> take(Asked asked) {
    Integer place = left(asked.member(), asked.purpose()).poll();
    if (place == null) {
      return Optional.empty();
    }
    places.put(asked, place);
    return Optional.of(outcome(asked, place));
  }

  private Deque<Integer> left(int member, String purpose) {
    return left.getOrDefault(kind(member, purpose), new ArrayDeque<>());
  }

  private Kind kind(int member, String purpose) {
    String name = member == Call.PLATFORM ? "" : RecipeRequest.name(request.members().get(member));
    return new Kind(name, purpose);
  }

  /** What the answer in this place of the request is as this call. */
  Outcome outcome(Asked asked, int place) {
    BroughtAnswer its = answers.get(place);
    if (its.getFailed()) {
      return new Outcome.Failed(
          asked,
          new Failure.Unavailable("FAILED", "It failed, the caller says."),
          Spent.newBuilder().setCostUsd(its.getCostUsd()).build(),
          0);
    }
    return new Outcome.Answered(asked, own(its).answer(request, Optional.empty()), 0, false);
  }

  /** Place in the request of what was taken as this; empty for what the caller did not make. */
  Optional<Integer> place(Asked asked) {
    return Optional.ofNullable(places.get(asked));
  }
}
