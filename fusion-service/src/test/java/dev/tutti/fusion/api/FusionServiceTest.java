package dev.tutti.fusion.api;

import static dev.tutti.kit.testing.ScriptedGeneration.answer;
import static dev.tutti.kit.testing.ScriptedGeneration.completion;
import static dev.tutti.kit.testing.ScriptedGeneration.delta;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.generation.v1.Usage;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
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
import dev.tutti.method.v1.RoleDescription;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.ValidateResponse;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
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
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The service over gRPC, with decoder-service and router-service played by scripts. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
class FusionServiceTest extends RecipeServiceContract {

  /** What each model says; a model that is not here is unknown. */
  private final Map<String, String> says =
      new ConcurrentHashMap<>(Map.of("a", "13", "b", "#### 14", "c", "14.0"));

  @Override
  protected void model(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String name = request.getMember().getModel();
    String text = says.get(name);
    if (text == null) {
      throw new Failure.NotFound("model", "MODEL_NOT_FOUND", "No model '%s'.".formatted(name))
          .exception();
    }
    GenerateResponse.Builder end = completion(name, text);
    end.getCompletionBuilder().setCostUsd(0.25).getSignalsBuilder().setMeanLogprob(-0.5);
    sink.emit(delta(text.substring(0, 1)));
    sink.emit(delta(text.substring(1)));
    sink.emit(end.build());
  }

  @Override
  protected Recipe.Builder recipe() {
    return recipe("a", "b", "c");
  }

  @Override
  protected int membersAtOnce() {
    return 3;
  }

  @Override
  protected List<String> metrics() {
    return List.of(
        "tutti_fusion_generate_seconds_count{method=\"majority-vote\",outcome=\"OK\"",
        "tutti_fusion_agreement_ratio_count{method=\"majority-vote\"",
        "tutti_member_call_seconds_count{outcome=\"OK\",service=\"decoder\"");
  }

