package dev.tutti.fusion.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class FusionAnswerTest {

  private static final RecipeRequest REQUEST =
      RecipeRequest.of(
          GenerateRequest.newBuilder()
              .setRecipe(
                  Recipe.newBuilder()
                      .setEnsemble("e")
                      .setMethod("majority-vote")
                      .addMembers(Member.newBuilder().setModel("a"))
                      .addMembers(Member.newBuilder().setModel("b")))
              .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("1 + 1?"))
              .build());

  /** Settled from the second time on that it is asked. */
  private static final class Second implements Deliberation {

    private final List<Integer> heard = new ArrayList<>();

    @Override
    public Step next(Episode episode) {
      throw new AssertionError("Nobody asks.");
    }

    @Override
    public boolean isSettled(Episode episode, List<Integer> pending) {
      heard.add(pending.size());
      return heard.size() > 1;
    }
  }

  @Test
  void whoCannotTurnTheVoteGetsTwoMoreSeconds() {
    var deliberation = new Second();
    var runner = new CallRunner(REQUEST, _ -> "", null, _ -> {});
    var answer =
        new FusionAnswer(
            REQUEST, deliberation, Optional.empty(), Optional.empty(), List.of(), runner, _ -> {});
    answer.heard(answered(0, "a"));
    assertTrue(answer.patience().isEmpty());
    answer.heard(answered(1, "b"));
    Duration patience = answer.patience().orElseThrow();
    assertTrue(patience.compareTo(Duration.ofSeconds(2)) <= 0, patience::toString);
    assertEquals(2, deliberation.heard.size());
  }

  /** "1 + 1?" is 2 tokens; 2 answers of at most 5 at 100 US dollars a million are 0.001. */
  @Test
  void aRefusalTellsWhatTheCallsThemselvesWouldRead() {
    GenerateRequest.Builder request = GenerateRequest.newBuilder();
    request
        .getRecipeBuilder()
        .setEnsemble("e")
        .setBudget(Budget.newBuilder().setUsdPerRequest(0.0009))
        .addMembers(
            Member.newBuilder()
                .setModel("a")
                .setPrices(Prices.newBuilder().setUsdPerMillionCompletionTokens(100)));
    request.addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("1 + 1?"));
    RecipeRequest dear = RecipeRequest.of(request.build());
    var five = new SamplingChange(OptionalDouble.empty(), OptionalInt.of(5), false);
    Call call = new Call.Generate(0, Prompt.AS_ASKED, 2, five, "");
    Deliberation deliberation = _ -> new Deliberation.Ask(List.of(call), 1);
    var runner = new CallRunner(dear, _ -> "", null, _ -> {});
    var refused =
        assertThrows(
            FailureException.class,
            () ->
                new FusionAnswer(
                        dear,
                        deliberation,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        runner,
                        _ -> {})
                    .answer());
    assertEquals(
        "Asking for 2 answers would cost about 0.00100 USD (2 prompt and up to 5 completion tokens"
            + " each); the budget is 0.000900 USD. Fewer max_tokens cost less.",
        refused.failure().message());
  }

  /** Gives none, of whoever answered. */
  private record Abstaining() implements Deliberation {
    @Override
    public Step next(Episode episode) {
      return new Abstain(Optional.empty(), "Nobody is good enough.");
    }
  }

  @Test
  void anAbstentionIsACompletionWithoutText() {
    var events = new ArrayList<GenerateResponse>();
    var runner = new CallRunner(REQUEST, _ -> "", null, events::add);
    var answer =
        new FusionAnswer(
            REQUEST,
            new Abstaining(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            runner,
            events::add);
    assertTrue(answer.answer().isEmpty());
    Completion completion = events.getLast().getCompletion();
    assertEquals(FinishReason.FINISH_REASON_ABSTAIN, completion.getFinishReason());
    assertEquals("", completion.getText());
    assertEquals("Nobody is good enough.", completion.getDecision().getExplanation());
    assertTrue(completion.getDecision().getCandidatesList().stream().noneMatch(c -> c.getChosen()));
  }

  private static Outcome answered(int place, String member) {
    var answer = new MemberAnswer(member, List.of(), Completion.newBuilder().setText("2").build());
    return new Outcome.Answered(new Asked(place, 0, place, 1, ""), answer, 0.1, false);
  }
}
