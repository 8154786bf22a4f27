package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages of other origins: those that are named may read what is answered. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class CorsTest {

  private static final String ALLOWED = "access-control-allow-origin";

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  @Test
  void nobodysMayByDefault() {
    var filters = new Filters();
    new Cors(Optional.empty()).register(filters);
    assertEquals(List.of(), filters.getFilters());
  }

  @Test
  void aNamedOriginMayAskAndRead() {
    for (String origin : List.of("https://app.example.com", "https://other.example.com")) {
      Http.Answer may = preflight("/v1/chat/completions", origin);
      assertEquals(204, may.status());
      assertEquals(origin, may.header(ALLOWED));
      assertTrue(may.header("access-control-allow-methods").contains("POST"));
      assertEquals("authorization,x-custom", may.header("access-control-allow-headers"));
      Http.Answer answer = Http.post("/v1/chat/completions", Http.body("anna"), "Origin", origin);
      assertEquals(200, answer.status());
      assertEquals(origin, answer.header(ALLOWED));
      assertTrue(answer.header("access-control-expose-headers").contains("x-tutti-cost-usd"));
      Http.Answer refused = Http.post("/v1/chat/completions", "{", "Origin", origin);
      assertEquals(400, refused.status());
      assertEquals(origin, refused.header(ALLOWED), "its page reads why");
    }
  }

  @Test
  void othersMayNot() {
    for (String origin : List.of("https://evil.example.com", "null", "http://app.example.com")) {
      Http.Answer may = preflight("/v1/chat/completions", origin);
      assertEquals("", may.header(ALLOWED));
      assertTrue(may.status() != 204, "status " + may.status());
      Http.Answer answer = Http.post("/v1/chat/completions", Http.body("anna"), "Origin", origin);
      assertEquals("", answer.header(ALLOWED));
    }
    assertEquals("", preflight("/q/openapi", "https://app.example.com").header(ALLOWED));
  }

  private static Http.Answer preflight(String path, String origin) {
    return Http.send(
        Http.request(path)
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,x-custom"));
  }
}
