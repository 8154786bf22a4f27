package dev.tutti.router.members;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.Router;
import dev.tutti.router.RouterCatalog;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DirectoryTest {

  private final Directory directory = new Directory(Neighbourhood.usual(), RouterCatalog.METHODS);

  @Test
  void aModelIsAMemberWithEverythingThatIsKnownOfIt() {
    var anna = assertInstanceOf(Entry.Single.class, find("anna"));
    assertEquals("anna", anna.member().getModel());
    assertEquals(1, anna.member().getPrices().getUsdPerMillionPromptTokens());
    assertEquals(128, anna.member().getContextLength());
    assertEquals(1000, anna.member().getParameters());
    assertTrue(anna.member().getCapabilitiesList().contains(Capability.CAPABILITY_LOGPROBS));
    assertEquals(3, anna.version());
    assertEquals(3, anna.member().getVersion());
  }

  @Test
  void itIsKnownWhoDoesNotTakeWhatIsPassedOn() {
    Snapshot.Builder snapshot = Neighbourhood.usual().toBuilder();
    snapshot
        .addEnsembles(fusion("all-wire", "wire", "@vote-wire", "@blend-mixed"))
        .addEnsembles(fusion("some", "anna", "@steps-wire", "@gac-wire", "wire"))
        .addEnsembles(fusion("moa", "wire").toBuilder().setRewrites(true))
        .addEnsembles(fusion("moa-and-wire", "@moa", "wire"))
        .addEnsembles(
            Neighbourhood.ensemble(
                "blend-some", Family.FAMILY_ROUTER, "blending", "bert", "@some"));
    var all = new Directory(snapshot.build(), RouterCatalog.METHODS);
    assertTrue(all.passesOn("all-wire"));
    // One that routes asks those alone who take it.
    assertEquals(List.of(), all.leftOut("all-wire"));
    assertEquals(List.of("anna", "gac-wire"), all.leftOut("some"));
    assertEquals(List.of("anna", "gac-wire"), all.leftOut("blend-some"));
    // It writes for another prompt than the caller's.
    assertFalse(all.passesOn("moa"));
    assertEquals(List.of("moa"), all.leftOut("moa-and-wire"));
    assertFalse(all.passesOn("vote"));
    assertEquals(List.of(), all.leftOut("vote"));
    assertEquals(List.of(), all.leftOut("wire"));
  }

  private static Ensemble fusion(String name, String... members) {
    return Neighbourhood.ensemble(name, Family.FAMILY_FUSION, "majority-vote", members);
  }

  /** anna and bert cost a US dollar a million tokens read, and two a million written. */
  @Test
  void whatAnEnsembleIsExpectedToCostComesFromItsMembers() {
    Snapshot.Builder snapshot = Neighbourhood.usual().toBuilder();
    snapshot
        .addEnsembles(
            Neighbourhood.ensemble("wide", Family.FAMILY_FUSION, "majority-vote", "anna", "@blend"))
        .addEnsembles(Neighbourhood.ensemble("deep", Family.FAMILY_ROUTER, "blending", "@wide"));
    var all = new Directory(snapshot.build(), RouterCatalog.METHODS);
    var deep = assertInstanceOf(Entry.Routed.class, all.find("deep").orElseThrow());
    Prices wide = deep.recipe().getMembers(0).getPrices();
    // anna, and one of anna and bert.
    assertEquals(2, wide.getUsdPerMillionPromptTokens());
    assertEquals(4, wide.getUsdPerMillionCompletionTokens());
    // Asked five times.
    Ensemble.Builder often = fusion("often", "anna", "bert").toBuilder();
    often.getMembersBuilder(1).getSamplingBuilder().setN(5).setTemperature(1);
    snapshot
        .addEnsembles(often)
        .addEnsembles(Neighbourhood.ensemble("over", Family.FAMILY_ROUTER, "blending", "@often"));
    all = new Directory(snapshot.build(), RouterCatalog.METHODS);
    var over = assertInstanceOf(Entry.Routed.class, all.find("over").orElseThrow());
    assertEquals(1 + 5, over.recipe().getMembers(0).getPrices().getUsdPerMillionPromptTokens());
    var asked = assertInstanceOf(Entry.Elsewhere.class, all.find("often").orElseThrow());
    assertEquals(5, asked.recipe().getMembers(1).getSampling().getN());
    // Two that hold each other: nothing is known, and nothing is endless.
    var circle = assertInstanceOf(Entry.Routed.class, find("deep-1"));
    assertEquals(0, circle.recipe().getMembers(0).getPrices().getUsdPerMillionPromptTokens());
  }

  @Test
  void anEnsembleIsARecipeWithItsMembersResolved() {
    Snapshot.Builder snapshot = Neighbourhood.usual().toBuilder();
    snapshot
        .addEnsemblesBuilder()
        .mergeFrom(Neighbourhood.ensemble("mixed", Family.FAMILY_FUSION, "majority-vote"))
        .addMembers(Member.newBuilder().setModel("anna").setWeight(2.5))
        .addMembers(Member.newBuilder().setEnsemble("gac"));
    var mixed =
        assertInstanceOf(
            Entry.Elsewhere.class,
            new Directory(snapshot.build(), RouterCatalog.METHODS).find("mixed").orElseThrow());
    assertEquals(Family.FAMILY_FUSION, mixed.family());
    assertEquals(5, mixed.recipe().getVersion());
    Member anna = mixed.recipe().getMembers(0);
    assertEquals(2.5, anna.getWeight());
    assertEquals(2, anna.getPrices().getUsdPerMillionCompletionTokens());
    Member gac = mixed.recipe().getMembers(1);
    assertEquals("gac", gac.getEnsemble());
    // A token-level ensemble knows how probable its tokens were; others need not.
    assertEquals(
        List.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_LOGPROBS),
        gac.getCapabilitiesList());
    assertTrue(!gac.hasContextLength());
    assertEquals(2, gac.getPrices().getUsdPerMillionPromptTokens(), "anna reads it, and bert");
  }

  @Test
  void theRetiredAreNotServedAndSaySo() {
    var gone = assertInstanceOf(Entry.Unserved.class, find("gone"));
    assertEquals("MODEL_RETIRED", gone.why().reason());
    assertTrue(directory.served().stream().noneMatch(e -> e.name().equals("gone")));
    assertTrue(directory.served().stream().anyMatch(e -> e.name().equals("bert")), "deprecated");
  }

  @Test
  void aRouterGoesOnWithoutItsRetiredMemberOthersDoNot() {
    var blend = assertInstanceOf(Entry.Routed.class, find("blend-gone"));
    assertEquals(Map.of("gone", "is retired"), blend.unavailable());
    var vote = assertInstanceOf(Entry.Unserved.class, find("vote-gone"));
    assertInstanceOf(Failure.FailedPrecondition.class, vote.why());
    assertTrue(vote.why().message().contains("'gone' is retired"), vote.why().message());
  }

  @Test
  void whatThisVersionDoesNotUnderstandIsToldAndHarmsNobodyElse() {
    Snapshot.Builder snapshot =
        Neighbourhood.usual().toBuilder()
            .addEnsembles(
                Neighbourhood.ensemble("x-method", Family.FAMILY_ROUTER, "oracle", "anna"))
            .addEnsembles(Neighbourhood.ensemble("x-all", Family.FAMILY_ROUTER, "blending", "gone"))
            .addEnsembles(
                Neighbourhood.ensemble("x-draft", Family.FAMILY_ROUTER, "blending", "nobody"))
            .addEnsembles(
                Neighbourhood.ensemble("x-family", Family.FAMILY_UNSPECIFIED, "?", "anna"))
            .addEnsembles(
                Neighbourhood.ensemble("x-setting", Family.FAMILY_ROUTER, "blending", "anna")
                    .toBuilder()
                    .setSettings(
                        Struct.newBuilder()
                            .putFields("heat", Value.newBuilder().setNumberValue(1).build())));
    Directory broken = new Directory(snapshot.build(), RouterCatalog.METHODS);
    assertWhy(broken, "x-method", "oracle");
    assertWhy(broken, "x-all", "None of its members");
    assertWhy(broken, "x-draft", "None of its members");
    assertWhy(broken, "x-family", "family");
    assertWhy(broken, "x-setting", "heat");
    assertInstanceOf(Entry.Routed.class, broken.find("blend").orElseThrow());
  }

  /** A learner goes on knowing what it knows, until its settings are others. */
  @Test
  void aLearnerStaysAndOthersAreMadeAnew() {
    MethodCatalog<Router> catalog = RouterCatalog.of(ArtifactSource.none());
    Snapshot.Builder snapshot =
        Snapshot.newBuilder()
            .addModels(Neighbourhood.model("anna", Lifecycle.LIFECYCLE_ACTIVE))
            .addEnsembles(Neighbourhood.ensemble("bandit", Family.FAMILY_ROUTER, "pickllm", "anna"))
            .addEnsembles(
                Neighbourhood.ensemble("blend", Family.FAMILY_ROUTER, "blending", "anna"));
    var first = new Directory(snapshot.build(), catalog);
    Directory second = first.next(snapshot.setRevision(2).build());
    assertSame(router(first, "bandit"), router(second, "bandit"));
    assertNotSame(router(first, "blend"), router(second, "blend"));
    snapshot
        .getEnsemblesBuilder(0)
        .getSettingsBuilder()
        .putFields("epsilon", Value.newBuilder().setNumberValue(0.5).build());
    var learner = assertInstanceOf(Observing.class, router(first, "bandit"));
    learner.observe(new Feedback.Rated(new float[0], "anna", 1, 0, 0));
    Directory explores = second.next(snapshot.build());
    assertNotSame(learner, router(explores, "bandit"));
    assertEquals(1, observed(explores), "epsilon is not what it learns by");
    snapshot
        .getEnsemblesBuilder(0)
        .getSettingsBuilder()
        .putFields("rate", Value.newBuilder().setNumberValue(0.5).build());
    assertEquals(0, observed(explores.next(snapshot.build())));
  }

  private static long observed(Directory directory) {
    return assertInstanceOf(Observing.class, router(directory, "bandit")).state().observed();
  }

  /** An artifact and the index over it are the largest things in memory. */
  @Test
  void whatIsNotUsedAnyMoreIsForgotten() throws InterruptedException {
    MethodCatalog<Router> catalog = RouterCatalog.METHODS;
    Snapshot snapshot = Neighbourhood.usual();
    var first = new Directory(snapshot, catalog);
    var before = new WeakReference<>(router(first, "blend"));
    Directory second = first.next(snapshot);
    first = null;
    for (int i = 0; i < 50 && before.get() != null; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertNull(before.get());
    assertNotNull(router(second, "blend"));
  }

  private static Router router(Directory directory, String name) {
    return assertInstanceOf(Entry.Routed.class, directory.find(name).orElseThrow()).router();
  }

  @Test
  void draftsAreNotServed() {
    Directory drafts =
        new Directory(
            Snapshot.newBuilder()
                .addModels(Neighbourhood.model("d", Lifecycle.LIFECYCLE_DRAFT))
                .build(),
            RouterCatalog.METHODS);
    assertWhy(drafts, "d", "not served yet");
  }

  private static void assertWhy(Directory directory, String name, String part) {
    var entry = assertInstanceOf(Entry.Unserved.class, directory.find(name).orElseThrow());
    assertTrue(entry.why().message().contains(part), entry.why().message());
  }

  private Entry find(String name) {
    return directory.find(name).orElseThrow();
  }
}
