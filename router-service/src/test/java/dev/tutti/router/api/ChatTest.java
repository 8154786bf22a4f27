package dev.tutti.router.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Neighbourhood.class)
class ChatTest {

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  @Test
  void aModelAnswersWhole() {
    Http.Answer answer = Http.chat("anna");
    assertEquals(200, answer.status(), answer.body());
    System.out.println(answer.body() + answer.headers());
    assertEquals("I am anna", answer.json().at("/choices/0/message/content").asText());
  }

  @Test
  void aModelAnswersStreamed() {
    Http.Answer answer = Http.chat("anna", "\"stream\": true");
    System.out.println(answer.body() + answer.headers());
    assertEquals("[DONE]", answer.events().getLast());
  }

  @Test
  void errors() {
    System.out.println(Http.chat("nobody").body());
    System.out.println(Http.post("/v1/chat/completions", "{").body());
    System.out.println(Http.get("/v1/nothing"));
    System.out.println(Http.get("/nothing"));
    System.out.println(Http.get("/v1/chat/completions"));
    System.out.println(Http.post("/v1/chat/completions", "1".repeat(10 << 20)));
    System.out.println(Http.get("/v1/models").body());
    System.out.println(Http.get("/q/health/ready").body());
  }
}
