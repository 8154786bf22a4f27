package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(Neighbourhood.class)
class HomeTest {

  @Test
  void theFrontDoorLeadsNowhereUnlessItWasSaidWhere() {
    Http.Answer home = Http.get("/");
    assertEquals(200, home.status());
    assertEquals("text/html;charset=UTF-8", home.header("content-type"));
    assertFalse(home.body().contains("console"), home.body());
  }

  @Test
  void itLeadsToTheConsoleOfTheHostThatWasAskedOrWhereItWasSaid() {
    URI asked = URI.create("http://server.example:8080/");
    String here = new HomeResource(Optional.of(":8084/console")).page(asked);
    assertTrue(here.contains("<a href=\"http://server.example:8084/console\">"), here);
    String there = new HomeResource(Optional.of("https://admin.example/\"<b>")).page(asked);
    assertTrue(there.contains("<a href=\"https://admin.example/&quot;&lt;b>\">"), there);
  }
}
