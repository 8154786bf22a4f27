package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.generation.v1.Progress;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two decoder processes. A model {@code X-far} is the starter model X on the second one; those of
 * the samples are on the first. The suffix leaves their order as it is: sums are in that of names.
 * Both go on for the tests that follow.
 */
@ExtendWith(Platform.class)
@TestMethodOrder(MethodOrderer.MethodName.class)
class DecodersIT {

  private static final String FIRST = "decoder";
  private static final String SECOND = Platform.SECOND_DECODER;

  /** How a span says of which decoder it is, up to the name of the second. */
  private static final String INSTANCE = "service.instance.id\u0012\u000b\n\t";

  /** Some forty tokens. */
  private static final String CHAIN = "85-46+38-55+60=";

  /** Method, settings, prompt and members: those with {@code -far} are on the second decoder. */
  private record Case(String method, String settings, String prompt, String... members) {
    String one() {
      return "one-" + method;
    }

    String two() {
      return "two-" + method;
    }
  }

  private static final List<Case> CASES =
      List.of(
          new Case("gac", "{}", "123+456=", "adder-weak-1-far", "adder-weak-2", "adder-bpe-1-far"),
          new Case("byte-exact", "{}", "123+456=", "adder-weak-1", "adder-bpe-1-far"),
          new Case(
              "speculative", "{\"proposed\": [2]}", "87+145=", "adder-weak-1-far", "adder-weak-2"),
          new Case("cool-fusion", "{}", "618+467=", "adder-weak-2", "adder-bpe-1-far"),
          new Case(
              "le-mcts",
              "{\"delimiter\": \"; \", \"longest\": 24, \"depth\": 12, \"iterations\": 12,"
                  + " \"reward\": \"both\", \"aggregate\": \"min\"}",
              "12+7-5=",
              "generalist",
              "generalist-units-far",
              "judge:step-judge-far"));

  @BeforeAll
  static void aSecondDecoder() {
    ProcessHandle decoder = Platform.process(FIRST);
    decoder.destroy();
    decoder.onExit().join();
    Platform.Run up = Platform.up(Map.of("TUTTI_DECODERS", "2"));
    assertEquals(0, up.status(), up.output());
    CASES.stream()
        .flatMap(it -> Stream.concat(Stream.of(it.members), Stream.of("calculator-far")))
        .map(DecodersIT::name)
        .filter(member -> member.endsWith("-far"))
        .distinct()
        .forEach(DecodersIT::registerFar);
    for (Case it : CASES) {
      ensemble(it.two(), it.method, it.settings, it.members);
      ensemble(
          it.one(),
          it.method,
          it.settings,
          Stream.of(it.members).map(member -> member.replace("-far", "")).toArray(String[]::new));
    }
    for (String what : List.of("drop", "drop_models", "fail")) {
      ensemble(
          "two-" + what.replace('_', '-'),
          "gac",
          "{\"on_member_failure\": \"%s\"}".formatted(what),
          "calculator",
          "calculator-far");
    }
  }

  private static String name(String member) {
    return member.substring(member.indexOf(':') + 1);
  }

  private static void registerFar(String name) {
    register(
        "models",
        """
        {"name": "%s", "runtime": "onnx", "location": "%s", "decoder": "%s", "lifecycle": "active",
         "usd_per_million_prompt_tokens": 0, "usd_per_million_completion_tokens": 0}"""
            .formatted(name, name.replace("-far", ""), SECOND));
  }

  private static void ensemble(String name, String method, String settings, String... members) {
    String all =
        Stream.of(members)
            .map(
                member ->
                    member.startsWith("judge:")
                        ? "{\"model\": \"%s\", \"role\": \"judge\"}".formatted(name(member))
                        : "{\"model\": \"%s\"}".formatted(member))
            .toList()
            .toString();
    register(
        "ensembles",
        "{\"name\": \"%s\", \"method\": \"%s\", \"settings\": %s, \"members\": %s, \"lifecycle\": \"active\"}"
            .formatted(name, method, settings, all));
    OutageIT.await(() -> Http.get(Platform.rest("router") + "/v1/models/" + name).status() == 200);
  }

  private static void register(String kind, String json) {
    Http.Answer registered = Http.post(Platform.rest("registry") + "/api/v1/" + kind, json);
    assertEquals(201, registered.status(), registered.body());
  }

  /** All that a streamed answer tells, but its number, when, and of which of the two it is. */
  private static List<String> told(String ensemble, String prompt, double temperature)
      throws IOException {
    ObjectNode body =
        Http.chat(ensemble, prompt)
            .put("temperature", temperature)
            .put("seed", 17)
            .put("logprobs", true)
            .put("top_logprobs", 5)
            .put("stream", true);
    body.putObject("stream_options").put("include_usage", true);
    Http.Answer answer =
        Http.post(Platform.rest("router") + "/v1/chat/completions", body.toString());
    assertEquals(200, answer.status(), answer.body());
    var events = new ArrayList<String>();
    for (String event : Http.events(answer)) {
      if (event.startsWith("{")) {
        var json = (ObjectNode) Http.JSON.readTree(event);
        json.remove(List.of("id", "created", "model"));
        event = json.toString().replace("-far", "");
      }
      events.add(event);
    }
    assertEquals("[DONE]", events.getLast());
    return events;
  }

