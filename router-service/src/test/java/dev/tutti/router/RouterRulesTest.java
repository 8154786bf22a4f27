package dev.tutti.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.testing.LayerRules;
import dev.tutti.kit.testing.MethodRules;
import dev.tutti.learning.Artifact;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.router.access.Needs;
import dev.tutti.router.api.openai.HomeResource;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import jakarta.ws.rs.HttpMethod;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouterRulesTest {

  @Test
  void methodsArePlainJava() {
    MethodRules.assertPlainJava(
        "dev.tutti.router", "dev.tutti.router.fit..", "dev.tutti.learning", "dev.tutti.numerics..");
  }

  @Test
  void packagesNeedEachOtherInOneDirection() {
    LayerRules.assertNoCycles(
        "dev.tutti.router", RouterCatalog.class, FittedMethods.class, FittedEstimator.class);
  }

  /** Else whoever comes without one is answered; the page at the root tells nothing but ways. */
  @Test
  void everyResourceMethodSaysWhatAKeyMustBeGoodFor() {
    List<JavaMethod> methods =
        new ClassFileImporter()
            .importPackages("dev.tutti.router.api").stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(m -> m.isMetaAnnotatedWith(HttpMethod.class))
                .filter(m -> !m.getOwner().isEquivalentTo(HomeResource.class))
                .toList();
    assertTrue(methods.size() > 10, methods::toString);
    assertEquals(List.of(), methods.stream().filter(m -> !m.isAnnotatedWith(Needs.class)).toList());
  }

  @Test
  void theApiIsTheWire() {
    LayerRules.assertApiIsTheWire(
        "dev.tutti.router",
        List.of(
            "access",
            "activity",
            "answer",
            "budget",
            "database",
            "decision",
            "feedback",
            "learning",
            "limit",
            "standing"),
        // Health says how each room stands; methods are described as they are registered.
        "health",
        "grpc.MethodEndpoint");
  }

  /** Else nobody would notice that the rules look at nothing. */
  @Test
  void theRulesSeeWhatIsExcepted() {
    assertThrows(AssertionError.class, () -> LayerRules.assertNoCycles("dev.tutti.router"));
    assertThrows(
        AssertionError.class,
        () -> LayerRules.assertApiIsTheWire("dev.tutti.router", List.of("answer"), "health"));
  }

  @Test
  void classesAreSmall() {
    LayerRules.assertSmall(Path.of("src/main/java"));
  }

  @Test
  void classesCatalogAndMethodsFileAreTheSame() {
    MethodRules.assertCatalogued(
        "dev.tutti.router", Router.class, RouterCatalog.METHODS, Path.of("METHODS.md"));
  }

  @Test
  void estimatorsAndFittedMethodsAreTheSame() {
    Set<String> written =
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.tutti.router.method")
                .stream()
                .filter(c -> c.isAssignableTo(QualityEstimator.class) && c.isTopLevelClass())
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
    assertEquals(
        written,
        FittedMethods.ALL.stream().map(m -> m.type().getName()).collect(Collectors.toSet()));
  }

  @Test
  void whatHasNotLearnedIsRefusedWhenItIsRegistered() {
    for (FittedEstimator<?> method : FittedMethods.ALL) {
      assertRefused(
          method.name(), RouterCatalog.METHODS, "settings.artifact", "fit " + method.name());
    }
    for (String name : List.of("eagle", "metallm", "pickllm")) {
      assertRefused(name, RouterCatalog.METHODS, "settings", "feedback");
    }
  }

  @Test
  void whatHasLearnedIsMadeFromItsArtifact() {
    FittedEstimator<?> knn =
        FittedMethods.ALL.stream().filter(m -> m.name().equals("knn")).findFirst().orElseThrow();
    Outcomes outcomes = Recorded.specialists(3, 60, 1);
    var artifact =
        new Artifact(
            "knn",
            1,
            FittedMethodContract.fit(knn, outcomes, 1).parameters(),
            new Artifact.Provenance(outcomes.fingerprint(), 60, "{}", 1));
    ArtifactSource<QualityEstimator> kept =
        name ->
            name.equals("ours")
                ? Optional.of(LiveArtifact.of(artifact, FittedMethods.ALL))
                : Optional.empty();
    var catalog = RouterCatalog.of(kept);
    Recipe recipe = recipe("knn").toBuilder().setSettings(settings("ours")).build();
    assertEquals(List.of(), catalog.validate(recipe));
    assertRefused("clusters", catalog, "settings.artifact", "fitted by knn");
    assertEquals(List.of(), catalog.validate(recipe("eagle")));
  }

  private static void assertRefused(
      String method, MethodCatalog<Router> catalog, String field, String why) {
    Recipe recipe = recipe(method);
    if (!field.equals("settings")) {
      recipe = recipe.toBuilder().setSettings(settings("ours")).build();
    }
    List<Violation> violations = catalog.validate(recipe);
    assertEquals(1, violations.size(), violations.toString());
    assertEquals(field, violations.getFirst().getField());
    assertTrue(
        violations.getFirst().getDescription().contains(why), violations.getFirst().toString());
  }

  private static Struct settings(String artifact) {
    return Struct.newBuilder()
        .putFields("artifact", Value.newBuilder().setStringValue(artifact).build())
        .build();
  }

  private static Recipe recipe(String method) {
    return Recipe.newBuilder()
        .setMethod(method)
        .addMembers(
            Member.newBuilder().setModel("a").addCapabilities(Capability.CAPABILITY_GENERATION))
        .build();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void weightsThatAreNoneAreRefused(double weight) {
    var e = assertThrows(IllegalArgumentException.class, () -> new Pool.Member("a", weight));
    assertTrue(e.getMessage().contains(Double.toString(weight)), e.getMessage());
  }

  @Test
  void emptyPoolsAndQueriesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Pool(List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Query(List.of()));
    var a = new Pool.Member("a", 1);
    assertThrows(IllegalArgumentException.class, () -> new Pool(List.of(a, a)));
  }

  @Test
  void routesThatAreNoneAreRefused() {
    refused(new Route.Choice("a", 1, 0.5));
    refused(new Route.Choice("a", Double.NaN, 1));
    refused(new Route.Choice("a", 1, Double.NaN));
    refused(new Route.Choice("a", 1, 1), new Route.Choice("a", 1, 0));
    refused(new Route.Choice("a", 1, 2), new Route.Choice("b", 1, -1));
    refused();
  }

  private static void refused(Route.Choice... choices) {
    assertThrows(IllegalArgumentException.class, () -> new Route(List.of(choices), ""));
  }

  @Test
  void theTurnIsTheNumberOfUserMessages() {
    var user = new Query.Message(Query.Role.USER, "?");
    var assistant = new Query.Message(Query.Role.ASSISTANT, "!");
    var system = new Query.Message(Query.Role.SYSTEM, "Be kind.");
    assertEquals(0, new Query(List.of(system)).turn());
    assertEquals(1, new Query(List.of(system, user)).turn());
    assertEquals(2, new Query(List.of(system, user, assistant, user)).turn());
  }
}
