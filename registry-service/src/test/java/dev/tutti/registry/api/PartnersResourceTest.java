package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class PartnersResourceTest {

  private static String line(String id, String models) {
    return "{\"id\":\"%s\",\"dataset\":\"sums\",\"split\":\"%s\",\"query\":\"q\",\"models\":{%s}}\n"
        .formatted(id, id.startsWith("t") ? "test" : "train", models);
  }

  private static String model(String name, double score, String response) {
    return "\"%s\":{\"score\":%s,\"response\":\"%s\"}".formatted(name, score, response);
  }

  @Test
  void aDatasetTellsWhoMayWriteTogether() {
    Datasets.take(
        "par-near",
        "",
        line(
                "a",
                String.join(",", model("p", 1, "12"), model("q", .95, "13"), model("r", .5, "14")))
            + line(
                "t",
                String.join(
                    ",", model("p", .5, "12"), model("q", 1, "13"), model("r", .2, "long answer")))
            + line("b", model("s", 1, "12")));
    JsonNode told = Rest.get("datasets/par-near/partners?members=p,q,r").expect(200).json();
    assertEquals(2, told.path("queries").asInt(), told.toString());
    assertEquals(.1, told.path("within").asDouble());
    assertEquals(2, told.path("style_ratio").asDouble());
    assertEquals("q", told.at("/items/0/member").asText());
    assertEquals(.975, told.at("/items/0/score").asDouble(), 1e-12);
    assertEquals(2, told.at("/items/0/characters").asDouble());
    // .75 is 23 % below.
    assertEquals(.225 / .975, told.at("/items/1/gap").asDouble(), 1e-12);
    assertEquals("[true,false,false]", partners(told));
    assertEquals(
        "[true,true,false]",
        partners(
            Rest.get("datasets/par-near/partners?members=p,q,r&within=0.25").expect(200).json()));
    JsonNode train = Rest.get("datasets/par-near/partners?members=p,q&split=train").json();
    assertEquals("p", train.at("/items/0/member").asText());
    assertEquals("[true,true]", partners(train));
  }

  private static String partners(JsonNode told) {
    var partners = new java.util.ArrayList<Boolean>();
    told.path("items").forEach(item -> partners.add(item.path("partner").asBoolean()));
    return partners.toString().replace(" ", "");
  }

  @Test
  void wrongQuestionsAreRefused() {
    Datasets.take("par-apart", "", line("a", model("p", 1, "12")) + line("b", model("q", 1, "1")));
    Rest.get("datasets/par-none/partners").expect(404);
    Rest.get("datasets/par-apart/partners")
        .expectProblem(422, "invalid", "members", "No query was answered by all of p, q");
    Rest.get("datasets/par-apart/partners?members=p,nobody")
        .expectProblem(422, "invalid", "members", "'nobody' answered nothing in 'par-apart'");
    for (String wrong :
        List.of("within=-0.1", "within=1.1", "within=x", "within=NaN", "style_ratio=0.5", "k=1")) {
      Rest.get("datasets/par-apart/partners?members=p&" + wrong).expect(400);
    }
  }

  /** Of two models that are far apart whoever registers them is told, but not refused. */
  @Test
  void whoRegistersMembersThatAreFarApartIsTold() {
    Rest.createModel("par-a", "full");
    Rest.createModel("par-b", "full");
    Rest.createModel("par-c", "full");
    Datasets.take(
        "par-told",
        "",
        line(
            "a",
            String.join(
                ",",
                model("par-a", 1, "12"),
                model("par-b", .5, "13"),
                model("par-c", .95, "14"))));
    String apart = Rest.ensemble("par-far", "mean", "m:par-a", "m:par-b", "m:par-c");
    Rest.Answer dry = Rest.post("ensembles?validate_only=true", apart).expect(200);
    Rest.Answer registered = Rest.post("ensembles", apart).expect(201);
    for (Rest.Answer answer : List.of(dry, registered)) {
      assertEquals(
          List.of(
              "par-b may not help par-a (scores 0.500 and 1.000, 1 queries of par-told):"
                  + " Its score is too far below the best."),
          answer.response().headers().allValues("X-Tutti-Warning"));
    }
    assertTrue(registered.etag() != null);
    Rest.Answer near =
        Rest.post("ensembles", Rest.ensemble("par-near", "mean", "m:par-a", "m:par-c")).expect(201);
    assertNull(near.header("X-Tutti-Warning"));
    // Votes are no token-level ensemble.
    assertNull(
        Rest.post("ensembles", Rest.ensemble("par-vote", "ballot", "m:par-a", "m:par-b"))
            .expect(201)
            .header("X-Tutti-Warning"));
  }
}
