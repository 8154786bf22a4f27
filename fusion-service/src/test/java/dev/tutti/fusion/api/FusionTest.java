package dev.tutti.fusion.api;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.members.ParallelCalls.Outcome;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.grpc.MemberAnswer;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FusionTest {

  @Test
  void whoCannotTurnTheVoteGetsNoMoreTimeWhereItTookLong() throws InterruptedException {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e").setMethod("majority-vote");
    List.of("a", "b", "c")
        .forEach(
            m ->
                recipe.addMembers(
                    Member.newBuilder()
                        .setModel(m)
                        .addCapabilities(Capability.CAPABILITY_GENERATION)));
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setRecipe(recipe)
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("1 + 1?"))
            .build();
    var fusion = new Fusion(RecipeRequest.of(request), null, _ -> {});
    Thread.sleep(3_000);
    fusion.heard(answered(0, "a"));
    assertTrue(fusion.patience().isEmpty());
    fusion.heard(answered(1, "b"));
    Duration patience = fusion.patience().orElseThrow();
    assertTrue(patience.compareTo(Duration.ofSeconds(2)) <= 0, patience::toString);
  }

  private static Outcome answered(int place, String member) {
    return new Outcome.Answered(
        place, new MemberAnswer(member, List.of(), Completion.newBuilder().setText("2").build()));
  }
}
