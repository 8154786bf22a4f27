package dev.tutti.decoder.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.runtime.ModelLoadException;
import dev.tutti.decoder.runtime.ModelLoader;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecipeAdmissionTest {

  private static final Map<String, LanguageModel> MODELS =
      Map.of(
          "ab", ScriptedModel.constant("ab", List.of("a", "b"), 1, 0, 0),
          "ab-too", ScriptedModel.constant("ab-too", List.of("a", "b"), 0, 1, 0),
          "ba", ScriptedModel.constant("ba", List.of("b", "a"), 1, 0, 0),
          "abc", ScriptedModel.constant("abc", List.of("a", "b", "c"), 1, 0, 0, 0));

  private final ModelPool pool =
      new ModelPool(
          new ModelLoader() {
            @Override
            public long bytes(Model model) {
              return 1;
            }

            @Override
            public LanguageModel load(Model model) {
              if (!MODELS.containsKey(model.getName())) {
                throw new ModelLoadException("It is corrupt.");
              }
              return MODELS.get(model.getName());
            }
          },
          100,
          System::nanoTime);

  private final RecipeAdmission admission =
      new RecipeAdmission(
          JointEnsembleCatalog.METHODS,
          new AnswerMember.Finder(
              JointEnsembleCatalog.METHODS,
              pool,
              new RemoteModels(null, new SimpleMeterRegistry()),
              null),
          pool);

  private static Model model(String name, Lifecycle lifecycle) {
    return Model.newBuilder()
        .setName(name)
        .setRuntime(Runtime.RUNTIME_ONNX)
        .setLifecycle(lifecycle)
        .build();
  }

  private static Recipe recipe(String method, String... models) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e").setMethod(method);
    for (String model : models) {
      recipe.addMembers(
          Member.newBuilder()
              .setModel(model)
              .addCapabilities(
                  model.startsWith("far")
                      ? Capability.CAPABILITY_TOP_LOGPROBS
                      : Capability.CAPABILITY_FULL_DISTRIBUTION));
    }
    return recipe.build();
  }

  private List<String> wrong(Recipe recipe) {
    return admission.validate(recipe).stream()
        .map(violation -> violation.getField() + ": " + violation.getDescription())
        .toList();
  }

  private void registryKnowsAll() {
    Snapshot.Builder snapshot = Snapshot.newBuilder();
    MODELS.keySet().forEach(m -> snapshot.addModels(model(m, Lifecycle.LIFECYCLE_ACTIVE)));
    snapshot.addModels(model("corrupt", Lifecycle.LIFECYCLE_ACTIVE));
    snapshot.addModels(model("draft", Lifecycle.LIFECYCLE_DRAFT));
    pool.follow(snapshot.build());
  }

  @Test
  void membersOfDifferentVocabulariesAreRefusedBeforeAnybodyAsks() {
    registryKnowsAll();
    assertEquals(List.of(), wrong(recipe("speculative", "ab", "ab-too")));
    for (String other : List.of("ba", "abc")) {
      assertEquals(
          List.of(
              "members: '%s' has another vocabulary than 'ab'; speculative takes members of one vocabulary."
                  .formatted(other)),
          wrong(recipe("speculative", "ab", "ab-too", other)));
    }
    for (String method : List.of("safe", "gac", "byte-exact")) {
      assertEquals(List.of(), wrong(recipe(method, "ab", "ab-too", "abc")));
    }
  }

  @Test
  void aMemberBehindAnEndpointIsRefused() {
    registryKnowsAll();
    for (String method : List.of("speculative", "safe")) {
      assertEquals(
          List.of("members[1]: 'far' lacks FULL_DISTRIBUTION, which %s needs.".formatted(method)),
          wrong(recipe(method, "ab", "far")));
    }
  }

  /** A draft, one that nobody knows, or that cannot be loaded: only the others are compared. */
  @Test
  void whoCannotBeLoadedIsNotCompared() {
    assertEquals(List.of(), wrong(recipe("speculative", "ab", "abc")));
    registryKnowsAll();
    for (String unknown : List.of("draft", "nobody", "corrupt")) {
      assertEquals(List.of(), wrong(recipe("speculative", unknown, "ab", "ab-too")));
      assertEquals(1, wrong(recipe("speculative", unknown, "ab", "abc")).size());
    }
  }

  /** What is loaded to be compared may be unloaded again. */
  @Test
  void nobodyIsKeptInMemory() {
    registryKnowsAll();
    List<Violation> violations = admission.validate(recipe("speculative", "ab", "abc"));
    assertEquals(1, violations.size());
    pool.follow(Snapshot.getDefaultInstance());
    long end = System.nanoTime() + 20_000_000_000L;
    while (pool.state().bytes() > 0) {
      assertTrue(System.nanoTime() < end, "waited in vain");
      Thread.onSpinWait();
    }
  }
}
