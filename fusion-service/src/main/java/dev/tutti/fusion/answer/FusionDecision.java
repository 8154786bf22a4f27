package dev.tutti.fusion.answer;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.fusion.Deliberation.Weighed;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.Weighing;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.learning.FitQuality;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Tells why an answer was chosen, or written. */
final class FusionDecision {

  private FusionDecision() {}

  /**
   * The decision: a candidate a member, with the weight of its answers and, as its score, the share
   * of the weight that is behind its answer; the settings, the votes, and how alike the answers
   * are, where the method looked, as inputs.
   *
   * @param weighed answers that were weighed, if any were
   * @param given place of the answer that is given; -1 for none
   * @param explanation one or two sentences for people
   */
  static Decision.Builder of(
      RecipeRequest request,
      CallRunner runner,
      Optional<Weighed> weighed,
      int given,
      String explanation) {
    Map<String, Double> votes = weighed.map(w -> w.weighing().votes()).orElse(Map.of());
    weighed.ifPresent(w -> note(runner, w));
    List<Outcome> outcomes = runner.log().outcomes();
    List<MemberCard> cards = runner.cards();
    Struct.Builder inputs = inputs(request, votes);
    weighed
        .filter(w -> !w.weighing().similarity().isEmpty())
        .ifPresent(w -> inputs.putFields("similarity", similarity(w, outcomes, cards)));
    Decision.Builder decision = request.decision(Family.FAMILY_FUSION).setInputs(inputs);
    for (int m = 0; m < cards.size(); m++) {
      Candidate.Builder candidate = runner.log().candidate(m, cards.get(m));
      boolean chosen = given >= 0 && outcomes.get(given).asked().member() == m;
      int shown = chosen ? given : lastAnswer(outcomes, m);
      if (shown >= 0) {
        candidate.setSignals(
            ((Outcome.Answered) outcomes.get(shown)).answer().completion().getSignals());
      }
      weigh(candidate.setChosen(chosen), outcomes, m, weighed, shown);
      decision.addCandidates(candidate);
    }
    long failed = outcomes.stream().filter(Outcome.Failed.class::isInstance).count();
    return decision.setExplanation(
        explanation + (failed == 0 ? "" : " %d of %d failed.".formatted(failed, outcomes.size())));
  }

  private static int lastAnswer(List<Outcome> outcomes, int member) {
    for (int i = outcomes.size() - 1; i >= 0; i--) {
      if (outcomes.get(i) instanceof Outcome.Answered answered
          && answered.asked().member() == member) {
        return i;
      }
    }
    return -1;
  }

  private static void note(CallRunner runner, Weighed weighed) {
    Weighing weighing = weighed.weighing();
    if (weighing.answers().stream().allMatch(Optional::isEmpty)) {
      return;
    }
    for (int i = 0; i < weighed.stages().size(); i++) {
      runner
          .log()
          .note(
              weighed.stages().get(i),
              weighing.answers().get(i),
              OptionalDouble.of(weighing.support().get(i)));
    }
  }

  /** The weight of all of a member's answers, and how the one that is shown was seen. */
  private static void weigh(
      Candidate.Builder candidate,
      List<Outcome> outcomes,
      int member,
      Optional<Weighed> weighed,
      int shown) {
    boolean compared = weighed.stream().anyMatch(w -> compares(w, shown));
    if (shown >= 0 && !compared) {
      var its = (Outcome.Answered) outcomes.get(shown);
      candidate.setAnswer(MemberAnswer.shown(its.answer().completion().getText()));
    }
    if (weighed.isEmpty()) {
      return;
    }
    Weighing weighing = weighed.get().weighing();
    for (int i = 0; i < weighed.get().stages().size(); i++) {
      int stage = weighed.get().stages().get(i);
      if (outcomes.get(stage).asked().member() != member) {
        continue;
      }
      candidate.setWeight(candidate.getWeight() + weighing.weights().get(i));
      if (stage == shown && compared) {
        candidate.setScore(weighing.support().get(i));
        weighing.answers().get(i).map(MemberAnswer::shown).ifPresent(candidate::setAnswer);
      }
    }
  }

  /** Whether this answer was held against others, in whatever form. */
  private static boolean compares(Weighed weighed, int stage) {
    return weighed.stages().contains(stage)
        && weighed.weighing().answers().stream().anyMatch(Optional::isPresent);
  }

  /** What the fit was worth beside its best single member, alone and asked as often. */
  static void tell(FitQuality quality, Decision.Builder decision) {
    Struct.Builder told = quality.told().toBuilder();
    if (quality.self().isEmpty()) {
      told.putFields("self_fusion", text("not measured: no member has as many samples recorded"));
    }
    decision
        .getInputsBuilder()
        .putFields("held_out", Value.newBuilder().setStructValue(told).build());
  }

  /** How alike the first answers are, each with each, and whose they are. */
  private static Value similarity(Weighed weighed, List<Outcome> outcomes, List<MemberCard> cards) {
    List<List<Double>> similar = weighed.weighing().similarity();
    ListValue.Builder whose = ListValue.newBuilder();
    ListValue.Builder rows = ListValue.newBuilder();
    for (int i = 0; i < similar.size(); i++) {
      int member = outcomes.get(weighed.stages().get(i)).asked().member();
      whose.addValues(text(cards.get(member).name()));
      ListValue.Builder row = ListValue.newBuilder();
      similar.get(i).forEach(value -> row.addValues(number(Math.rint(value * 100) / 100)));
      rows.addValues(Value.newBuilder().setListValue(row));
    }
    return Value.newBuilder()
        .setStructValue(
            Struct.newBuilder()
                .putFields("members", Value.newBuilder().setListValue(whose).build())
                .putFields("rows", Value.newBuilder().setListValue(rows).build()))
        .build();
  }

  private static Struct.Builder inputs(RecipeRequest request, Map<String, Double> votes) {
    Recipe recipe = request.recipe();
    Struct settings =
        FusionCatalog.METHODS.find(recipe.getMethod()).orElseThrow().complete(recipe.getSettings());
    Struct.Builder inputs =
        Struct.newBuilder()
            .putFields("settings", Value.newBuilder().setStructValue(settings).build());
    if (!votes.isEmpty()) {
      Struct.Builder shares = Struct.newBuilder();
      votes.forEach((answer, share) -> shares.putFields(MemberAnswer.shown(answer), number(share)));
      inputs.putFields("votes", Value.newBuilder().setStructValue(shares).build());
    }
    if (request.sampling().hasSeed()) {
      // A double would round it.
      inputs.putFields("seed", text(Long.toString(request.sampling().getSeed())));
    }
    return inputs;
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}
