package dev.tutti.decoder.answer;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberOpinion;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.method.v1.Family;
import java.util.List;

/** Tells how an ensemble came to its answer. */
final class EnsembleDecision {

  private EnsembleDecision() {}

  /** The decision of a method behind an answer that was written to its end. */
  static Decision.Builder of(
      MethodDefinition<?> method,
      EnsembleBudget budget,
      JointSession session,
      Writing writing,
      MemberWatch watch) {
    RecipeRequest request = budget.request();
    Family family = method.family();
    Decision.Builder decision = request.decision(family);
    int members = request.members().size();
    double tookPart = 0;
    for (int m = 0; m < members; m++) {
      tookPart += session.activity(m).tokensWritten() > 0 ? session.weight(m) : 0;
    }
    for (int m = 0; m < members; m++) {
      decision.addCandidates(candidate(budget, session, m, tookPart));
    }
    Struct.Builder inputs = inputs(method, request, session, writing).toBuilder();
    if (!watch.sample().isEmpty()) {
      inputs.putFields("opinions", opinions(watch.sample()));
    }
    return decision
        .setInputs(inputs)
        .setExplanation(
            "%d members wrote the answer together, %s; more than one took part in %d of %d steps."
                .formatted(members, manner(family), session.fusedSteps(), session.steps()));
  }

  /**
   * The answer's first tokens, spans or steps with the log-probabilities that its members gave
   * them, in nats, and the rewards of steps.
   */
  private static Value opinions(List<TokenLogprob> tokens) {
    var all = ListValue.newBuilder();
    for (TokenLogprob token : tokens) {
      var members = Struct.newBuilder();
      var rewards = Struct.newBuilder();
      for (MemberOpinion its : token.getMembersList()) {
        members.putFields(
            its.getMember(),
            its.hasLogprob()
                ? number(its.getLogprob())
                : Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build());
        if (its.hasReward()) {
          rewards.putFields(its.getMember(), number(its.getReward()));
        }
      }
      var told =
          Struct.newBuilder()
              .putFields("token", Value.newBuilder().setStringValue(token.getToken()).build())
              .putFields("members", Value.newBuilder().setStructValue(members).build());
      if (rewards.getFieldsCount() > 0) {
        told.putFields("rewards", Value.newBuilder().setStructValue(rewards).build());
      }
      all.addValues(Value.newBuilder().setStructValue(told));
    }
    return Value.newBuilder().setListValue(all).build();
  }

  private static String manner(Family family) {
    return switch (family) {
      case FAMILY_SPAN -> "span by span";
      case FAMILY_PROCESS -> "by a search over steps";
      default -> "token by token";
    };
  }

  private static Candidate candidate(
      EnsembleBudget budget, JointSession session, int member, double tookPart) {
    MemberActivity activity = session.activity(member);
    boolean wrote = activity.tokensWritten() > 0;
    boolean called = wrote || activity.failure().isPresent();
    Candidate.Builder candidate =
        Candidate.newBuilder()
            .setMember(RecipeRequest.name(budget.request().members().get(member)))
            .setCalled(called)
            .setChosen(wrote)
            .setFailure(activity.failure().orElse(""));
    if (called) {
      candidate.setCostUsd(budget.spent(session, member).getCostUsd());
    }
    if (wrote && tookPart > 0) {
      candidate.setWeight(session.weight(member) / tookPart);
    }
    return candidate.build();
  }

  private static Struct inputs(
      MethodDefinition<?> method, RecipeRequest request, JointSession session, Writing writing) {
    Struct.Builder inputs = Struct.newBuilder();
    // Every setting with the value that counted, defaults included.
    method
        .settings()
        .forEach(setting -> inputs.putFields(setting.getName(), setting.getDefaultValue()));
    inputs.putAllFields(request.recipe().getSettings().getFieldsMap());
    inputs.putFields("steps", number(session.steps()));
    inputs.putFields("ensembled_steps", number(session.fusedSteps()));
    session.measures().forEach((name, value) -> inputs.putFields(name, number(value)));
    var leftOut = Struct.newBuilder();
    for (int m = 0; m < request.members().size(); m++) {
      String name = RecipeRequest.name(request.members().get(m));
      session
          .leftOut(m)
          .ifPresent(
              why -> leftOut.putFields(name, Value.newBuilder().setStringValue(why).build()));
    }
    if (leftOut.getFieldsCount() > 0) {
      inputs.putFields("left_out", Value.newBuilder().setStructValue(leftOut).build());
    }
    inputs.putFields("temperature", number(writing.sampling().temperature()));
    // As text: a number in a Struct is a double.
    inputs.putFields(
        "seed", Value.newBuilder().setStringValue(Long.toString(writing.seed())).build());
    return inputs.build();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}
