package dev.tutti.cascade.api;

import static dev.tutti.kit.testing.ScriptedGeneration.answer;
import static dev.tutti.kit.testing.ScriptedGeneration.completion;
import static dev.tutti.kit.testing.ScriptedGeneration.delta;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.RecipeServiceContract;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.MethodServiceGrpc;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.ValidateResponse;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import io.grpc.Context;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The service over gRPC, with decoder-service and router-service played by scripts. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
class CascadeServiceTest extends RecipeServiceContract {

  /** How sure each model is; a model that is not here is unknown, one below 0 gives no signals. */
  private final Map<String, Double> sure =
      new ConcurrentHashMap<>(Map.of("weak", 0.4, "middle", 0.6, "strong", 0.9));

  @Override
  protected void model(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String name = request.getMember().getModel();
    Double probability = sure.get(name);
    if (probability == null) {
      throw new Failure.Unavailable("MODEL_LOADING", "'%s' is not loaded.".formatted(name))
          .exception();
    }
    GenerateResponse.Builder end = completion(name, "by " + name);
    end.getCompletionBuilder().setCostUsd(0.001);
    if (probability >= 0) {
      end.getCompletionBuilder().getSignalsBuilder().setSumLogprob(Math.log(probability));
    }
    sink.emit(delta("by "));
    sink.emit(delta(name));
    sink.emit(end.build());
  }

  @Override
  protected Recipe.Builder recipe() {
    return recipe(0.8, "weak", "strong");
  }

  @Override
  protected int membersAtOnce() {
    return 1;
  }

  @Override
  protected boolean takesAMemberTwice() {
    return true;
  }

  @Override
  protected List<String> metrics() {
    return List.of(
        "tutti_cascade_generate_seconds_count{method=\"model-cascading\",outcome=\"OK\"",
        "tutti_cascade_stages_count{method=\"model-cascading\"",
        "tutti_member_call_seconds_count{outcome=\"OK\",service=\"decoder\"");
  }

  private static Recipe.Builder recipe(double threshold, String... models) {
    Recipe.Builder recipe =
        Recipe.newBuilder()
            .setEnsemble("cascade")
            .setVersion(3)
            .setMethod("model-cascading")
            .setSettings(thresholds(threshold));
    for (String model : models) {
      recipe.addMembers(member(model));
    }
    return recipe;
  }

  private static Struct thresholds(double... thresholds) {
    ListValue.Builder list = ListValue.newBuilder();
    for (double threshold : thresholds) {
      list.addValues(Value.newBuilder().setNumberValue(threshold));
    }
    return Struct.newBuilder()
        .putFields("thresholds", Value.newBuilder().setListValue(list).build())
        .build();
  }

  private static List<String> asked() {
    return decoder.requests().stream().map(r -> r.getMember().getModel()).toList();
  }

  private static List<String> stages(List<GenerateResponse> events) {
    return events.stream()
        .filter(e -> !e.hasCompletion() && !e.hasSpent())
        .map(
            e ->
                e.hasDelta()
                    ? "\"" + e.getDelta().getText() + "\""
                    : e.getProgress().getStage() + " " + e.getProgress().getMember())
        .toList();
  }

  /** Generate, defer, and come back: each place of the chain is asked for by itself. */
  @Test
  void aChainMayNameAMemberAgain() {
    Completion end = events(ask(recipe(0.95, "weak", "strong", "weak"))).getLast().getCompletion();
    assertEquals(List.of("weak", "strong", "weak"), asked());
    assertEquals("by weak", end.getText());
    assertEquals(0.003, end.getCostUsd(), 1e-12);
    Decision decision = end.getDecision();
    assertEquals(
        List.of(false, false, true),
        decision.getCandidatesList().stream().map(Candidate::getChosen).toList());
    assertEquals(0.001, decision.getCandidates(2).getCostUsd(), 1e-12);
    assertEquals(0, decision.getCandidates(2).getCallsCount());
    // What a rung saw: its confidence, its threshold, and what was spent by then.
    assertEquals(0.9, decision.getCandidates(1).getScore(), 1e-12);
    assertEquals(0.95, decision.getCandidates(1).getThreshold());
    assertEquals(0.002, decision.getCandidates(1).getCostSoFarUsd(), 1e-12);
    assertFalse(decision.getCandidates(2).hasThreshold(), "the last always answers");
    assertEquals(0.003, decision.getCandidates(2).getCostSoFarUsd(), 1e-12);
    assertEquals(0.001 - 0.003, decision.getCostAvoidedUsd(), 1e-12);
  }

