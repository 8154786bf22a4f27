package dev.tutti.decoder.api;

import static dev.tutti.decoder.api.GenerationApiTest.gac;
import static dev.tutti.decoder.api.GenerationApiTest.user;
import static dev.tutti.decoder.api.PeersTest.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However many answers are asked for at once, their sessions are bounded. */
@Timeout(60)
class ManyAnswersTest {

  /** Of {@link ScriptedDecoder}. */
  private static final int MOST = 8;

  /** A text is cut in many ways, and each of them has probabilities of its own. */
  private static ScriptedModel model(String name, int failsAt) {
    return new ScriptedModel(
        name,
        List.of("a", "b", "ab", "ba", "aba"),
        200,
        tokens -> {
          var random = new SplittableRandom(31L * tokens.hashCode() + name.hashCode());
          double[] p = random.doubles(6, .1, 1).toArray();
          // Nearly never the end.
          p[5] = 1e-6;
          double sum = Arrays.stream(p).sum();
          boolean fails = failsAt > 0 && tokens.size() >= failsAt;
          return Arrays.stream(p).map(each -> fails ? Double.NaN : each / sum).toArray();
        });
  }

  private static GenerateRequest request(Recipe recipe) {
    GenerateRequest.Builder request =
        GenerateRequest.newBuilder().setRecipe(recipe).addMessages(user("a"));
    request.getSamplingBuilder().setMaxTokens(60).setTemperature(0);
    return request.build();
  }

  private static Recipe bytes(String... members) {
    Recipe.Builder recipe = gac(members).toBuilder().setMethod("byte-exact");
    recipe.getSettingsBuilder().putFields("heads", number(64)).putFields("keep", number(0));
    return recipe.build();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  private static String text(ScriptedDecoder decoder, GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    decoder.stub().generate(request).forEachRemaining(events::add);
    return events.getLast().getCompletion().getText();
  }

  @Test
  void sessionsAreBoundedAndAnswersStayWhatTheyAre() throws Exception {
    ScriptedModel one = model("one", 0);
    ScriptedModel two = model("two", 0);
    ScriptedModel broken = model("broken", 15);
    List<ScriptedModel> models = List.of(one, two, broken);
    two.caches = one.caches;
    broken.caches = one.caches;
    GenerateRequest heads = request(bytes("one", "two"));
    Recipe.Builder judging = gac("one", "two").toBuilder().setMethod("cool-fusion");
    judging
        .getMembersBuilderList()
        .forEach(member -> member.addCapabilities(Capability.CAPABILITY_SCORING));
    GenerateRequest spans = request(judging.build());
    Recipe.Builder failing = bytes("two", "broken").toBuilder();
    failing
        .getSettingsBuilder()
        .putFields("on_member_failure", Value.newBuilder().setStringValue("fail").build());
    GenerateRequest fails = request(failing.build());
    try (var decoder = new ScriptedDecoder(one, two, broken);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String written = text(decoder, heads);
      String spoken = text(decoder, spans);
      // More than its two members' own.
      assertTrue(one.mostCaches.get() > 2);
      var texts = new ArrayList<Future<String>>();
      var others = new ArrayList<Future<String>>();
      for (int i = 0; i < 2; i++) {
        texts.add(threads.submit(() -> text(decoder, heads)));
        others.add(threads.submit(() -> text(decoder, spans)));
        others.add(threads.submit(() -> failure(decoder, fails)));
        others.add(threads.submit(() -> leave(decoder, heads)));
      }
      for (Future<String> text : texts) {
        assertEquals(written, text.get());
      }
      for (int i = 0; i < others.size(); i += 3) {
        assertEquals(spoken, others.get(i).get());
        assertTrue(others.get(i + 1).get().contains("The member 'broken' failed"));
        others.get(i + 2).get();
      }
      until(() -> decoder.limit.running() == 0);
    }
    for (ScriptedModel model : models) {
      assertTrue(model.mostCaches.get() <= MOST, model.name() + " " + model.mostCaches);
      assertEquals(0, model.openSessions.get());
    }
    assertEquals(0, one.caches.get());
  }

  private static String failure(ScriptedDecoder decoder, GenerateRequest request) {
    try {
      return text(decoder, request);
    } catch (StatusRuntimeException e) {
      return e.getMessage();
    }
  }

  private static String leave(ScriptedDecoder decoder, GenerateRequest request) {
    try (var stream = ClientStream.open(() -> decoder.stub().generate(request))) {
      return stream.next().getDelta().getText();
    }
  }

  /** While others hold all sessions but one, heads take turns with it. */
  @Test
  void withoutRoomHeadsTakeTurns() {
    for (String name : List.of("one", "two")) {
      String wide;
      try (var decoder = new ScriptedDecoder(model(name, 0))) {
        wide = text(decoder, request(bytes(name)));
      }
      ScriptedModel model = model(name, 0);
      try (var decoder = new ScriptedDecoder(model);
          var _ = decoder.limit.acquire(MOST - 1)) {
        assertEquals(wide, text(decoder, request(bytes(name))));
        assertEquals(1, model.mostCaches.get());
        until(() -> decoder.limit.running() == MOST - 1);
      }
      assertEquals(0, model.openSessions.get());
    }
  }
}
