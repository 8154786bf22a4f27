package dev.tutti.cascade.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CacheKeyTest {

  private static final CacheSettings EXACT = settings(false);

  private static CacheSettings settings(boolean drawn) {
    return new CacheSettings(
        CacheSettings.Reach.SEMANTIC, 0.95, OptionalDouble.empty(), 24, 100, drawn, 0);
  }

  private static GenerateRequest.Builder request() {
    return GenerateRequest.newBuilder()
        .setRequestId("r")
        .setRecipe(
            Recipe.newBuilder()
                .setEnsemble("e")
                .setVersion(3)
                .setMethod("model-cascading")
                .addMembers(Member.newBuilder().setModel("small"))
                .addMembers(Member.newBuilder().setModel("large")))
        .addMessages(message(Role.ROLE_SYSTEM, "Be brief."))
        .addMessages(message(Role.ROLE_USER, "What is the capital of France?"))
        .setSampling(Sampling.newBuilder().setTemperature(0));
  }

  private static Message message(Role role, String text) {
    return Message.newBuilder().setRole(role).setContent(text).build();
  }

  private static Optional<CacheKey> key(GenerateRequest.Builder request, CacheSettings settings) {
    return CacheKey.of(RecipeRequest.whole(request.build()), CacheKey.NO_TEAM, "", false, settings);
  }

  private static CacheKey key(Consumer<GenerateRequest.Builder> change) {
    GenerateRequest.Builder request = request();
    change.accept(request);
    return key(request, EXACT).orElseThrow();
  }

  private static CacheKey key() {
    return key(_ -> {});
  }

  @Test
  void theSameRequestHasTheSameKey() {
    assertEquals(key(), key());
    // What no answer depends on.
    assertEquals(key(), key(r -> r.setRequestId("other").setDepth(2)));
    assertEquals(key(), key(r -> r.getSamplingBuilder().setSeed(7)));
    assertEquals(
        key(),
        key(r -> r.setMessages(1, message(Role.ROLE_USER, " What is the capital of France?\r\n"))));
    // One way to write é, and another.
    assertEquals(
        key(r -> r.setMessages(1, message(Role.ROLE_USER, "caf\u00e9"))),
        key(r -> r.setMessages(1, message(Role.ROLE_USER, "cafe\u0301"))));
  }

  @Test
  void anotherRequestHasAnother() {
    List<Consumer<GenerateRequest.Builder>> changes =
        List.of(
            r -> r.setMessages(0, message(Role.ROLE_SYSTEM, "Be long.")),
            r -> r.setMessages(0, message(Role.ROLE_ASSISTANT, "Be brief.")),
            r -> r.removeMessages(0),
            r -> r.addMessages(1, message(Role.ROLE_ASSISTANT, "Yes?")),
            r -> r.getSamplingBuilder().setMaxTokens(5),
            r -> r.getSamplingBuilder().addStop("."),
            r -> r.getSamplingBuilder().setTopP(0.5),
            r -> r.getSamplingBuilder().putLogitBias("a", 1),
            r -> r.getRecipeBuilder().setVersion(4),
            r -> r.getRecipeBuilder().setEnsemble("f"),
            r -> r.getRecipeBuilder().getMembersBuilder(1).setModel("larger"),
            r -> r.getRecipeBuilder().getMembersBuilder(1).setVersion(2),
            r -> r.getRecipeBuilder().setMethod("consistency"),
            r ->
                r.setWire(
                    WireRequest.newBuilder()
                        .setForm(WireForm.WIRE_FORM_CHAT)
                        .setBody(ByteString.copyFromUtf8("{\"tools\":[]}"))
                        .setUninterpreted("tools")));
    for (int i = 0; i < changes.size(); i++) {
      CacheKey other = key(changes.get(i));
      assertNotEquals(key().scope(), other.scope(), "change " + i);
      assertNotEquals(key().exact(), other.exact(), "change " + i);
    }
    CacheKey question = key(r -> r.setMessages(1, message(Role.ROLE_USER, "Why?")));
    assertEquals(key().scope(), question.scope());
    assertNotEquals(key().exact(), question.exact());
  }

  @Test
  void anotherTeamAndAnotherFitHaveAnother() {
    var request = RecipeRequest.whole(request().build());
    CacheKey one = CacheKey.of(request, "red", "", false, EXACT).orElseThrow();
    assertNotEquals(
        one.scope(), CacheKey.of(request, "blue", "", false, EXACT).orElseThrow().scope());
    assertNotEquals(
        one.scope(), CacheKey.of(request, "red", "a@2", false, EXACT).orElseThrow().scope());
    // Neither runs into the other.
    assertNotEquals(
        CacheKey.of(request, "a", "b", false, EXACT).orElseThrow().exact(),
        CacheKey.of(request, "ab", "", false, EXACT).orElseThrow().exact());
  }

  /** A map has no order; the key must not have one. */
  @Test
  void biasesHaveNoOrder() {
    Map<String, Double> forth = new LinkedHashMap<>();
    Map<String, Double> back = new LinkedHashMap<>();
    for (int i = 0; i < 40; i++) {
      forth.put("t" + i, (double) i);
      back.put("t" + (39 - i), 39.0 - i);
    }
    assertEquals(
        key(r -> r.getSamplingBuilder().putAllLogitBias(forth)),
        key(r -> r.getSamplingBuilder().putAllLogitBias(back)));
  }

  @Test
  void whatIsDrawnIsKeptWhereTheSettingSaysSo() {
    GenerateRequest.Builder warm = request();
    warm.getSamplingBuilder().setTemperature(0.7);
    assertTrue(key(warm, EXACT).isEmpty());
    GenerateRequest.Builder unsaid = request().setSampling(Sampling.newBuilder());
    assertTrue(key(unsaid, EXACT).isEmpty(), "1 where it is not said");
    assertTrue(key(warm, settings(true)).isPresent());
    GenerateRequest.Builder seeded = request();
    seeded.getSamplingBuilder().setTemperature(0.7).setSeed(1);
    assertNotEquals(key(warm, settings(true)), key(seeded, settings(true)));
    // A member that draws by itself, and one that does not though the request does.
    GenerateRequest.Builder own = request();
    own.getRecipeBuilder()
        .getMembersBuilder(1)
        .setSampling(MemberSampling.newBuilder().setTemperature(0.5));
    assertTrue(key(own, EXACT).isEmpty());
    GenerateRequest.Builder greedy = request().setSampling(Sampling.newBuilder());
    greedy
        .getRecipeBuilder()
        .getMembersBuilderList()
        .forEach(m -> m.setSampling(MemberSampling.newBuilder().setTemperature(0)));
    assertTrue(key(greedy, EXACT).isPresent());
  }

  /** A method that samples answers something else the next time, but of members that never do. */
  @Test
  void whatAMethodDrawsIsDrawn() {
    GenerateRequest.Builder asked = request();
    assertTrue(drawn(asked, EXACT).isEmpty());
    GenerateRequest.Builder seeded = request();
    seeded.getSamplingBuilder().setSeed(1);
    assertNotEquals(drawn(asked, settings(true)), drawn(seeded, settings(true)));
    assertTrue(drawn(asked, settings(true)).isPresent());
    asked
        .getRecipeBuilder()
        .getMembersBuilderList()
        .forEach(m -> m.setSampling(MemberSampling.newBuilder().setTemperature(0)));
    assertTrue(drawn(asked, EXACT).isPresent());
  }

  private static Optional<CacheKey> drawn(GenerateRequest.Builder request, CacheSettings settings) {
    return CacheKey.of(RecipeRequest.whole(request.build()), CacheKey.NO_TEAM, "", true, settings);
  }

  @Test
  void someRequestsHaveNone() {
    List<Consumer<GenerateRequest.Builder>> changes =
        List.of(
            r -> r.getSamplingBuilder().setLogprobs(true),
            r -> r.getRecipeBuilder().setVersion(0),
            r -> r.setMessages(1, message(Role.ROLE_USER, "  ")),
            r -> r.setMessages(1, message(Role.ROLE_USER, "What is the weather today?")),
            r -> r.setMessages(1, message(Role.ROLE_USER, "a".repeat(16_385))),
            // Another revision of it, or another fit, would go unseen.
            r -> r.getRecipeBuilder().getMembersBuilder(0).setEnsemble("inner"),
            r -> r.removeMessages(1));
    for (int i = 0; i < changes.size(); i++) {
      GenerateRequest.Builder request = request();
      changes.get(i).accept(request);
      assertTrue(key(request, EXACT).isEmpty(), "change " + i);
    }
  }

  @Test
  void someAreFoundByTheSameRequestOnly() {
    assertTrue(key().byMeaning());
    assertFalse(key(r -> r.addMessages(message(Role.ROLE_ASSISTANT, "It is"))).byMeaning());
    assertFalse(key(r -> r.setMessages(1, message(Role.ROLE_USER, "a".repeat(2_001)))).byMeaning());
    assertFalse(
        key(r -> r.getWireBuilder().setForm(WireForm.WIRE_FORM_CHAT).setUninterpreted("tools"))
            .byMeaning());
  }
}
