package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(Neighbourhood.class)
class HomeTest {

  @Test
  void theFrontDoorLeadsToTheConsole() {
    Http.Answer home = Http.get("/");
    assertEquals(200, home.status());
    assertEquals("text/html;charset=UTF-8", home.header("content-type"));
    assertTrue(home.body().contains("<a href=\"http://127.0.0.1:8084/console\">"), home.body());
  }

  @Test
  void itLeadsNowhereWhereNoConsoleIsToBeShown() {
    var page = (String) new HomeResource(Optional.empty()).home().getEntity();
    assertFalse(page.contains("console"), page);
  }
}