  /** Whom no threshold keeps out is passed on while it writes. */
  @Test
  void anAnswerThatCannotBeRejectedStreams() {
    assertEquals(
        List.of("asking weak", "answering weak", "\"by \"", "\"weak\"", "accepted weak"),
        stages(events(ask(recipe(0, "weak", "strong")))));
  }

  /** Its confidence is that of its tokens, as a text's; what is rejected of it goes nowhere. */
  @Test
  void aCallOfAToolIsAnAnswer() {
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          GenerateResponse.Builder end = completion(name, "");
          end.getCompletionBuilder()
              .setFinishReason(FinishReason.FINISH_REASON_TOOL_CALLS)
              .addToolCalls(ToolCall.newBuilder().setName("by-" + name));
          end.getCompletionBuilder().getSignalsBuilder().setSumLogprob(Math.log(sure.get(name)));
          sink.emit(end.build());
        });
    Completion first = events(ask(recipe(0.4, "weak", "strong"))).getLast().getCompletion();
    assertEquals("by-weak", first.getToolCalls(0).getName());
    List<GenerateResponse> events = events(ask(recipe(0.8, "weak", "middle", "strong")));
    Completion last = events.getLast().getCompletion();
    assertEquals(1, last.getToolCallsCount());
    assertEquals("by-strong", last.getToolCalls(0).getName());
    assertEquals(FinishReason.FINISH_REASON_TOOL_CALLS, last.getFinishReason());
    assertEquals(0.6, last.getDecision().getCandidates(1).getScore(), 1e-12);
  }

  private static Completion of(List<GenerateResponse> events) {
    return events.getLast().getCompletion();
  }

  /** Members write programs: what a client gets is their value, and nothing of the programs. */
  @Test
  void aProgramsValueIsTheAnswer() {
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          boolean isProgram = request.getMessages(0).getContent().contains("short program");
          String text = isProgram ? "```\nans = 6 * 7\n```" : "by " + name;
          sink.emit(delta(text));
          sink.emit(completion(name, text).build());
        });
    Recipe.Builder recipe = recipe(0.6, "weak", "strong").setMethod("mixture-of-thought");
    recipe
        .getSettingsBuilder()
        .putFields("sources", Value.newBuilder().setStringValue("pot_1d").build())
        .putFields("samples", Value.newBuilder().setNumberValue(3).build());
    List<GenerateResponse> events = events(ask(recipe));
    assertEquals("42", of(events).getText());
    assertEquals("weak", of(events).getAuthor());
    assertFalse(of(events).getSignals().hasSumLogprob());
    assertEquals(
        List.of("\"42\""), stages(events).stream().filter(its -> its.startsWith("\"")).toList());
    assertEquals(1, of(events).getDecision().getCandidates(0).getScore(), 1e-12);
    assertEquals("pot 1", of(events).getDecision().getCandidates(0).getCalls(0).getPurpose());
  }

  /** The weak one calls its own answer incorrect, the middle one its own correct. */
  @Test
  void aMemberChecksItsOwnAnswer() {
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          boolean isCheck =
              request.getMessages(0).getContent().startsWith("Below are a conversation");
          String text = !isCheck ? "by " + name : name.equals("weak") ? "Incorrect." : "Correct.";
          sink.emit(delta(text));
          sink.emit(completion(name, text).build());
        });
    Recipe.Builder recipe = recipe(0.5, "weak", "middle", "strong").setMethod("automix");
    recipe.getSettingsBuilder().putFields("checks", Value.newBuilder().setNumberValue(2).build());
    List<GenerateResponse> events = events(ask(recipe));
    assertEquals("by middle", of(events).getText());
    assertEquals(List.of("weak", "weak", "weak", "middle", "middle", "middle"), asked());
    assertEquals(
        List.of("\"by middle\""),
        stages(events).stream().filter(its -> its.startsWith("\"")).toList());
    Decision decision = of(events).getDecision();
    assertEquals(0, decision.getCandidates(0).getScore());
    assertEquals(1, decision.getCandidates(1).getScore());
    assertEquals(.5, decision.getCandidates(1).getThreshold());
    assertEquals("verify", decision.getCandidates(1).getCalls(2).getPurpose());
    assertFalse(decision.getCandidates(2).getCalled());
    assertEquals(
        "'middle' answers after 2 of 3 members were asked. 1.000 of its checks say that it is"
            + " correct. It is taken.",
        decision.getExplanation());
  }

  @Test
  void aConfidentMemberIsTakenAndNobodyElseIsAsked() {
    List<GenerateResponse> events = events(ask(recipe(0.4, "weak", "strong")));
    assertEquals(
        List.of("asking weak", "accepted weak", "answering weak", "\"by \"", "\"weak\""),
        stages(events));
    Completion completion = events.getLast().getCompletion();
    assertEquals("by weak", completion.getText());
    assertEquals("weak", completion.getAuthor());
    assertEquals(0.001, completion.getCostUsd());
    assertEquals(List.of("weak"), asked());
    Candidate strong = completion.getDecision().getCandidates(1);
    assertFalse(strong.getCalled() || strong.hasScore() || strong.hasCostUsd());
    assertEquals("", strong.getFailure());
  }

  @Test
  void anUnsureMemberDefersAndTheDecisionSaysWhy() {
    List<GenerateResponse> events = events(ask(recipe(0.8, "weak", "middle", "strong")));
    assertEquals(
        List.of(
            "asking weak",
            "deferred weak",
            "asking middle",
            "deferred middle",
            "asking strong",
            "answering strong",
            "\"by \"",
            "\"strong\"",
            "accepted strong"),
        stages(events));
    assertEquals("maxprob 0.400 < threshold 0.800.", events.get(2).getProgress().getMessage());
    Completion completion = events.getLast().getCompletion();
    assertEquals("strong", completion.getAuthor());
    assertEquals(0.003, completion.getCostUsd(), 1e-12);
    assertEquals(9, completion.getUsage().getPromptTokens());
    assertEquals(3, completion.getUsage().getMembersCount());
    assertEquals(Math.log(0.9), completion.getSignals().getSumLogprob());
    assertTrue(completion.getTiming().hasTotal() && completion.getTiming().hasFirstToken());

    Decision decision = completion.getDecision();
    assertEquals("r-1", decision.getId());
    assertEquals("cascade", decision.getEnsemble());
    assertEquals(3, decision.getEnsembleVersion());
    assertEquals("model-cascading", decision.getMethod());
    assertEquals(Family.FAMILY_CASCADE, decision.getFamily());
    double[] confidences = {0.4, 0.6, 0.9};
    for (int i = 0; i < 3; i++) {
      Candidate candidate = decision.getCandidates(i);
      assertTrue(candidate.getCalled());
      assertEquals(i == 2, candidate.getChosen());
      assertEquals(confidences[i], candidate.getScore(), 1e-12);
      assertEquals("by " + candidate.getMember(), candidate.getAnswer());
      assertEquals(0.001, candidate.getCostUsd());
    }
    Struct settings = decision.getInputs().getFieldsOrThrow("settings").getStructValue();
    assertEquals("maxprob", settings.getFieldsOrThrow("confidence").getStringValue());
    assertEquals(
        0.8, settings.getFieldsOrThrow("thresholds").getListValue().getValues(0).getNumberValue());
    assertEquals(
        "'strong' answers after 3 of 3 members were asked. The last member always answers.",
        decision.getExplanation());
  }

  @Test
  void theLastMembersTextIsPassedOnWhileItIsWritten() {
    CountDownLatch heard = new CountDownLatch(1);
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("strong")) {
            sink.emit(delta("by "));
            try {
              // The rest is written only once the first piece has arrived.
              assertTrue(heard.await(10, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              throw new CancelledException();
            }
            sink.emit(delta("strong"));
            sink.emit(completion("strong", "by strong").build());
          } else {
            model(request, sink);
          }
        });
    try (var stream = open(ask(recipe()), 20)) {
      GenerateResponse event = stream.next();
      while (!event.hasDelta()) {
        event = stream.next();
      }
      assertEquals("by ", event.getDelta().getText());
      heard.countDown();
      while (stream.hasNext()) {
        event = stream.next();
      }
      assertEquals("by strong", event.getCompletion().getText());
    }
  }

  @Test
  void aMemberWithoutTheSignalIsRejected() {
    sure.put("weak", -1.0);
    Completion completion = complete(ask(recipe(0.001, "weak", "strong")));
    assertEquals("strong", completion.getAuthor());
    assertFalse(completion.getDecision().getCandidates(0).hasScore());
  }

  @Test
  void aFailedMemberIsRejected() {
    sure.remove("weak");
    List<GenerateResponse> events = events(ask(recipe(0.8, "weak", "strong")));
    assertEquals(
        List.of("asking weak", "failed weak", "deferred weak", "asking strong"),
        stages(events).subList(0, 4));
    Candidate failed = events.getLast().getCompletion().getDecision().getCandidates(0);
    assertTrue(failed.getCalled());
    assertEquals("'weak' is not loaded.", failed.getFailure());
  }

  @Test
  void whatAFailedMemberUsedCounts() {
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("weak")) {
            sink.emit(spent(11, 0.25));
            throw new Failure.Unavailable("ENDPOINT_CUT", "Cut off.").exception();
          }
          model(request, sink);
        });
    Completion completion = complete(ask(recipe(0.8, "weak", "strong")));
    assertEquals(0.251, completion.getCostUsd(), 1e-12);
    assertEquals(11 + 3, completion.getUsage().getPromptTokens());
    assertEquals(0.25, completion.getDecision().getCandidates(0).getCostUsd());
    // And where it leaves no money for another, nobody else is asked.
    Failure failure =
        failure(
            ask(
                recipe(0.8, "weak", "strong")
                    .setBudget(Budget.newBuilder().setUsdPerRequest(0.2))));
    assertInstanceOf(Failure.Unavailable.class, failure);
    assertEquals("weak", asked().getLast());
  }

  private static GenerateResponse spent(long promptTokens, double usd) {
    return GenerateResponse.newBuilder()
        .setSpent(
            Spent.newBuilder()
                .setUsage(Usage.newBuilder().setPromptTokens(promptTokens))
                .setCostUsd(usd))
        .build();
  }

  @Test
  void aMemberThatHangsWouldLeaveTimeForThoseBehindIt() {
    Map<String, Long> millis = new ConcurrentHashMap<>();
    decoder.script(
        (request, sink) -> {
          long left = Context.current().getDeadline().timeRemaining(TimeUnit.MILLISECONDS);
          millis.put(request.getMember().getModel(), left);
          model(request, sink);
        });
    complete(ask(recipe(0.95, "weak", "middle", "strong")));
    // Of 20 s: a third of 19, half of what is left, and the rest.
    assertTrue(millis.get("weak") <= 6_400, millis.toString());
    assertTrue(millis.get("middle") <= 9_600, millis.toString());
    assertTrue(millis.get("strong") > 9_600, millis.toString());
  }

  @Test
  void whereTheLastFailsTheMostConfidentAnswerStands() {
    sure.remove("strong");
    Completion completion = complete(ask(recipe(0.8, "middle", "weak", "strong")));
    assertEquals("middle", completion.getAuthor());
    assertEquals("by middle", completion.getText());
    assertEquals(0.002, completion.getCostUsd(), 1e-12);
    Decision decision = completion.getDecision();
    assertTrue(decision.getCandidates(0).getChosen());
    assertEquals("'strong' is not loaded.", decision.getCandidates(2).getFailure());
    assertTrue(
        decision.getExplanation().contains("the most confident answer so far stands"),
        decision.getExplanation());
  }

  @Test
  void whereAllFailTheCallerIsTold() {
    sure.clear();
    Failure failure = failure(ask(recipe(0.8, "weak", "strong")));
    assertEquals("MODEL_LOADING", assertInstanceOf(Failure.Unavailable.class, failure).reason());
    assertTrue(failure.message().contains("'weak' is not loaded."), failure.message());
  }

  @Test
  void whoBreaksOffAfterItsTextWasHeardEndsTheCall() {
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("strong")) {
            sink.emit(delta("by str"));
            throw new Failure.Unavailable("ENDPOINT_LOST", "Lost.").exception();
          }
          model(request, sink);
        });
    var heard = new ArrayList<GenerateResponse>();
    FailureException e =
        assertThrows(
            FailureException.class,
            () -> {
              try (var stream = open(ask(recipe()), 20)) {
                stream.forEachRemaining(heard::add);
              }
            });
    assertEquals("ENDPOINT_LOST", e.failure().reason());
    Spent spent = heard.removeLast().getSpent();
    assertEquals("by str", heard.getLast().getDelta().getText());
    assertEquals(0.001, spent.getCostUsd(), 1e-12);
    // 7 + 7 = are 4 characters, "by str" is 6: a token and two, and it is an estimate.
    assertEquals("strong", spent.getUsage().getMembers(1).getMember());
    assertEquals(1, spent.getUsage().getMembers(1).getPromptTokens());
    assertEquals(2, spent.getUsage().getMembers(1).getCompletionTokens());
    assertTrue(spent.getUsage().getEstimated());
  }

  @Test
  void modelsAndEnsemblesAreAskedAtTheirOwnDoor() {
    router.script((request, sink) -> answer(sink, "x", "by an ensemble"));
    Recipe.Builder recipe =
        recipe(0.8, "weak")
            .addMembers(
                Member.newBuilder()
                    .setEnsemble("inner")
                    .addCapabilities(Capability.CAPABILITY_GENERATION)
                    .addCapabilities(Capability.CAPABILITY_LOGPROBS));
    Sampling sampling = Sampling.newBuilder().setSeed(7).setMaxTokens(5).build();
    Completion completion = complete(ask(recipe).setDepth(1).setSampling(sampling));
    assertEquals("inner", completion.getAuthor());
    assertEquals("by an ensemble", completion.getText());
    GenerateRequest atRouter = router.requests().getFirst();
    assertEquals("inner", atRouter.getName());
    assertEquals(2, atRouter.getDepth());
    assertEquals("r-1", atRouter.getRequestId());
    assertEquals(sampling, atRouter.getSampling());
    assertEquals(sampling, decoder.requests().getFirst().getSampling());
  }

  @Test
  void aBudgetEndsTheCascadeWithTheBestAnswerSoFar() {
    Prices dear = Prices.newBuilder().setUsdPerMillionCompletionTokens(1000).build();
    // 0.001 USD were spent; 7 tokens, as many as weak wrote, would cost 0.007 more.
    Recipe.Builder recipe =
        recipe(0.8, "weak")
            .addMembers(member("strong").setPrices(dear))
            .setBudget(Budget.newBuilder().setUsdPerRequest(0.0079));
    Completion completion = complete(ask(recipe));
    assertEquals("weak", completion.getAuthor());
    assertEquals(List.of("weak"), asked());
    Candidate strong = completion.getDecision().getCandidates(1);
    assertFalse(strong.getCalled());
    assertTrue(strong.getFailure().contains("beyond the budget"), strong.getFailure());
    assertTrue(completion.getDecision().getExplanation().contains("beyond the budget"));
    recipe.setBudget(Budget.newBuilder().setUsdPerRequest(0.0081));
    assertEquals("strong", complete(ask(recipe)).getAuthor());
  }

  @Test
  void aBudgetThatHoldsNotEvenTheFirstIsRefusedBeforeAnyCall() {
    Prices prices = Prices.newBuilder().setUsdPerMillionCompletionTokens(100).build();
    Recipe.Builder recipe =
        recipe(0.8)
            .addMembers(member("weak").setPrices(prices))
            .setBudget(Budget.newBuilder().setUsdPerRequest(0.0009));
    Failure failure = failure(ask(recipe).setSampling(Sampling.newBuilder().setMaxTokens(10)));
    assertEquals(
        "BUDGET_TOO_SMALL", assertInstanceOf(Failure.FailedPrecondition.class, failure).reason());
    assertEquals(List.of(), asked());
  }

  @Test
  void wrongSettingsAndMembersWithoutLogprobsAreRefused() {
    assertRefused(ask(recipe(1.1, "weak", "strong")), "recipe.settings.thresholds");
    assertRefused(ask(recipe(-0.1, "weak", "strong")), "recipe.settings.thresholds");
    assertRefused(ask(recipe().setSettings(thresholds(0.1, 0.2))), "recipe.settings.thresholds");
    Member.Builder mute =
        Member.newBuilder().setModel("mute").addCapabilities(Capability.CAPABILITY_GENERATION);
    assertRefused(ask(recipe(0.8, "weak").addMembers(mute)), "recipe.members[1]");
  }

  @Test
  void methodsAreListedAndValidated() {
    var methods = MethodServiceGrpc.newBlockingStub(channel);
    List<MethodDescription> list = methods.list(ListRequest.getDefaultInstance()).getMethodsList();
    assertEquals(
        CascadeCatalog.METHODS.definitions().stream().map(MethodDefinition::name).toList(),
        list.stream().map(MethodDescription::getName).toList());
    MethodDescription cascading =
        list.stream()
            .filter(method -> method.getName().equals("model-cascading"))
            .findFirst()
            .orElseThrow();
    assertEquals(
        List.of(
            "confidence",
            "thresholds",
            "cache",
            "cache_similarity",
            "cache_error",
            "cache_hours",
            "cache_size",
            "cache_drawn",
            "cache_recheck"),
        cascading.getSettingsList().stream().map(s -> s.getName()).toList());
    assertEquals(
        List.of(
            "maxprob", "mean_token_prob", "min_token_prob", "dtu", "min_dtu", "margin", "entropy"),
        cascading.getSettings(0).getAllowedList());
    assertTrue(cascading.getNeedsList().contains(Capability.CAPABILITY_LOGPROBS));
    ValidateResponse response =
        methods.validate(
            ValidateRequest.newBuilder().setRecipe(recipe(2, "weak", "strong")).build());
    assertEquals("settings.thresholds", response.getViolations(0).getField());
  }

  private static Recipe.Builder consistency(int samples, double threshold) {
    return recipe(threshold, "weak", "strong")
        .setMethod("consistency")
        .setSettings(
            thresholds(threshold).toBuilder()
                .putFields("samples", Value.newBuilder().setNumberValue(samples).build()));
  }

  /** Says 1, 2, 2, ... as it is sampled; who is strong says 9. */
  private void sampled() {
    var nth = new AtomicInteger();
    decoder.script(
        (request, sink) -> {
          boolean weak = request.getMember().getModel().equals("weak");
          String text = !weak ? "9" : nth.getAndIncrement() == 0 ? "1" : "2";
          GenerateResponse.Builder end = completion(request.getMember().getModel(), text);
          end.getCompletionBuilder().setCostUsd(0.001);
          sink.emit(delta(text));
          sink.emit(end.build());
        });
  }

  @Test
  void samplesThatAgreeAreTakenAndTheDecisionTellsEachCall() {
    sampled();
    Sampling sampling = Sampling.newBuilder().setSeed(7).setMaxTokens(5).build();
    List<GenerateResponse> events = events(ask(consistency(4, 0.75)).setSampling(sampling));
    Completion completion = events.getLast().getCompletion();
    assertEquals("2", completion.getText());
    assertEquals("weak", completion.getAuthor());
    assertEquals(0.004, completion.getCostUsd(), 1e-12);
    assertEquals(1, completion.getUsage().getMembersCount());
    assertEquals(12, completion.getUsage().getPromptTokens());
    Candidate weak = completion.getDecision().getCandidates(0);
    assertEquals(0.75, weak.getScore(), 1e-12);
    assertEquals("2", weak.getAnswer());
    assertEquals(4, weak.getCallsCount());
    assertEquals(
        List.of(0, 1, 2, 3), weak.getCallsList().stream().map(c -> c.getSample()).toList());
    assertEquals(4, decoder.requests().size());
    assertEquals(
        4, decoder.requests().stream().map(r -> r.getSampling().getSeed()).distinct().count());
    assertTrue(decoder.requests().stream().allMatch(r -> r.getSampling().getTemperature() == 0.8));
  }

  @Test
  void samplesThatDisagreeDeferToTheNextWhichIsAskedOnce() {
    sampled();
    Sampling sampling = Sampling.newBuilder().setSeed(7).build();
    List<GenerateResponse> events = events(ask(consistency(4, 0.8)).setSampling(sampling));
    assertEquals(
        List.of(
            "asking weak",
            "deferred weak",
            "asking strong",
            "answering strong",
            "\"9\"",
            "accepted strong"),
        stages(events));
    assertEquals(sampling, decoder.requests().getLast().getSampling());
    assertEquals(5, decoder.requests().size());
    Decision decision = events.getLast().getCompletion().getDecision();
    assertEquals(0.75, decision.getCandidates(0).getScore(), 1e-12);
    assertEquals(0, decision.getCandidates(1).getCallsCount());
  }

  /** Else it would hang until the deadline. */
  @Test
  void aSampleThatStallsHoldsNobodyUp() {
    var nth = new AtomicInteger();
    decoder.script(
        (request, sink) -> {
          if (nth.getAndIncrement() == 0) {
            hang();
          }
          answer(sink, "weak", "2");
        });
    Completion completion = complete(ask(consistency(4, 0.5)));
    assertEquals("2", completion.getText());
    assertEquals("weak", completion.getAuthor());
    assertEquals(4, completion.getDecision().getCandidates(0).getCallsCount());
    assertTrue(
        completion.getDecision().getCandidates(0).getCallsList().stream()
            .anyMatch(call -> call.getFailure().contains("Not waited for")));
    // Of 20 s that there are the stalled one got 2 and not its half of 19.
    assertTrue(completion.getTiming().getTotal().getSeconds() < 9);
  }

  /** Of each, a sample at 10 tokens of 100 US dollars a million is 0.001. */
  private GenerateRequest.Builder dear(double usd) {
    Prices prices = Prices.newBuilder().setUsdPerMillionCompletionTokens(100).build();
    Recipe.Builder recipe =
        consistency(4, 0.5)
            .setMembers(0, member("weak").setPrices(prices))
            .setMembers(1, member("strong").setPrices(prices))
            .setBudget(Budget.newBuilder().setUsdPerRequest(usd));
    return ask(recipe).setSampling(Sampling.newBuilder().setMaxTokens(10));
  }

  @Test
  void asManySamplesAreDrawnAsTheBudgetPays() {
    decoder.script((request, sink) -> answer(sink, request.getMember().getModel(), "2"));
    Completion completion = complete(dear(0.0035));
    assertEquals("weak", completion.getAuthor());
    assertEquals(List.of("weak", "weak", "weak"), asked());
    assertEquals(1, completion.getDecision().getCandidates(0).getScore());
  }

  /** One sample agrees with itself: that is no vote. */
  @Test
  void whoseTwoSamplesAreTooDearIsPassedOverAndWhereNothingIsPaidThatIsSaid() {
    decoder.script((request, sink) -> answer(sink, request.getMember().getModel(), "2"));
    assertEquals("strong", complete(dear(0.0015)).getAuthor());
    assertEquals(List.of("strong"), asked());
    var refused = assertInstanceOf(Failure.FailedPrecondition.class, failure(dear(0.0009)));
    assertTrue(
        refused.message().startsWith("Asking 'weak' alone for 2 answers would cost about 0.002"),
        refused.message());
    assertEquals(List.of("strong"), asked());
  }

  /** Of a stage whose text is not passed on yet, as its caller leaves. */
  @Test
  void whatAMemberHasWrittenIsToldWhileItRuns() {
    decoder.script(
        (request, sink) -> {
          sink.emit(delta("12345678"));
          hang();
        });
    try (var stream = open(ask(recipe()), 20)) {
      GenerateResponse event = stream.next();
      while (event.getSpent().getUsage().getCompletionTokens() == 0) {
        event = stream.next();
      }
      // 7 + 7 = is a token, what was written two.
      assertEquals(1, event.getSpent().getUsage().getPromptTokens());
      assertEquals(2, event.getSpent().getUsage().getCompletionTokens());
    }
  }

  @Test
  void aRoleIsRefusedWhereTheMethodHasNone() {
    Recipe.Builder recipe = recipe();
    recipe.setMembers(0, recipe.getMembers(0).toBuilder().setRole("judge"));
    assertRefused(ask(recipe), "recipe.members[0].role");
  }
}
