package dev.tutti.registry.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Role;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.ScriptedAnswers;
import dev.tutti.registry.testing.Surroundings;
import dev.tutti.router.v1.Feedback;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class PlaygroundPagesTest {

  private static final String PAGE = "/console/playground";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What {@link ScriptedAnswers} says, as a page may show it. */
  private static final String SHOWN = "&lt;b onclick=&quot;alert(1)&quot;&gt;Sieben&lt;/b&gt; né";

  @BeforeAll
  static void register() {
    Rest.createModel("asked-model", "full");
    Rest.createModel("asked-plain", "plain");
    Rest.createEnsemble("asked-together", "mean", "m:asked-model");
    Rest.post("models", Rest.model("asked-draft", "full").replace("\"active\"", "\"draft\""))
        .expect(201);
  }

  @Test
  void whoIsActiveAndAnswersIsFoundAndStaysChosen() {
    Browsing visit = Browsing.begin();
    String found = visit.send(PAGE, "step", "find", "find", "asked-").expect(200).body();
    assertTrue(found.contains("value=\"asked-model\"> <span>asked-model"), found);
    assertTrue(found.contains("ensemble, mean"), found);
    assertFalse(found.contains("asked-draft"), found);
    String kept =
        visit
            .send(
                PAGE,
                "step",
                "find",
                "find",
                "asked-t",
                "name",
                "asked-model",
                "prompt",
                "\"><i>",
                "seed",
                "7")
            .body();
    assertTrue(kept.contains("value=\"asked-model\" checked"), kept);
    assertTrue(kept.contains("value=\"asked-together\">"), kept);
    assertTrue(kept.contains("&quot;&gt;&lt;i&gt;</textarea>"), kept);
    assertTrue(kept.contains("name=\"seed\" value=\"7\""), kept);
    String model = visit.get("/console/models/asked-plain").body();
    assertTrue(model.contains("href=\"/console/playground?name=asked-plain\""), model);
    assertFalse(visit.get("/console/models/asked-draft").body().contains("playground?name="));
    String named = visit.get(PAGE + "?name=asked-plain").body();
    assertTrue(named.contains("value=\"asked-plain\" checked"), named);
    assertTrue(named.contains("/v1/chat/completions"), named);
    for (String odd : List.of("'; drop table entry; --", "%", "\" or 1=1", "<img src=x>")) {
      String none = visit.send(PAGE, "step", "find", "find", odd).expect(200).body();
      assertTrue(none.contains("Nothing that answers is called so"), none);
    }
    visit.get(PAGE + "?name=%3Cimg%3E", 400);
  }

  @Test
  void withoutScriptsWholeAnswersStandSideBySide() {
    Browsing visit = Browsing.begin();
    String page =
        visit
            .send(
                PAGE,
                "step",
                "ask",
                "name",
                "asked-model",
                "name",
                "asked-together",
                "system",
                "Be brief.",
                "prompt",
                "without scripts\nit's 7",
                "temperature",
                "0.5",
                "top_p",
                "0.9",
                "max_tokens",
                "64",
                "seed",
                "42")
            .expect(200)
            .body();
    assertEquals(4, page.split("<article class=\"column\"").length, page);
    assertEquals(3, page.split(Pattern.quote(SHOWN), -1).length, page);
    assertFalse(page.contains("<b onclick") || page.contains("<script>alert"), page);
    assertTrue(page.contains("asking anna: &lt;script&gt;alert(2)&lt;/script&gt;"), page);
    assertTrue(page.contains("She knew &lt;em&gt;it&lt;/em&gt;."), page);
    assertTrue(page.contains("<dt>Cost</dt><dd>0.0001235 USD</dd>"), page);
    assertTrue(page.contains("<dt>Tokens</dt><dd>1,234 read, 5 written</dd>"), page);
    assertTrue(page.contains("<dt>Answered by</dt><dd>anna</dd>"), page);
    assertTrue(page.contains("<dt>First token</dt>") && page.contains("<dt>Whole time</dt>"), page);
    // As the front door takes it, and a shell.
    assertTrue(
        page.contains(
            "{&quot;role&quot;:&quot;user&quot;,&quot;content&quot;:&quot;without scripts\\nit&#39;\\&#39;&#39;s 7&quot;}],&quot;temperature&quot;:0.5,&quot;top_p&quot;:0.9,&quot;max_tokens&quot;:64,&quot;seed&quot;:42"),
        page);
    List<GenerateRequest> asked = asked("without scripts\nit's 7");
    assertEquals(2, asked.size());
    GenerateRequest one = asked.getFirst();
    assertEquals(Role.ROLE_SYSTEM, one.getMessages(0).getRole());
    assertEquals("Be brief.", one.getMessages(0).getContent());
    assertEquals(0.5, one.getSampling().getTemperature());
    assertEquals(0.9, one.getSampling().getTopP());
    assertEquals(64, one.getSampling().getMaxTokens());
    assertEquals(42, one.getSampling().getSeed());
    assertEquals("", one.getTeam());
    assertTrue(page.contains("href=\"/console/decisions/%s\"".formatted(one.getRequestId())), page);
    assertNotEquals(one.getRequestId(), asked.getLast().getRequestId());
  }

  @Test
  void anAnswerComesPieceByPiece() {
    Browsing visit = Browsing.begin();
    Answer answer = visit(visit, "asked-together", "piece by piece").expect(200);
    assertEquals("text/event-stream;charset=UTF-8", answer.header("Content-Type"));
    assertTrue(answer.header("Content-Security-Policy").contains("connect-src 'self'"));
    assertEquals("no-store", answer.header("Cache-Control"));
    List<String> events = answer.body().lines().filter(l -> l.startsWith("event: ")).toList();
    assertEquals(
        List.of(
            "event: call",
            "event: step",
            "event: delta",
            "event: delta",
            "event: delta",
            "event: delta",
            "event: end"),
        events);
    List<JsonNode> data = data(answer);
    var text = new StringBuilder();
    data.forEach(its -> text.append(its.path("text").asText()));
    assertEquals(ScriptedAnswers.TEXT, text.toString());
    JsonNode token = data.get(2).at("/tokens/0");
    assertEquals(0.75, token.path("probability").asDouble(), 1e-9);
    assertEquals("acht<i>", token.at("/others/0/text").asText());
    assertEquals(0.125, token.at("/others/0/probability").asDouble(), 1e-9);
    assertEquals("anna", token.at("/members/0/member").asText());
    assertEquals(0.875, token.at("/members/0/probability").asDouble(), 1e-9);
    assertTrue(token.at("/members/0/favourite").asBoolean());
    assertTrue(token.at("/members/1/probability").isNull());
    assertEquals("<u>acht</u>", token.at("/members/1/wanted").asText());
    JsonNode end = data.getLast();
    assertEquals("[\"anna\",\"bert\"]", end.at("/rating/members").toString());
    assertEquals(
        "/console/decisions/" + asked("piece by piece").getFirst().getRequestId(),
        end.path("decision").asText());
    assertTrue(end.path("problem").isNull(), answer.body());
    // Who tells nothing of tokens, or may not be asked for it, is not.
    visit(visit, "asked-plain", "no tokens").expect(200);
    assertFalse(asked("no tokens").getFirst().getSampling().getLogprobs());
    assertEquals(5, asked("piece by piece").getFirst().getSampling().getTopLogprobs());
  }

  @Test
  void whoLeavesCallsTheAnswerOffAndMakesRoom() throws Exception {
    Browsing visit = Browsing.begin();
    ScriptedAnswers router = Surroundings.open().answers();
    var left = new ArrayList<InputStream>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 4; i++) {
        InputStream body =
            client
                .send(
                    HttpRequest.newBuilder(Rest.uri(PAGE + "/~answer"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Cookie", visit.cookie())
                        .POST(BodyPublishers.ofString(fields(visit, "asked-plain", "hold")))
                        .build(),
                    BodyHandlers.ofInputStream())
                .body();
        left.add(body);
        // It is told before the answer ends.
        var seen = new StringBuilder();
        while (seen.indexOf("I begin. ") < 0) {
          int next = body.read();
          assertNotEquals(-1, next, seen::toString);
          seen.append((char) next);
        }
      }
      JsonNode refused = data(visit(visit, "asked-plain", "one more").expect(200)).getLast();
      assertEquals(503, refused.at("/problem/status").asInt());
      assertTrue(
          refused.at("/problem/detail").asText().startsWith("4 answers are being written"),
          refused::toString);
      assertTrue(refused.path("decision").isNull() && refused.path("rating").isNull());
      for (InputStream body : left) {
        body.close();
      }
    }
    assertTrue(router.calledOff().tryAcquire(4, 20, TimeUnit.SECONDS), "the answers go on");
    assertTrue(asked("one more").isEmpty());
    await()
        .until(() -> data(visit(visit, "asked-plain", "room")).getLast().path("problem").isNull());
  }

  @Test
  void whatTheRouterRefusesIsToldInTheColumn() {
    Browsing visit = Browsing.begin();
    JsonNode failed = data(visit(visit, "asked-plain", "fail").expect(200)).getLast();
    assertEquals(503, failed.at("/problem/status").asInt());
    assertEquals("MEMBERS_FAILED", failed.at("/problem/reason").asText());
    assertTrue(failed.path("facts").toString().contains("\"0.25 USD\""), failed::toString);
    assertTrue(failed.path("rating").isNull() && !failed.path("decision").isNull());
    JsonNode unknown = data(visit(visit, "asked-nobody", "unknown").expect(200)).getLast();
    assertEquals(404, unknown.at("/problem/status").asInt());
    assertTrue(unknown.path("decision").isNull(), unknown::toString);
    String page = visit.send(PAGE, "step", "ask", "name", "asked-plain", "prompt", "fail").body();
    assertTrue(page.contains("All &lt;i&gt;members&lt;/i&gt; failed."), page);
    assertTrue(page.contains("<dd>0.25 USD</dd>"), page);
    Surroundings.open().stop("router");
    try {
      JsonNode away = data(visit(visit, "asked-plain", "away").expect(200)).getLast();
      assertEquals(503, away.at("/problem/status").asInt());
    } finally {
      Surroundings.open().start("router");
      Rest.awaitNeighbours();
    }
  }

  @Test
  void whatCannotBeAskedIsRefusedBeforeItCosts() {
    Browsing visit = Browsing.begin();
    for (String path : List.of("", "/~answer", "/~feedback")) {
      Browsing.post(PAGE + path, "name=asked-plain&prompt=forged", "Cookie", visit.cookie())
          .expect(403);
    }
    String nobody = visit.send(PAGE, "step", "ask", "prompt", "forged").expect(400).body();
    assertTrue(nobody.contains("Nobody is chosen") && nobody.contains("forged</textarea>"), nobody);
    visit.send(PAGE, "step", "ask", "name", "asked-plain", "prompt", " ").expect(400);
    var seven = new ArrayList<>(List.of("step", "ask", "prompt", "forged"));
    for (int i = 0; i < 7; i++) {
      seven.addAll(List.of("name", "asked-" + i));
    }
    String many = visit.send(PAGE, seven.toArray(String[]::new)).expect(400).body();
    assertTrue(many.contains("at most 6 are asked at once"), many);
    for (List<String> wrong :
        List.of(
            List.of("temperature", "warm"),
            List.of("temperature", "NaN"),
            List.of("top_p", "1,0"),
            List.of("max_tokens", "1.5"),
            List.of("seed", "99999999999999999999"),
            List.of("system", "x".repeat(Question.LONGEST)))) {
      String refused =
          visit
              .send(
                  PAGE + "/~answer",
                  "name",
                  "asked-plain",
                  "prompt",
                  "forged",
                  wrong.getFirst(),
                  wrong.getLast())
              .expect(400)
              .body();
      assertTrue(refused.contains("id=\"refusal\""), refused);
    }
    visit.send(PAGE + "/~answer", "name", "<img>", "prompt", "forged").expect(400);
    assertTrue(asked("forged").isEmpty());
  }

  @Test
  void aThumbIsFeedbackAndCanBeChanged() {
    Browsing visit = Browsing.begin();
    List<Feedback> given = Surroundings.open().feedback().given();
    given.clear();
    String kept =
        visit
            .send(
                PAGE + "/~feedback",
                "decision",
                "of-two",
                "key",
                "console-k",
                "change",
                "1",
                "member",
                "anna",
                "member",
                "bert",
                "thumb",
                "up")
            .expect(200)
            .body();
    assertTrue(kept.contains("Kept as feedback on anna, bert: good."), kept);
    assertEquals("2", Browsing.hidden(kept, "change"));
    assertEquals(List.of("anna", "bert"), given.stream().map(Feedback::getMember).toList());
    assertEquals(
        List.of("console-k:1:0", "console-k:1:1"), given.stream().map(Feedback::getKey).toList());
    assertEquals(1, given.getFirst().getRating());
    String changed =
        visit
            .send(
                PAGE + "/~feedback",
                "decision",
                "<i>",
                "key",
                "console-k",
                "change",
                "2",
                "thumb",
                "down")
            .expect(200)
            .body();
    assertTrue(changed.contains("Kept as feedback on anna: bad."), changed);
    assertTrue(changed.contains("href=\"/console/decisions/%3Ci%3E\""), changed);
    assertEquals(0, given.getLast().getRating());
    assertEquals("console-k:2:0", given.getLast().getKey());
    visit
        .send(PAGE + "/~feedback", "decision", "no-such", "key", "k", "change", "1", "thumb", "up")
        .expect(404);
    visit
        .send(PAGE + "/~feedback", "decision", "d", "key", "k", "change", "1", "thumb", "aside")
        .expect(400);
    visit.send(PAGE + "/~feedback", "decision", "d", "thumb", "up").expect(400);
    assertEquals(3, given.size());
  }

  private static String fields(Browsing visit, String name, String prompt) {
    return "csrf=%s&name=%s&prompt=%s"
        .formatted(visit.token(), Browsing.encoded(name), Browsing.encoded(prompt));
  }

  private static Answer visit(Browsing visit, String name, String prompt) {
    return Rest.form(
        PAGE + "/~answer",
        fields(visit, name, prompt),
        "Content-Type",
        "application/x-www-form-urlencoded",
        "Cookie",
        visit.cookie(),
        "Accept",
        "text/event-stream");
  }

  private static List<JsonNode> data(Answer answer) {
    return answer
        .body()
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(
            line -> {
              try {
                return JSON.readTree(line.substring(6).getBytes(StandardCharsets.UTF_8));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .toList();
  }

  private static List<GenerateRequest> asked(String prompt) {
    return Surroundings.open().answers().requests().stream()
        .filter(r -> r.getMessages(r.getMessagesCount() - 1).getContent().equals(prompt))
        .toList();
  }
}
