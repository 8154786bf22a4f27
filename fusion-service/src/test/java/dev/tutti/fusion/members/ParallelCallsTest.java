package dev.tutti.fusion.members;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import org.junit.jupiter.api.Test;

class ParallelCallsTest {

  private static final Member A = Member.newBuilder().setModel("a").build();
  private static final Member B = Member.newBuilder().setModel("b").build();

  private static RecipeRequest request(Sampling sampling, Member... members) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e");
    for (Member member : members) {
      recipe.addMembers(member);
    }
    return RecipeRequest.of(
        GenerateRequest.newBuilder()
            .setRecipe(recipe)
            .setSampling(sampling)
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER))
            .build());
  }

  @Test
  void everyMemberHasASeedOfItsOwnWhateverTheOrder() {
    Sampling sampling = Sampling.newBuilder().setSeed(7).setTemperature(1).build();
    RecipeRequest ab = request(sampling, A, B);
    RecipeRequest ba = request(sampling, B, A);
    long a = ParallelCalls.sampling(ab, A).getSeed();
    assertNotEquals(a, ParallelCalls.sampling(ab, B).getSeed());
    assertEquals(a, ParallelCalls.sampling(ba, A).getSeed());
    Sampling other = sampling.toBuilder().setSeed(8).build();
    assertNotEquals(a, ParallelCalls.sampling(request(other, A, B), A).getSeed());
    assertEquals(
        sampling, ParallelCalls.sampling(ab, A).toBuilder().setSeed(7).build(), "nothing else");
  }

  @Test
  void aSingleMemberAndARequestWithoutSeedKeepTheirSampling() {
    Sampling seeded = Sampling.newBuilder().setSeed(7).build();
    assertEquals(seeded, ParallelCalls.sampling(request(seeded, A), A));
    Sampling unseeded = Sampling.newBuilder().setMaxTokens(3).build();
    assertEquals(unseeded, ParallelCalls.sampling(request(unseeded, A, B), A));
  }
}