  private static Recipe.Builder recipe(String... models) {
    Recipe.Builder recipe =
        Recipe.newBuilder().setEnsemble("vote").setVersion(3).setMethod("majority-vote");
    // All are waited for, whatever the first ones say.
    recipe.getSettingsBuilder().putFields("enough", number(models.length));
    for (String model : models) {
      recipe.addMembers(member(model));
    }
    return recipe;
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  private static String text(List<GenerateResponse> events) {
    return events.stream().map(e -> e.getDelta().getText()).collect(Collectors.joining());
  }

  @Test
  void theMajorityAnswersAndTheDecisionSaysWhy() {
    List<GenerateResponse> events = events(ask(recipe("a", "b", "c")));
    Completion completion = events.getLast().getCompletion();
    assertEquals("#### 14", completion.getText());
    assertEquals("#### 14", text(events));
    assertEquals("b", completion.getAuthor());
    assertEquals(9, completion.getUsage().getPromptTokens());
    assertEquals(2 + 7 + 4, completion.getUsage().getCompletionTokens());
    assertEquals(
        List.of("a", "b", "c"),
        completion.getUsage().getMembersList().stream().map(m -> m.getMember()).toList());
    assertEquals(0.75, completion.getCostUsd());
    assertEquals(2.0 / 3, completion.getSignals().getAgreement(), 1e-12);
    assertEquals(-0.5, completion.getSignals().getMeanLogprob());
    assertTrue(completion.getTiming().hasTotal() && completion.getTiming().hasFirstToken());

    Decision decision = completion.getDecision();
    assertEquals("r-1", decision.getId());
    assertEquals("vote", decision.getEnsemble());
    assertEquals(3, decision.getEnsembleVersion());
    assertEquals("majority-vote", decision.getMethod());
    assertEquals(Family.FAMILY_FUSION, decision.getFamily());
    assertEquals(
        List.of("13", "14", "14"),
        decision.getCandidatesList().stream().map(Candidate::getAnswer).toList());
    assertEquals(
        List.of(false, true, false),
        decision.getCandidatesList().stream().map(Candidate::getChosen).toList());
    for (Candidate candidate : decision.getCandidatesList()) {
      assertTrue(candidate.getCalled());
      assertEquals(1.0 / 3, candidate.getWeight(), 1e-12);
      assertEquals(0.25, candidate.getCostUsd());
      assertEquals("", candidate.getFailure());
    }
    Map<String, Value> inputs = decision.getInputs().getFieldsMap();
    assertEquals(
        2.0 / 3,
        inputs.get("votes").getStructValue().getFieldsOrThrow("14").getNumberValue(),
        1e-12);
    assertEquals(
        "uniform",
        inputs.get("settings").getStructValue().getFieldsOrThrow("weights").getStringValue());
    assertTrue(decision.getExplanation().contains("2 of 3 answers"), decision.getExplanation());
  }

  @Test
  void progressTellsOfEveryMember() {
    says.remove("c");
    List<Progress> progress =
        events(ask(recipe("a", "b", "c"))).stream()
            .filter(GenerateResponse::hasProgress)
            .map(GenerateResponse::getProgress)
            .toList();
    assertEquals(
        List.of("asking a", "asking b", "asking c"),
        progress.subList(0, 3).stream().map(p -> p.getStage() + " " + p.getMember()).toList());
    assertEquals(
        List.of("answered a", "answered b", "failed c"),
        progress.subList(3, 6).stream()
            .map(p -> p.getStage() + " " + p.getMember())
            .sorted()
            .toList());
    assertEquals(1, progress.getLast().getFraction());
  }

  @Test
  void modelsAndEnsemblesAreAskedAtTheirOwnDoor() {
    Decision inner = Decision.newBuilder().setId("r-1").setEnsemble("inner").build();
    router.script(
        (request, sink) -> {
          sink.emit(delta("14"));
          GenerateResponse.Builder end = completion("x", "14");
          end.getCompletionBuilder().setDecision(inner);
          sink.emit(end.build());
        });
    Recipe.Builder recipe =
        recipe("a")
            .addMembers(
                Member.newBuilder()
                    .setEnsemble("inner")
                    .setWeight(2)
                    .addCapabilities(Capability.CAPABILITY_GENERATION));
    recipe.getSettingsBuilder().putFields("enough", number(2));
    Completion completion = complete(ask(recipe).setDepth(1));
    assertEquals("14", completion.getText());
    assertEquals("inner", completion.getAuthor());
    assertEquals(List.of(inner), completion.getDecision().getNestedList());
    GenerateRequest atRouter = router.requests().getFirst();
    assertEquals("inner", atRouter.getName());
    assertEquals(2, atRouter.getDepth());
    assertEquals("r-1", atRouter.getRequestId());
    assertEquals("a", decoder.requests().getFirst().getMember().getModel());
  }

  @Test
  void aFailedMemberIsLeftOut() {
    says.remove("c");
    Completion completion = complete(ask(recipe("a", "b", "c")));
    assertEquals("13", completion.getText(), "one vote each: the first wins");
    assertEquals(0.5, completion.getSignals().getAgreement());
    Candidate failed = completion.getDecision().getCandidates(2);
    assertEquals("No model 'c'.", failed.getFailure());
    assertFalse(failed.hasWeight() || failed.hasAnswer() || failed.hasCostUsd());
    assertEquals(0.5, completion.getDecision().getCandidates(0).getWeight());
    assertEquals(2, completion.getUsage().getMembersCount());
  }

  @Test
  void whatFailedMembersUsedCounts() {
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("a")) {
            sink.emit(
                GenerateResponse.newBuilder()
                    .setSpent(
                        Spent.newBuilder()
                            .setUsage(Usage.newBuilder().setPromptTokens(11).setEstimated(true))
                            .setCostUsd(0.5))
                    .build());
            throw new Failure.Unavailable("ENDPOINT_CUT", "Cut off.").exception();
          }
          model(request, sink);
        });
    Completion completion = complete(ask(recipe("a", "b")));
    assertEquals(0.75, completion.getCostUsd());
    assertEquals(11 + 3, completion.getUsage().getPromptTokens());
    assertTrue(completion.getUsage().getEstimated());
    assertEquals(0.5, completion.getDecision().getCandidates(0).getCostUsd());
    // Where nobody answers, it is told before the failure.
    var heard = new ArrayList<GenerateResponse>();
    assertThrows(
        FailureException.class,
        () -> {
          try (var stream = open(ask(recipe("a")), 20)) {
            stream.forEachRemaining(heard::add);
          }
        });
    assertEquals(0.5, heard.getLast().getSpent().getCostUsd());
  }

  @Test
  void whereAllFailTheCallerIsToldAndNotBlamed() {
    says.clear();
    Failure failure = failure(ask(recipe("a", "b")));
    assertEquals(
        "NO_MEMBER_ANSWERED", assertInstanceOf(Failure.Unavailable.class, failure).reason());
    assertTrue(failure.message().contains("'b': No model 'b'."), failure.message());
    decoder.script(
        (request, sink) -> {
          throw new Failure.InvalidArgument("messages", "CONTEXT_LENGTH_EXCEEDED", "Too long.")
              .exception();
        });
    assertEquals(
        "CONTEXT_LENGTH_EXCEEDED",
        assertInstanceOf(Failure.InvalidArgument.class, failure(ask(recipe("a", "b")))).reason());
  }

  @Test
  void logprobsOfTheChosenAnswerPassThrough() {
    TextDelta piece =
        TextDelta.newBuilder()
            .setText("14")
            .addLogprobs(TokenLogprob.newBuilder().setToken("14").setLogprob(-0.1))
            .build();
    decoder.script(
        (request, sink) -> {
          assertTrue(request.getSampling().getLogprobs());
          sink.emit(GenerateResponse.newBuilder().setDelta(piece).build());
          sink.emit(completion(request.getMember().getModel(), "14").build());
        });
    List<GenerateResponse> events =
        events(
            ask(recipe("a", "b"))
                .setSampling(Sampling.newBuilder().setLogprobs(true).setMaxTokens(9)));
    assertEquals(
        List.of(piece),
        events.stream()
            .filter(GenerateResponse::hasDelta)
            .map(GenerateResponse::getDelta)
            .toList());
    assertEquals(9, decoder.requests().getFirst().getSampling().getMaxTokens());
  }

  @Test
  void aMemberThatHangsIsGivenUpAndTheOthersAnswer() {
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("c")) {
            hang();
          }
          model(request, sink);
        });
    says.put("a", "14");
    var events = new ArrayList<GenerateResponse>();
    try (var stream = open(ask(recipe()), 3)) {
      stream.forEachRemaining(events::add);
    }
    Completion completion = events.getLast().getCompletion();
    assertEquals("14", completion.getText());
    assertFalse(completion.getDecision().getCandidates(2).getFailure().isEmpty());
  }

  /** With a minute left. */
  @Test
  void aMemberThatHangsIsNotWaitedForOnceTheVoteIsSettled() {
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("c")) {
            sink.emit(delta("four characters a token"));
            sink.emit(
                GenerateResponse.newBuilder()
                    .setSpent(
                        Spent.newBuilder()
                            .setUsage(Usage.newBuilder().setPromptTokens(70))
                            .setCostUsd(4))
                    .build());
            hang();
          }
          model(request, sink);
        });
    says.put("a", "14");
    long start = System.nanoTime();
    var events = new ArrayList<GenerateResponse>();
    try (var stream = open(ask(recipe().clearSettings()), 60)) {
      stream.forEachRemaining(events::add);
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    assertTrue(seconds < 30, seconds + " s");
    Completion completion = events.getLast().getCompletion();
    assertEquals("14", completion.getText());
    Candidate unneeded = completion.getDecision().getCandidates(2);
    assertTrue(unneeded.getCalled());
    assertTrue(unneeded.getFailure().contains("Not waited for"), unneeded.getFailure());
    assertTrue(unneeded.getUnneeded());
    assertFalse(completion.getDecision().getExplanation().contains("failed"));
    // What it told by then is its bill.
    assertEquals(4, unneeded.getCostUsd());
    assertEquals(4 + 0.25 + 0.25, completion.getCostUsd());
    assertEquals(70, completion.getUsage().getMembers(2).getPromptTokens());
  }

  @Test
  void whatNobodyAgreesOnIsNotAnswered() {
    says.put("a", "14");
    says.put("b", "15");
    says.put("c", "16");
    Recipe.Builder recipe = recipe();
    recipe.getSettingsBuilder().putFields("least_agreement", number(0.5));
    Completion completion = events(ask(recipe)).getLast().getCompletion();
    assertEquals(FinishReason.FINISH_REASON_ABSTAIN, completion.getFinishReason());
    assertEquals("", completion.getText());
    var settings = completion.getDecision().getInputs().getFieldsOrThrow("settings");
    assertEquals(
        0.5, settings.getStructValue().getFieldsOrThrow("least_agreement").getNumberValue());
    assertEquals("auto", settings.getStructValue().getFieldsOrThrow("canonical").getStringValue());
    assertEquals(3, completion.getDecision().getCandidatesCount());
  }

  @Test
  void aBudgetThatCannotHoldIsRefusedBeforeAnyCall() {
    Prices prices = Prices.newBuilder().setUsdPerMillionCompletionTokens(100).build();
    Recipe.Builder recipe =
        recipe()
            .clearSettings()
            .clearMembers()
            .addMembers(member("a").setPrices(prices))
            .addMembers(member("b").setPrices(prices))
            .setBudget(Budget.newBuilder().setUsdPerRequest(0.0019));
    Sampling ten = Sampling.newBuilder().setMaxTokens(10).build();
    // 2 members x 10 tokens x 100 USD a million = 0.002 USD.
    Failure failure = failure(ask(recipe).setSampling(ten));
    assertEquals(
        "BUDGET_TOO_SMALL", assertInstanceOf(Failure.FailedPrecondition.class, failure).reason());
    assertEquals(List.of(), decoder.requests());
    recipe.setBudget(Budget.newBuilder().setUsdPerRequest(0.0021));
    complete(ask(recipe).setSampling(ten));
  }

  @Test
  void wrongSettingsAreRefused() {
    assertRefused(ask(recipe().setSettings(setting("options", 1))), "recipe.settings.options");
    Struct logOdds =
        Struct.newBuilder()
            .putFields("weights", Value.newBuilder().setStringValue("log_odds").build())
            .build();
    // Without weights of their own the members have 1, which is no accuracy.
    assertRefused(ask(recipe().setSettings(logOdds)), "recipe.settings");
  }

  @Test
  void methodsAreListedAndValidated() {
    var methods = MethodServiceGrpc.newBlockingStub(channel);
    List<MethodDescription> list = methods.list(ListRequest.getDefaultInstance()).getMethodsList();
    assertEquals(
        FusionCatalog.METHODS.definitions().stream().map(MethodDefinition::name).toList(),
        list.stream().map(MethodDescription::getName).toList());
    MethodDescription vote = named(list, "majority-vote");
    assertEquals(0, vote.getRolesCount());
    MethodDescription moa = named(list, "self-moa");
    RoleDescription proposer = moa.getRoles(0);
    assertEquals("proposer", proposer.getName());
    assertTrue(proposer.getUsual());
    assertEquals(1, proposer.getMinMembers());
    assertEquals(0, moa.getRoles(1).getMinMembers());
    assertEquals(
        List.of(
            "canonical",
            "weights",
            "options",
            "sharpness",
            "samples",
            "temperature",
            "enough",
            "least_agreement",
            "ask_at_once",
            "stop_confidence"),
        vote.getSettingsList().stream().map(s -> s.getName()).toList());
    assertTrue(vote.getNestable());
    ValidateResponse response =
        methods.validate(
            ValidateRequest.newBuilder()
                .setRecipe(recipe("a", "b").setSettings(setting("canonical", 1)))
                .build());
    assertEquals("settings.canonical", response.getViolations(0).getField());
  }

  private static MethodDescription named(List<MethodDescription> list, String name) {
    return list.stream().filter(method -> method.getName().equals(name)).findFirst().orElseThrow();
  }

  private static Recipe.Builder moa(int samples, String... models) {
    return recipe(models).setMethod("self-moa").setSettings(setting("samples", samples));
  }

  private static Recipe.Builder with(Recipe.Builder recipe, int member, String role) {
    return recipe.setMembers(member, recipe.getMembers(member).toBuilder().setRole(role));
  }

  /** Proposals "p0", "p1", ...; whoever is given references writes "all", by pieces. */
  private void proposing() {
    var nth = new AtomicInteger();
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          boolean last = request.getMessagesCount() > 1;
          String text = last ? "all" : "p" + nth.getAndIncrement();
          GenerateResponse.Builder end = completion(name, text);
          end.getCompletionBuilder().setCostUsd(last ? 0.5 : 0.25);
          sink.emit(delta(text.substring(0, 1)));
          sink.emit(delta(text.substring(1)));
          sink.emit(end.build());
        });
  }

  @Test
  void aMemberIsSampledAndWritesAnAnswerOfItsAnswers() {
    proposing();
    Sampling sampling = Sampling.newBuilder().setSeed(7).setMaxTokens(9).build();
    List<GenerateResponse> events = events(ask(moa(3, "a")).setSampling(sampling));
    Completion completion = events.getLast().getCompletion();
    assertEquals("all", completion.getText());
    assertEquals("all", text(events));
    assertEquals("a", completion.getAuthor());
    assertEquals(3 * 0.25 + 0.5, completion.getCostUsd(), 1e-12);
    assertFalse(completion.getSignals().hasAgreement());
    List<GenerateRequest> asked = decoder.requests();
    assertEquals(4, asked.size());
    assertEquals(4, asked.stream().map(r -> r.getSampling().getSeed()).distinct().count());
    assertEquals(0.7, asked.getFirst().getSampling().getTemperature());
    GenerateRequest written = asked.getLast();
    assertFalse(written.getSampling().hasTemperature());
    assertEquals(2, written.getMessagesCount());
    assertEquals("7+7=", written.getMessages(1).getContent());
    for (String proposal : List.of("p0", "p1", "p2")) {
      assertTrue(written.getMessages(0).getContent().contains("\n" + proposal + "\n"));
    }
    Decision decision = completion.getDecision();
    Candidate candidate = decision.getCandidates(0);
    assertTrue(candidate.getChosen());
    assertEquals("proposer", candidate.getRole());
    assertEquals("all", candidate.getAnswer());
    assertEquals(
        List.of("", "", "", "aggregate"),
        candidate.getCallsList().stream().map(c -> c.getPurpose()).toList());
    assertEquals(
        List.of(1, 1, 1, 2), candidate.getCallsList().stream().map(c -> c.getRound()).toList());
    assertEquals(0.5, candidate.getCalls(3).getCostUsd());
    assertFalse(decision.getInputs().containsFields("votes"));
  }

  @Test
  void aSampleThatStallsHoldsTheAggregatorUpForTwoSeconds() {
    var nth = new AtomicInteger();
    decoder.script(
        (request, sink) -> {
          boolean last = request.getMessagesCount() > 1;
          if (!last && nth.getAndIncrement() == 0) {
            hang();
          }
          sink.emit(completion("a", last ? "all" : "p").build());
        });
    List<GenerateResponse> events = events(ask(moa(3, "a")));
    Completion completion = events.getLast().getCompletion();
    assertEquals("all", completion.getText());
    assertEquals(
        1,
        completion.getDecision().getCandidates(0).getCallsList().stream()
            .filter(call -> call.getFailure().contains("Not waited for"))
            .count());
    // Of the 20 s that there are it would have had half.
    assertTrue(completion.getTiming().getTotal().getSeconds() < 9);
  }

  @Test
  void anAggregatorWritesWhereThereIsOneAndItsTextIsPassedOnAsItComes() {
    CountDownLatch heard = new CountDownLatch(1);
    decoder.script(
        (request, sink) -> {
          if (!request.getMember().getModel().equals("b")) {
            sink.emit(completion("a", "x").build());
            return;
          }
          sink.emit(delta("al"));
          try {
            // The rest is written only once the first piece has arrived.
            assertTrue(heard.await(10, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new CancelledException();
          }
          sink.emit(delta("l"));
          sink.emit(completion("b", "all").build());
        });
    try (var stream = open(ask(with(moa(2, "a", "b"), 1, "aggregator")), 20)) {
      GenerateResponse event = stream.next();
      while (!event.hasDelta()) {
        event = stream.next();
      }
      assertEquals("al", event.getDelta().getText());
      heard.countDown();
      while (stream.hasNext()) {
        event = stream.next();
      }
      assertEquals("b", event.getCompletion().getAuthor());
      Candidate writer = event.getCompletion().getDecision().getCandidates(1);
      assertTrue(writer.getChosen());
      assertEquals("aggregator", writer.getRole());
    }
  }

  /** The judge likes longer answers, whatever their order; the fuser writes by pieces. */
  @Test
  void aJudgeComparesInBothOrdersAndAFuserWritesOfTheBest() {
    Map<String, String> proposals = Map.of("a", "short", "b", "much longer", "c", "longer");
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          String read = request.getMessages(0).getContent();
          String text =
              switch (name) {
                case "j" -> longerFirst(read) ? "1" : "2";
                case "f" -> "fused";
                default -> proposals.get(name);
              };
          sink.emit(delta(text.substring(0, 1)));
          sink.emit(delta(text.substring(1)));
          GenerateResponse.Builder end = completion(name, text);
          end.getCompletionBuilder().setCostUsd(0.25);
          sink.emit(end.build());
        });
    Recipe.Builder recipe =
        recipe("a", "b", "c", "j", "f").setMethod("llm-blender").setSettings(setting("top", 2));
    List<GenerateResponse> events = events(ask(with(with(recipe, 3, "judge"), 4, "fuser")));
    Completion completion = events.getLast().getCompletion();
    assertEquals("fused", completion.getText());
    assertEquals("fused", text(events));
    assertEquals("f", completion.getAuthor());
    assertEquals((3 + 6 + 1) * 0.25, completion.getCostUsd(), 1e-12);
    String fused = decoder.requests().getLast().getMessages(0).getContent();
    assertTrue(fused.indexOf("much longer") < fused.indexOf("\nlonger\n"), fused);
    assertFalse(fused.contains("short"), fused);
    Decision decision = completion.getDecision();
    assertEquals(
        List.of("short", "much longer", "longer"),
        decision.getCandidatesList().subList(0, 3).stream().map(Candidate::getAnswer).toList());
    assertTrue(
        decision.getCandidates(1).getWeight() > decision.getCandidates(2).getWeight()
            && decision.getCandidates(2).getWeight() > decision.getCandidates(0).getWeight());
    Candidate judge = decision.getCandidates(3);
    assertEquals(
        List.of("1 with 2: 2", "1 with 3: 2", "2 with 1: 1"),
        judge.getCallsList().subList(0, 3).stream()
            .map(c -> c.getPurpose().replace("compare ", "") + ": " + c.getAnswer())
            .toList());
    assertFalse(judge.hasWeight() || judge.getChosen());
    Candidate fuser = decision.getCandidates(4);
    assertTrue(fuser.getChosen());
    assertEquals("fused", fuser.getAnswer());
    assertEquals(3, fuser.getCalls(0).getRound());
    assertFalse(decision.getInputs().containsFields("votes"));
    List<Progress> asking =
        events.stream()
            .map(GenerateResponse::getProgress)
            .filter(p -> p.getStage().equals("asking"))
            .toList();
    assertEquals("", asking.getFirst().getMessage());
    assertEquals("Round 2.", asking.get(3).getMessage());
    assertEquals("Round 3. f", asking.getLast().getMessage() + " " + asking.getLast().getMember());
  }

  private static boolean longerFirst(String compared) {
    String[] fenced = compared.split("--- (end of )?answer [12], .{8} ---");
    return fenced[1].length() > fenced[3].length();
  }

  /** Two agree at first and the third gives in; what each said is told round by round. */
  @Test
  void membersDebateWithinOneBudget() {
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          boolean first = request.getMessagesCount() == 1;
          answer(sink, name, first ? Map.of("a", "13", "b", "14", "c", "15").get(name) : "14");
        });
    Recipe.Builder debate =
        recipe("a", "b", "c").setMethod("debate").setSettings(setting("rounds", 1));
    Completion completion = complete(ask(debate));
    assertEquals("14", completion.getText());
    assertEquals(1, completion.getSignals().getAgreement(), 1e-12);
    Candidate stubborn = completion.getDecision().getCandidates(2);
    assertEquals(
        List.of("1 15", "2 14"),
        stubborn.getCallsList().stream().map(c -> c.getRound() + " " + c.getAnswer()).toList());
    assertEquals(6, decoder.requests().size());
    // Once the first answers have used the budget up, they are voted on.
    decoder.forget();
    decoder.script(
        (request, sink) -> {
          sink.emit(delta("14"));
          GenerateResponse.Builder end = completion(request.getMember().getModel(), "14");
          end.getCompletionBuilder().setCostUsd(0.25);
          sink.emit(end.build());
        });
    Prices prices = Prices.newBuilder().setUsdPerMillionCompletionTokens(100).build();
    for (int m = 0; m < 3; m++) {
      debate.setMembers(m, debate.getMembers(m).toBuilder().setPrices(prices));
    }
    debate.setBudget(Budget.newBuilder().setUsdPerRequest(0.5));
    Sampling ten = Sampling.newBuilder().setMaxTokens(10).build();
    assertEquals("14", complete(ask(debate).setSampling(ten)).getText());
    assertEquals(3, decoder.requests().size());
  }

  @Test
  void whereNobodyCanAggregateTheFirstProposalIsGiven() {
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("b")) {
            throw new Failure.Unavailable("ENDPOINT_LOST", "Lost.").exception();
          }
          sink.emit(delta("x"));
          sink.emit(completion("a", "x").build());
        });
    Recipe.Builder recipe = with(moa(2, "a", "b"), 1, "aggregator");
    Completion completion = complete(ask(recipe));
    assertEquals("x", completion.getText());
    assertEquals("Lost.", completion.getDecision().getCandidates(1).getFailure());
    assertFalse(completion.getSignals().hasAgreement(), "nobody compared them");
    // So it is where the aggregator has nothing to say.
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          answer(sink, name, name.equals("b") ? "" : "x");
        });
    assertEquals("x", complete(ask(recipe)).getText());
    // Whoever breaks off after its text was heard ends the call.
    decoder.script(
        (request, sink) -> {
          sink.emit(delta("x"));
          if (request.getMember().getModel().equals("b")) {
            throw new Failure.Unavailable("ENDPOINT_LOST", "Lost.").exception();
          }
          sink.emit(completion("a", "x").build());
        });
    assertEquals(
        "ENDPOINT_LOST",
        assertInstanceOf(Failure.Unavailable.class, failure(ask(recipe))).reason());
  }

  @Test
  void rolesAndBudgetsAreHeldToTheMethod() {
    assertRefused(ask(with(moa(2, "a", "b"), 1, "judge")), "recipe.members[1].role");
    assertRefused(ask(moa(2, "a", "b")), "recipe.members");
    assertRefused(ask(with(moa(2, "a"), 0, "aggregator")), "recipe.members");
    proposing();
    Prices prices = Prices.newBuilder().setUsdPerMillionCompletionTokens(100).build();
    Recipe.Builder recipe =
        moa(2, "a")
            .setMembers(0, member("a").setPrices(prices))
            .setBudget(Budget.newBuilder().setUsdPerRequest(0.0019));
    Sampling ten = Sampling.newBuilder().setMaxTokens(10).build();
    // 2 samples x 10 tokens x 100 USD a million = 0.002 USD.
    assertInstanceOf(Failure.FailedPrecondition.class, failure(ask(recipe).setSampling(ten)));
    recipe.setBudget(Budget.newBuilder().setUsdPerRequest(0.4));
    // Two proposals cost 0.5: nobody is asked any more.
    assertEquals("p", complete(ask(recipe).setSampling(ten)).getText().substring(0, 1));
    assertEquals(2, decoder.requests().size());
  }

  private static WireRequest tools() {
    return WireRequest.newBuilder()
        .setForm(WireForm.WIRE_FORM_CHAT)
        .setBody(ByteString.copyFromUtf8("{\"tools\":[]}"))
        .setUninterpreted("tools")
        .build();
  }

  private static ToolCall weather(String id, String arguments) {
    return ToolCall.newBuilder().setId(id).setName("weather").setArguments(arguments).build();
  }

  /** b and c want the same, in other words; a wants another city. */
  @Test
  void membersVoteOnToolsAndTheirCallsAreGiven() {
    Map<String, String> wanted =
        Map.of(
            "a", "{\"city\": \"Oslo\", \"days\": 2}",
            "b", "{\"city\": \"Rome\", \"days\": 2}",
            "c", "{\"days\":2.0,\"city\":\"Rome\"}");
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          GenerateResponse.Builder end = completion(name, "");
          end.getCompletionBuilder()
              .setFinishReason(FinishReason.FINISH_REASON_TOOL_CALLS)
              .addToolCalls(weather("call-" + name, wanted.get(name)));
          sink.emit(end.build());
        });
    Completion completion = complete(ask(recipe("a", "b", "c")).setWire(tools()));
    assertEquals("b", completion.getAuthor());
    assertEquals(FinishReason.FINISH_REASON_TOOL_CALLS, completion.getFinishReason());
    assertEquals(List.of(weather("call-b", wanted.get("b"))), completion.getToolCallsList());
    assertEquals(2.0 / 3, completion.getSignals().getAgreement(), 1e-12);
    assertEquals(
        "weather({\"city\":\"Rome\",\"days\":2})",
        completion.getDecision().getCandidates(2).getAnswer());
    decoder
        .requests()
        .forEach(r -> assertEquals(tools().toBuilder().setInterpreted(true).build(), r.getWire()));
  }

  @Test
  void whatCannotReachAnotherPromptIsRefusedBeforeAnyCall() {
    assertRefused(ask(moa(2, "a")).setWire(tools()), "tools");
  }

  @Test
  void whatMembersHaveWrittenIsToldWhileTheyRun() {
    decoder.script(
        (request, sink) -> {
          sink.emit(delta("12345678"));
          hang();
        });
    try (var stream = open(ask(recipe("a", "b")), 20)) {
      GenerateResponse event = stream.next();
      while (event.getSpent().getUsage().getCompletionTokens() < 4) {
        event = stream.next();
      }
      assertEquals(2, event.getSpent().getUsage().getPromptTokens());
      assertEquals(2, event.getSpent().getUsage().getMembers(1).getCompletionTokens());
    }
  }

  /**
   * a once at 0.2, b three times at the request's 0.9, c as often and as warm as the setting says.
   */
  @Test
  void membersAreAskedWithTheirOwnSampling() {
    Recipe.Builder recipe = recipe("a", "b", "c");
    recipe.getMembersBuilder(0).getSamplingBuilder().setTemperature(0.2).setTopP(0.5).setN(1);
    recipe.getMembersBuilder(1).getSamplingBuilder().setN(3);
    recipe
        .getSettingsBuilder()
        .putFields("enough", number(6))
        .putFields("samples", number(2))
        .putFields("temperature", number(0.7));
    Completion completion =
        complete(ask(recipe).setSampling(Sampling.newBuilder().setTemperature(0.9)));
    assertEquals(
        List.of("a 0.2 0.5", "b 0.7 0.0", "b 0.7 0.0", "b 0.7 0.0", "c 0.7 0.0", "c 0.7 0.0"),
        decoder.requests().stream()
            .map(
                r ->
                    "%s %s %s"
                        .formatted(
                            r.getMember().getModel(),
                            r.getSampling().getTemperature(),
                            r.getSampling().getTopP()))
            .sorted()
            .toList());
    List<Candidate> candidates = completion.getDecision().getCandidatesList();
    assertEquals(0.2, candidates.get(0).getSampling().getTemperature());
    assertEquals(3, candidates.get(1).getSampling().getN());
    assertEquals(3, candidates.get(1).getCallsCount());
    assertFalse(candidates.get(2).hasSampling());
    assertEquals(3.0 / 6, candidates.get(1).getWeight(), 1e-12);
    assertEquals(6 * 0.25, completion.getCostUsd());
  }

  /** Each answer costs about 0.0026 US dollars: five are above the budget, three are not. */
  @Test
  void ownAnswersCountInTheBudgetOfTheRequest() {
    Recipe.Builder recipe = recipe("a").setBudget(Budget.newBuilder().setUsdPerRequest(0.01));
    recipe.getSettingsBuilder().clearFields();
    recipe
        .getMembersBuilder(0)
        .setPrices(Prices.newBuilder().setUsdPerMillionCompletionTokens(10))
        .getSamplingBuilder()
        .setN(5);
    Failure failure = failure(ask(recipe));
    assertEquals("BUDGET_TOO_SMALL", failure.reason());
    assertTrue(failure.message().contains("5 answers"), failure.message());
    recipe.getMembersBuilder(0).getSamplingBuilder().setN(3);
    assertEquals("13", complete(ask(recipe)).getText());
  }
}
