package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Value;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.TopTokens;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Delivered;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Endpoints and models in memory that write one text, token by token. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(30)
class EndpointEnsembleTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @Inject KnownModels models;

  @Inject MeterRegistry meters;

  private int topLogprobs = 5;

  private final ScriptedEndpoint endpoint =
      new ScriptedEndpoint(call -> call.whole(200, letter(prompt(call))));
  private final ScriptedEndpoint second =
      new ScriptedEndpoint(call -> call.whole(200, letter(prompt(call))));

  @BeforeEach
  void oneEndpoint() throws InterruptedException {
    register(endpoint.url());
  }

  @AfterEach
  void close() throws IOException {
    endpoint.close();
    second.close();
  }

  private void register(String... urls) throws InterruptedException {
    ScriptedRegistry registry = ScriptedRegistry.current();
    long revision = EndpointAnswersTest.REVISION.incrementAndGet();
    registry.say(
        registry.standard(revision).toBuilder()
            .addModels(
                Model.newBuilder()
                    .setName("remote")
                    .setVersion(revision)
                    .setRuntime(Runtime.RUNTIME_OPENAI)
                    .addAllEndpoints(List.of(urls))
                    .setRemoteModel("vendor/7b")
                    .setTopLogprobs(topLogprobs)
                    .addCapabilities(Capability.CAPABILITY_GENERATION)
                    .addCapabilities(Capability.CAPABILITY_TOP_LOGPROBS)
                    .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE))
            .build());
    registry.await(models);
  }

  @Test
  void anEndpointAndAModelInMemoryAnswerAsOne() throws IOException {
    List<GenerateResponse> events = all(request("unite", "cd", "counting", "remote"));
    Completion completion = events.getLast().getCompletion();
    assertEquals("efgh", completion.getText());
    assertEquals(
        "efgh", String.join("", events.stream().map(e -> e.getDelta().getText()).toList()));
    assertEquals(FinishReason.FINISH_REASON_STOP, completion.getFinishReason());
    assertEquals(
        List.of("cd", "cde", "cdef", "cdefg", "cdefgh"),
        endpoint.calls().stream().map(EndpointEnsembleTest::prompt).toList());
    JsonNode first = JSON.readTree(endpoint.calls().getFirst().text());
    assertEquals("/v1/completions", endpoint.calls().getFirst().path);
    assertEquals("vendor/7b", first.get("model").textValue());
    assertEquals(1, first.get("max_tokens").intValue());
    assertEquals(0, first.get("temperature").intValue());
    // k is 10; the endpoint was found to tell 5.
    assertEquals(5, first.get("logprobs").intValue());
    // The endpoint read its prompt five times, the model once.
    assertUsage(completion.getUsage(), 0, "counting", 2, 5);
    assertUsage(completion.getUsage(), 1, "remote", 2 + 3 + 4 + 5 + 6, 5);
    assertFalse(completion.getUsage().getEstimated());
    assertEquals(22, completion.getUsage().getPromptTokens());
    assertEquals((22 * 3.0 + 10 * 7.0) / 1e6, completion.getCostUsd(), 1e-15);
    assertEquals(1, completion.getSignals().getAgreement(), 1e-12);
    assertEquals("unite", completion.getDecision().getMethod());
    assertTrue(
        completion.getDecision().getCandidatesList().stream()
            .allMatch(c -> c.getCalled() && c.getChosen() && c.getFailure().isEmpty()));
    assertEquals(
        5,
        completion.getDecision().getInputs().getFieldsOrThrow("ensembled_steps").getNumberValue());
  }

  /** A recipe's name is whatever its sender wrote: no series for each. */
  @Test
  void anEnsembleIsCountedByItsNameWhereThatIsRegistered() throws InterruptedException {
    GenerateRequest request = request("unite", "cd", "counting", "remote");
    all(request.toBuilder().setRecipe(request.getRecipe().toBuilder().setEnsemble("mine")).build());
    ScriptedRegistry registry = ScriptedRegistry.current();
    long revision = EndpointAnswersTest.REVISION.incrementAndGet();
    registry.say(
        registry.standard(revision).toBuilder()
            .addEnsembles(Ensemble.newBuilder().setName("both").setVersion(1))
            .build());
    registry.await(models);
    all(request("unite", "cd", "counting"));
    Set<String> targets =
        meters.find("tutti.decoder.answer").meters().stream()
            .map(meter -> meter.getId().getTag("target"))
            .collect(Collectors.toSet());
    assertTrue(targets.containsAll(Set.of("both", "recipe")), targets.toString());
    assertFalse(targets.contains("mine"), targets.toString());
  }

  /** Greedy is this service's own wish: the alternatives are the same without it. */
  @Test
  void anEndpointThatTakesNoTemperatureIsAskedWithout() {
    endpoint.script(
        call -> {
          if (call.text().contains("temperature")) {
            call.whole(
                400,
                "{\"error\":{\"message\":\"'temperature' does not support 0 with this"
                    + " model.\",\"param\":\"temperature\"}}");
          } else {
            call.whole(200, letter(prompt(call)));
          }
        });
    List<GenerateResponse> events = all(request("unite", "cd", "counting", "remote"));
    assertEquals("efgh", events.getLast().getCompletion().getText());
    assertEquals(
        List.of("cd", "cd", "cde", "cdef", "cdefg", "cdefgh"),
        endpoint.calls().stream().map(EndpointEnsembleTest::prompt).toList());
  }

  /** The adder alone answers 46; an endpoint that is sure of something else, thrice as heavy. */
  @Test
  void aHeavyEndpointOverrulesAStarterModelAndALightOneDoesNot() {
    UnaryOperator<String> insists =
        prompt -> {
          String said = prompt.substring("12+34=".length());
          return said.length() < 2
              ? answer("9", "length", "\"9\": -0.01, \"4\": -5.0, \"6\": -5.0", 6)
              : answer("", "stop", "\"</s>\": -0.01, \"4\": -5.0", 6);
        };
    endpoint.script(call -> call.whole(200, insists.apply(prompt(call))));
    assertEquals("99", text(weighted("12+34=", .2, 3)));
    String alone = text(request("unite", "12+34=", "adder-strong"));
    assertEquals("46", alone);
    assertEquals(alone, text(weighted("12+34=", 3, .2)));
  }

  /** A starter model served by an endpoint that tells its whole small distribution. */
  @Test
  void whereAMemberRunsMakesNoDifference() throws InterruptedException {
    topLogprobs = 20;
    register(endpoint.url());
    try (OnnxLanguageModel third = ModelFiles.load("adder-weak-3")) {
      endpoint.script(call -> call.whole(200, served(third, prompt(call))));
      for (String sum : List.of("123+456=", "7+8=", "90+17=", "55+555=", "999+1=", "364+81=")) {
        String here = text(request("unite", sum, "adder-weak-1", "adder-weak-2", "adder-weak-3"));
        assertEquals(here, text(request("unite", sum, "adder-weak-1", "adder-weak-2", "remote")));
        assertFalse(here.isEmpty());
      }
    }
  }

  private static String served(OnnxLanguageModel model, String prompt) {
    ObjectNode top = JSON.createObjectNode();
    int best;
    try (DecodeSession session = model.open()) {
      session.append(model.rawPrompt(prompt));
      Distribution next = session.next();
      best = next.mostProbable();
      for (int t : TopTokens.of(next.probabilities(), 20)) {
        top.put(spelt(model, t), next.logProbability(t));
      }
    }
    boolean end = model.tokenizer().isEnd(best);
    ObjectNode choice = JSON.createObjectNode().put("index", 0);
    choice.put("text", end ? "" : spelt(model, best)).put("finish_reason", end ? "stop" : "length");
    ObjectNode logprobs = choice.putObject("logprobs");
    logprobs.putArray("tokens").add(spelt(model, best));
    logprobs.putArray("token_logprobs").add(top.get(spelt(model, best)));
    logprobs.putArray("top_logprobs").add(top);
    ObjectNode whole = JSON.createObjectNode();
    whole.putArray("choices").add(choice);
    whole.putObject("usage").put("prompt_tokens", prompt.length()).put("completion_tokens", 1);
    return whole.toString();
  }

  private static String spelt(OnnxLanguageModel model, int token) {
    Tokenizer tokenizer = model.tokenizer();
    return tokenizer.isEnd(token)
        ? "<|endoftext|>"
        : tokenizer.isSpecial(token)
            ? "<|special-%d|>".formatted(token)
            : new String(tokenizer.bytes(token), StandardCharsets.UTF_8);
  }

  @Test
  void membersAreAskedAtOnce() throws InterruptedException {
    var both = new CountDownLatch(2);
    ScriptedEndpoint.Script meets =
        call -> {
          both.countDown();
          // Neither answers before both are asked.
          assertTrue(both.await(5, TimeUnit.SECONDS));
          call.whole(200, letter(prompt(call)));
        };
    endpoint.script(meets);
    second.script(meets);
    ScriptedRegistry registry = ScriptedRegistry.current();
    long revision = EndpointAnswersTest.REVISION.incrementAndGet();
    registry.say(
        registry.standard(revision).toBuilder()
            .addModels(remote("one", endpoint.url(), revision))
            .addModels(remote("two", second.url(), revision))
            .build());
    registry.await(models);
    Completion completion = all(request("unite", "fg", "one", "two")).getLast().getCompletion();
    assertEquals("h", completion.getText());
    assertEquals(2 * (2 + 3), completion.getUsage().getPromptTokens());
  }

  private static Model remote(String name, String url, long revision) {
    return Model.newBuilder()
        .setName(name)
        .setVersion(revision)
        .setRuntime(Runtime.RUNTIME_OPENAI)
        .addEndpoints(url)
        .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE)
        .build();
  }

  @Test
  void aFailureThatPassesIsTriedAgainAndCostsNothing() {
    endpoint.script(
        call -> {
          if (endpoint.calls().size() == 2) {
            call.whole(500, "{}");
          } else {
            call.whole(200, letter(prompt(call)));
          }
        });
    Completion completion =
        all(request("unite", "cd", "counting", "remote")).getLast().getCompletion();
    assertEquals("efgh", completion.getText());
    assertEquals(6, endpoint.calls().size());
    assertUsage(completion.getUsage(), 1, "remote", 20, 5);
  }

  @Test
  void anEndpointThatFailsInTheMiddleEndsTheAnswerWithItsUsage() {
    endpoint.script(
        call -> {
          if (prompt(call).length() > 3) {
            call.whole(500, "{\"error\": {\"message\": \"out of memory\"}}");
          } else {
            call.whole(200, letter(prompt(call)));
          }
        });
    var events = new ArrayList<GenerateResponse>();
    Failure failure = broken(request("unite", "cd", "counting", "remote"), events);
    assertEquals("ENDPOINT_FAILED", failure.reason());
    // Two steps, and the third thrice.
    assertEquals(5, endpoint.calls().size());
    assertEquals("ef", String.join("", events.stream().map(e -> e.getDelta().getText()).toList()));
    Spent spent = events.getLast().getSpent();
    // The model in memory did the third step too.
    assertUsage(spent.getUsage(), 0, "counting", 2, 3);
    assertUsage(spent.getUsage(), 1, "remote", 2 + 3, 2);
    assertEquals((7 * 3.0 + 5 * 7.0) / 1e6, spent.getCostUsd(), 1e-15);
  }

  @Test
  void anotherEndpointOfTheModelTakesOver() throws InterruptedException {
    register(endpoint.url(), second.url());
    ScriptedEndpoint.Script script = call -> call.whole(200, letter(prompt(call)));
    endpoint.script(
        call -> {
          if (prompt(call).length() > 3) {
            call.cut();
          } else {
            script.answer(call);
          }
        });
    assertEquals("efgh", text(request("unite", "cd", "counting", "remote")));
  }

  @Test
  void anEndpointThatSaysNothingIsGivenUp() {
    endpoint.script(ScriptedEndpoint.Call::fallSilent);
    var events = new ArrayList<GenerateResponse>();
    Failure failure = broken(request("unite", "cd", "counting", "remote"), events);
    assertEquals("ENDPOINT_SILENT", failure.reason());
    assertEquals(2, events.getLast().getSpent().getUsage().getPromptTokens());
  }

  /** A half character that is told as a replacement character is no piece. */
  @Test
  void aLoneEndpointWithNothingToSayEndsTheAnswerWithItsUsage() {
    endpoint.script(
        call ->
            call.whole(
                200,
                prompt(call).length() > 2
                    ? answer("", "length", "\"\\uFFFD\": -0.1", 3)
                    : letter(prompt(call))));
    var events = new ArrayList<GenerateResponse>();
    Failure failure = broken(request("unite", "cd", "remote"), events);
    assertEquals("MODEL_FAILED", failure.reason());
    assertUsage(events.getLast().getSpent().getUsage(), 0, "remote", 2 + 3, 2);
  }

  @Test
  void anEndpointWithoutLogprobsIsNoMember() {
    endpoint.script(
        call -> call.whole(200, "{\"choices\":[{\"text\":\"e\",\"finish_reason\":\"length\"}]}"));
    assertEquals(
        "ENDPOINT_MALFORMED",
        broken(request("unite", "cd", "counting", "remote"), new ArrayList<>()).reason());
  }

  @Test
  void usageThatIsMissingIsEstimatedAndSaysSo() {
    endpoint.script(
        call -> call.whole(200, letter(prompt(call)).replaceAll(",\"usage\":\\{[^}]*}", "")));
    Usage usage =
        all(request("unite", "cd", "counting", "remote")).getLast().getCompletion().getUsage();
    assertTrue(usage.getEstimated());
    // A token for four characters: of 2, 3, 4, 5, and 6.
    assertUsage(usage, 1, "remote", 1 + 1 + 1 + 2 + 2, 5);
  }

  @Test
  void theBudgetPaysForWhatAnEndpointReadsAtEveryStep() {
    GenerateRequest request = request("unite", "cd", "counting", "remote");
    Recipe.Builder recipe = request.getRecipe().toBuilder();
    // Two steps: the model reads 2, the endpoint 2 and 3, each writes 2. A third costs 26 more.
    recipe.getBudgetBuilder().setUsdPerRequest((7 * 3.0 + 4 * 7.0 + 25) / 1e6);
    Completion completion =
        all(request.toBuilder().setRecipe(recipe).build()).getLast().getCompletion();
    assertEquals("ef", completion.getText());
    assertEquals(FinishReason.FINISH_REASON_LENGTH, completion.getFinishReason());
    assertEquals((7 * 3.0 + 4 * 7.0) / 1e6, completion.getCostUsd(), 1e-15);
  }

  @Test
  void aCallerThatLeavesEndsTheCallAtTheEndpoint() throws InterruptedException {
    endpoint.script(
        call -> {
          if (prompt(call).length() > 2) {
            call.fallSilent();
          } else {
            call.whole(200, letter(prompt(call)));
          }
        });
    try (var events =
        ClientStream.open(() -> decoder.generate(request("unite", "cd", "counting", "remote")))) {
      assertEquals("e", events.next().getDelta().getText());
      while (endpoint.calls().size() < 2) {
        Thread.sleep(5);
      }
    }
    assertTrue(endpoint.calls().getLast().awaitLeaving());
    assertEquals(2, endpoint.calls().size());
  }

  /** Whoever leaves pays for all that the endpoint read by then. */
  @Test
  void whatWasUsedIsToldAtEveryStep() {
    var tokens = meters.counter("tutti.decoder.tokens", "model", "remote", "kind", "prompt");
    double before = tokens.count();
    GenerateRequest request = request("unite", "cd", "counting", "remote");
    List<GenerateResponse> events = all(request);
    assertEquals(2 + 3 + 4 + 5 + 6, tokens.count() - before, "counted once");
    List<Spent> told =
        events.stream().filter(GenerateResponse::hasSpent).map(GenerateResponse::getSpent).toList();
    assertEquals(4, told.size(), "but for the last step, which the completion tells");
    assertUsage(told.getFirst().getUsage(), 1, "remote", 2, 1);
    assertUsage(told.getLast().getUsage(), 0, "counting", 2, 4);
    assertUsage(told.getLast().getUsage(), 1, "remote", 2 + 3 + 4 + 5, 4);
    var delivered = new Delivered(request.getRecipe().getMembersList(), request);
    events.subList(0, events.size() - 1).forEach(delivered::note);
    assertEquals(
        told.getLast(), delivered.bill(new Failure.Cancelled("CANCELLED", "The caller left.")));
    assertTrue(
        all(request("unite", "cd", "counting")).stream().noneMatch(GenerateResponse::hasSpent));
  }

  @Test
  void theSameSeedDrawsTheSame() {
    endpoint.script(
        call -> call.whole(200, answer("a", "length", "\"a\": -1.0, \"b\": -1.0, \"c\": -1.2", 2)));
    GenerateRequest request =
        request("unite", "cd", "remote").toBuilder()
            .setSampling(
                Sampling.newBuilder().setTemperature(1).setSeed(7).setMaxTokens(12).build())
            .build();
    assertEquals(text(request), text(request));
    assertTrue(text(request).matches("[abc]{12}"));
  }

  /** It tells as many pieces as it is asked for: 2 at first, and the 5 that it can. */
  @Test
  void whereAllThatAnEndpointListsIsBannedItIsAskedForMore() throws IOException {
    List<String> pieces = List.of("a", "b", "c", "d", "e", "f");
    endpoint.script(
        call -> {
          int most = JSON.readTree(call.text()).get("logprobs").intValue();
          String top =
              IntStream.range(0, most)
                  .mapToObj(i -> "\"%s\": %d".formatted(pieces.get(i), -1 - i))
                  .collect(Collectors.joining(", "));
          call.whole(200, answer("a", "length", top, 2));
        });
    GenerateRequest.Builder request = request("unite", "cd", "remote").toBuilder();
    request
        .getRecipeBuilder()
        .getSettingsBuilder()
        .putFields("k", Value.newBuilder().setNumberValue(2).build());
    request.setSampling(
        Sampling.newBuilder().setMaxTokens(2).putLogitBias("a", -100).putLogitBias("b", -100));
    Completion completion = all(request.build()).getLast().getCompletion();
    assertEquals("cc", completion.getText());
    var asked = new ArrayList<Integer>();
    for (ScriptedEndpoint.Call call : endpoint.calls()) {
      asked.add(JSON.readTree(call.text()).get("logprobs").intValue());
    }
    assertEquals(List.of(2, 5, 2, 5), asked);
    assertUsage(completion.getUsage(), 0, "remote", 8, 4);
    request.getSamplingBuilder().putLogitBias("c", -100).putLogitBias("d", -100);
    request.getSamplingBuilder().putLogitBias("e", -100);
    assertEquals("NOTHING_LEFT", broken(request.build(), new ArrayList<>()).reason());
    // More are not told, so more are not asked for.
    assertEquals(6, endpoint.calls().size());
  }

  @Test
  void aMethodThatNeedsWholeDistributionsTakesNoEndpoint() {
    GenerateRequest request = request("gac", "cd", "counting", "remote");
    Recipe.Builder recipe = request.getRecipe().toBuilder();
    recipe.getMembersBuilder(1).addCapabilities(Capability.CAPABILITY_FULL_DISTRIBUTION);
    var events = new ArrayList<GenerateResponse>();
    broken(request.toBuilder().setRecipe(recipe).build(), events);
    assertEquals(List.of(), events);
    assertEquals(0, endpoint.calls().size());
    // And where the member does not even claim to, the recipe is refused.
    assertTrue(broken(request, events).message().contains("FULL_DISTRIBUTION"));
  }

  // Helpers.

  /** The letter after the last one, up to h; as OpenAI's completions tell it. */
  static String letter(String prompt) {
    char last = prompt.charAt(prompt.length() - 1);
    return last == 'h'
        ? answer("", "stop", "\"<|im_end|>\": -0.1, \"a\": -3.0", prompt.length())
        : answer(
            String.valueOf((char) (last + 1)),
            "length",
            "\"%s\": -0.1, \"a\": -3.0".formatted((char) (last + 1)),
            prompt.length());
  }

  static String answer(String text, String finish, String top, int prompt) {
    String token = top.substring(1, top.indexOf('"', 1));
    return """
    {"choices":[{"index":0,"text":"%s","finish_reason":"%s","logprobs":{"tokens":["%s"],\
    "token_logprobs":[-0.1],"top_logprobs":[{%s}]}}],\
    "usage":{"prompt_tokens":%d,"completion_tokens":1}}\
    """
        .formatted(text, finish, token, top, prompt);
  }

  static String prompt(ScriptedEndpoint.Call call) {
    try {
      return JSON.readTree(call.text()).get("prompt").textValue();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static void assertUsage(Usage usage, int member, String name, long prompt, long completion) {
    MemberUsage its = usage.getMembers(member);
    assertEquals(name, its.getMember());
    assertEquals(prompt, its.getPromptTokens());
    assertEquals(completion, its.getCompletionTokens());
    assertEquals((prompt * 3.0 + completion * 7.0) / 1e6, its.getCostUsd(), 1e-15);
  }

  private static GenerateRequest weighted(String prompt, double adder, double remote) {
    GenerateRequest request = request("unite", prompt, "adder-strong", "remote");
    Recipe.Builder recipe = request.getRecipe().toBuilder();
    recipe.getMembersBuilder(0).setWeight(adder);
    recipe.getMembersBuilder(1).setWeight(remote);
    return request.toBuilder().setRecipe(recipe).build();
  }

  static GenerateRequest request(String method, String prompt, String... members) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("both").setMethod(method);
    for (String name : members) {
      recipe.addMembers(
          Member.newBuilder()
              .setModel(name)
              .addCapabilities(Capability.CAPABILITY_GENERATION)
              .addCapabilities(
                  name.matches("counting|adder-.*")
                      ? Capability.CAPABILITY_FULL_DISTRIBUTION
                      : Capability.CAPABILITY_TOP_LOGPROBS)
              .setPrices(
                  Prices.newBuilder()
                      .setUsdPerMillionPromptTokens(3)
                      .setUsdPerMillionCompletionTokens(7)));
    }
    return GenerateRequest.newBuilder()
        .setRecipe(recipe)
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(prompt))
        .build();
  }

  private String text(GenerateRequest request) {
    return all(request).getLast().getCompletion().getText();
  }

  private List<GenerateResponse> all(GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    try (var stream = ClientStream.open(() -> decoder.generate(request))) {
      stream.forEachRemaining(events::add);
    }
    return events;
  }

  private Failure broken(GenerateRequest request, List<GenerateResponse> events) {
    try (var stream = ClientStream.open(() -> decoder.generate(request))) {
      return assertThrows(FailureException.class, () -> stream.forEachRemaining(events::add))
          .failure();
    }
  }
}
