package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.kit.testing.MethodRules;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodsTest {

  @Test
  void methodsArePlainJava() {
    MethodRules.assertPlainJava(
        "dev.tutti.decoder",
        "dev.tutti.decoder.bytes",
        "dev.tutti.decoder.search",
        "dev.tutti.decoder.span",
        "dev.tutti.numerics");
  }

  @Test
  void classesCatalogAndMethodsFileAreTheSame() {
    MethodRules.assertCatalogued(
        "dev.tutti.decoder",
        JointEnsemble.class,
        JointEnsembleCatalog.METHODS,
        Path.of("METHODS.md"));
  }

  @Test
  void gacTellsWhatItTakes() {
    MethodDescription gac = JointEnsembleCatalog.METHODS.find("gac").orElseThrow().describe();
    assertEquals(List.of(Capability.CAPABILITY_FULL_DISTRIBUTION), gac.getNeedsList());
    assertEquals(
        List.of("threshold", "primary", "eta", "share", "prior", "asleep", "entropy_scale"),
        gac.getSettingsList().stream().map(s -> s.getName()).toList());
    assertEquals(1, gac.getSettings(0).getDefaultValue().getNumberValue());
  }

  @Test
  void aPrimaryBeyondTheMembersIsRefusedAtRegistration() {
    var settings = com.google.protobuf.Struct.newBuilder();
    settings.putFields("primary", com.google.protobuf.Value.newBuilder().setNumberValue(2).build());
    Recipe recipe =
        Recipe.newBuilder()
            .setEnsemble("e")
            .setMethod("gac")
            .setSettings(settings)
            .addMembers(member("a"))
            .addMembers(member("b"))
            .build();
    var violations = JointEnsembleCatalog.METHODS.validate(recipe);
    assertEquals(1, violations.size());
    assertEquals(
        "primary is 2; with 2 members it must be within 0..1.",
        violations.getFirst().getDescription());
  }

  @Test
  void uniteTakesWholeDistributionsOrTheirTopButNothingLess() {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e").setMethod("unite");
    recipe.addMembers(member("here"));
    recipe.addMembers(
        Member.newBuilder()
            .setModel("endpoint")
            .addCapabilities(Capability.CAPABILITY_TOP_LOGPROBS));
    assertEquals(List.of(), JointEnsembleCatalog.METHODS.validate(recipe.build()));
    recipe.addMembers(
        Member.newBuilder()
            .setModel("mute")
            .addCapabilities(Capability.CAPABILITY_GENERATION)
            .addCapabilities(Capability.CAPABILITY_LOGPROBS));
    var violations = JointEnsembleCatalog.METHODS.validate(recipe.build());
    assertEquals(1, violations.size());
    assertEquals("members[2]", violations.getFirst().getField());
    assertEquals(
        "'mute' lacks TOP_LOGPROBS, which unite needs.", violations.getFirst().getDescription());
    assertEquals(
        "'endpoint' lacks FULL_DISTRIBUTION, which gac needs.",
        JointEnsembleCatalog.METHODS
            .validate(recipe.setMethod("gac").build())
            .getFirst()
            .getDescription());
  }

  private static Member member(String model) {
    return Member.newBuilder()
        .setModel(model)
        .addCapabilities(Capability.CAPABILITY_FULL_DISTRIBUTION)
        .build();
  }
}
