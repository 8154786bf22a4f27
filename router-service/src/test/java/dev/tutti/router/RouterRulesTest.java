package dev.tutti.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.testing.MethodRules;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouterRulesTest {

  @Test
  void methodsArePlainJava() {
    MethodRules.assertPlainJava("dev.tutti.router");
  }

  @Test
  void classesCatalogAndMethodsFileAreTheSame() {
    MethodRules.assertCatalogued(
        "dev.tutti.router", Router.class, RouterCatalog.METHODS, Path.of("METHODS.md"));
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