  @Test
  void aMembersOnBothAnswerAsOnOneByteForByte() throws IOException {
    for (Case it : CASES) {
      for (double temperature : new double[] {0, 1}) {
        List<String> one = told(it.one(), it.prompt, temperature);
        assertTrue(one.size() > 3, one.toString());
        assertEquals(one, told(it.two(), it.prompt, temperature), it.method);
      }
    }
    assertNoneLeft();
  }

  @Test
  void bATraceGoesThroughBothDecoders() {
    byte[] id = new byte[16];
    ThreadLocalRandom.current().nextBytes(id);
    String traceId = HexFormat.of().formatHex(id);
    for (String target : List.of("two-gac", "adder-weak-1-far")) {
      Http.Answer answer =
          Http.post(
              Platform.rest("router") + "/v1/chat/completions",
              Http.chat(target, "12+34=").toString(),
              "traceparent",
              "00-" + traceId + "-00f067aa0ba902b7-01");
      assertEquals(200, answer.status(), answer.body());
    }
    for (String decoder : List.of(FIRST, SECOND)) {
      OutageIT.await(() -> TraceCollector.INSTANCE.sawDecoder(decoder, traceId));
    }
    // A session of the ensemble's member, and the model's own call.
    for (String call : List.of("DecoderService/Session", "GenerationService/Generate")) {
      OutageIT.await(() -> TraceCollector.INSTANCE.tells(INSTANCE + SECOND, call));
    }
  }

  @Test
  void cTheSecondIsShownByTheFirst() {
    assertEquals(
        1, OutageIT.metric(FIRST, "tutti_decoder_peer_connected{peer=\"%s\"".formatted(SECOND)));
    String health = Http.get(Platform.operators(FIRST) + "/health/ready").body();
    assertTrue(health.contains("\"connection.%s\": \"connected\"".formatted(SECOND)), health);
    Platform.Run status = Platform.script("status", Map.of());
    assertEquals(0, status.status(), status.output());
    assertTrue(status.output().contains(SECOND), status.output());
  }

  /** The models are quick: where the answers had ended before, once more. */
  @Test
  void dTheSecondIsKilledInTheMiddleOfAnswers() throws IOException {
    String whole = new LiveAnswer("two-drop", CHAIN).ended().text.toString();
    List<String> before = told("two-gac", "123+456=", 0);
    List<LiveAnswer> live = List.of();
    for (int round = 0; round < 5 && !cut(live); round++) {
      live =
          Stream.of("two-drop", "two-drop-models", "two-fail")
              .map(name -> new LiveAnswer(name, CHAIN))
              .toList();
      live.forEach(LiveAnswer::begun);
      kill(SECOND);
      live.forEach(LiveAnswer::ended);
      if (!cut(live)) {
        restart();
      }
    }
    assertTrue(cut(live), "no answer was cut");
    for (LiveAnswer goesOn : live.subList(0, 2)) {
      Progress failed = goesOn.failed.orElseThrow();
      assertEquals("calculator-far", failed.getMember());
      assertTrue(
          failed.getMessage().contains("The decoder '%s'".formatted(SECOND)), failed.toString());
      // The other member is the same model.
      assertEquals(whole, goesOn.text.toString());
      assertEquals(
          failed.getMessage(),
          goesOn.completion.orElseThrow().getDecision().getCandidates(1).getFailure());
    }
    Status refused = live.getLast().end.orElseThrow();
    assertEquals(Status.Code.UNAVAILABLE, refused.getCode());
    assertTrue(
        refused.getDescription().startsWith("The member 'calculator-far' failed: The decoder"),
        refused.toString());
    assertTrue(whole.startsWith(live.getLast().text.toString()));
    OutageIT.await(() -> running(FIRST) == 0);
    assertEquals(0, OutageIT.metric(FIRST, "tutti_decoder_peer_connected"));

    restart();
    assertEquals(before, told("two-gac", "123+456=", 0));
    LiveAnswer again = new LiveAnswer("two-fail", CHAIN).ended();
    assertTrue(again.end.isEmpty() && again.failed.isEmpty(), again.end.toString());
    assertEquals(whole, again.text.toString());
    assertNoneLeft();
  }

  private static boolean cut(List<LiveAnswer> live) {
    return !live.isEmpty()
        && live.stream().allMatch(its -> its.failed.isPresent() || its.end.isPresent());
  }

  @Test
  void eTheFirstIsKilledWhileItWritesAndTheSecondForgetsItsSession() {
    LiveAnswer live = new LiveAnswer("two-drop", CHAIN);
    for (int round = 0; round < 5 && live.end.isEmpty(); round++) {
      live = new LiveAnswer("two-drop", CHAIN).begun();
      kill(FIRST);
      live.ended();
      OutageIT.await(() -> running(SECOND) == 0);
      restart();
    }
    assertTrue(live.end.isPresent(), "no answer was cut");
    LiveAnswer again = new LiveAnswer("two-fail", CHAIN).ended();
    assertTrue(again.end.isEmpty(), again.end.toString());
    assertFalse(again.text.isEmpty());
    assertNoneLeft();
  }

  private static void kill(String decoder) {
    ProcessHandle process = Platform.process(decoder);
    process.destroyForcibly();
    process.onExit().join();
  }

  private static void restart() {
    Platform.Run up = Platform.up(Map.of());
    assertEquals(0, up.status(), up.output());
  }

  private static double running(String decoder) {
    return OutageIT.metric(decoder, "tutti_decoder_sessions_running");
  }

  private static void assertNoneLeft() {
    OutageIT.await(() -> running(FIRST) == 0 && running(SECOND) == 0);
  }
}
