package dev.tutti.registry.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.WithKeys;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The page of webhooks. */
@QuarkusTest
@TestProfile(WithKeys.class)
@ExtendWith(OfRegistry.class)
class WebhookPagesTest {

  private static final String[] ADMIN = {"Authorization", "Bearer " + WithKeys.ADMIN};
  private static final Duration SOON = Duration.ofSeconds(20);

  private final List<String> got = new CopyOnWriteArrayList<>();
  private HttpServer listener;
  private String url;

  @BeforeEach
  void listen() throws IOException {
    listener = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    listener.createContext(
        "/",
        call -> {
          got.add(new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          call.sendResponseHeaders(204, -1);
          call.close();
        });
    listener.start();
    url = "http://127.0.0.1:%d/pages?a=%%3Cb%%3E".formatted(listener.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    listener.stop(0);
    Rest.get("webhooks", ADMIN)
        .json()
        .path("items")
        .forEach(
            its ->
                Rest.send("DELETE", "webhooks/" + its.path("id").asText(), null, ADMIN)
                    .expect(204));
  }

  /** Makes one, sees whether it listens, and deletes it. */
  @Test
  void aPersonMakesAWebhookTestsAndDeletesIt() {
    try (var browser = new Browser(Map.of("Authorization", "Bearer " + WithKeys.ADMIN))) {
      Page page = browser.open("/console/teams");
      button(page, "Webhooks", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Webhooks");
      page.getByLabel("Where it listens (required)").fill("ftp://example.com");
      button(page, "Make the webhook", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.ALERT)).containsText("ftp://example.com");
      browser.look("webhook-refused");
      page.getByLabel("Where it listens (required)").fill(url);
      button(page, "Make the webhook", AriaRole.BUTTON).click();
      assertThat(page.locator("h1")).hasText("The webhook is made");
      String secret = page.getByLabel("Secret of the webhook").inputValue();
      assertTrue(secret.startsWith("whs-"), secret);
      browser.look("webhook-made");
      button(page, "All webhooks", AriaRole.LINK).click();
      assertThat(page.locator("tbody tr")).hasCount(1);
      assertFalse(page.content().contains(secret), "told twice");
      page.getByText("Send a test").click();
      await().atMost(SOON).until(() -> !got.isEmpty());
      await().atMost(SOON).until(() -> Rest.get("webhooks", ADMIN).body().contains("delivered_at"));
      page.reload();
      assertThat(page.locator("td[data-label='To be sent']")).hasText("0");
      assertThat(page.locator("td[data-label='Took something last'] time")).hasCount(1);
      browser.look("webhooks");
      page.onDialog(dialog -> dialog.accept());
      page.getByText("Delete", new Page.GetByTextOptions().setExact(true)).click();
      assertThat(page.locator(".empty")).hasText("Nobody is told yet.");
      assertEquals("{\"type\":\"test\"}", got.getFirst());
    }
  }

  @Test
  void whatIsNotSentYetIsToldAndOneTestWaitsForAll() {
    listener.stop(0);
    Browsing visit = Browsing.begin(ADMIN);
    Rest.Answer made = visit.send("/console/webhooks", "url", url).expect(200);
    assertEquals("no-store", made.header("Cache-Control"));
    String id = Rest.get("webhooks", ADMIN).json().at("/items/0/id").asText();
    for (int i = 0; i < 3; i++) {
      visit.send("/console/webhooks/" + id + "/test").expect(303);
    }
    await().atMost(SOON).until(() -> Rest.get("webhooks/" + id, ADMIN).json().has("error"));
    assertEquals(1, Rest.get("webhooks/" + id, ADMIN).json().path("waiting").asInt());
    String page = visit.get("/console/webhooks").body();
    assertTrue(page.contains("It cannot be reached"), page);
    String csv = Rest.get("/console/webhooks/~csv", ADMIN).expect(200).body();
    assertTrue(csv.lines().skip(1).findFirst().orElseThrow().startsWith(id + "," + url), csv);
    visit.send("/console/webhooks/nobodys/test").expect(404);
    Rest.post("webhooks/nobodys/test", null, ADMIN).expect(404);
    Browsing.post("/console/webhooks/" + id + "/delete", "", ADMIN).expect(403);
    visit.send("/console/webhooks/" + id + "/delete").expect(303);
    Rest.get("webhooks/" + id, ADMIN).expect(404);
  }

  private static com.microsoft.playwright.Locator button(Page page, String name, AriaRole role) {
    return page.getByRole(role, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
