package dev.tutti.fusion.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.fusion.method.heads.MemberHeads;
import dev.tutti.fusion.method.heads.SelectLlm;
import dev.tutti.fusion.method.heads.SelectLlm.Policy;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.calls.Brought;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.kit.calls.MemberCalls;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.testing.ScriptedEmbedder;
import dev.tutti.method.v1.Budget;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A method that chooses whom it asks, in a request: who is called, what it costs, what is told. */
class SelectLlmAnswerTest {

  /** Questions of sums are for a and b, others for c; on average d is the best. */
  private static final SelectLlm METHOD =
      new SelectLlm(
          new SelectLlm.Settings("", AnswerForm.NUMBER, Policy.WEIGHTED_MAX_CONF, 0),
          new MemberHeads(
              List.of("a", "b", "c", "d"),
              new LinearHeads(
                  new Matrix(4, 3, new float[] {4, 0, -1, 2, 0, -1, 0, 4, -1, 0, 0, -1})),
              new double[] {.2, .2, .2, .8},
              2,
              1),
          0);

  private final Map<String, String> says =
      new ConcurrentHashMap<>(Map.of("a", "1", "b", "2", "c", "3", "d", "4"));
  private final ScriptedEmbedder embedder = new ScriptedEmbedder();
  private final List<GenerateResponse> events = new ArrayList<>();
  private ScriptedGeneration decoder;
  private ManagedChannel channel;

  @BeforeEach
  void open() {
    embedder.script(text -> text.startsWith("sum") ? new float[] {1, 0} : new float[] {0, 1});
    decoder = new ScriptedGeneration(this::answer, embedder);
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", decoder.port()).usePlaintext().build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    decoder.close();
  }

  private void answer(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String name = request.getMember().getModel();
    String text = says.get(name);
    if (text == null) {
      throw new Failure.Unavailable("ENDPOINT_DOWN", name + " is away.").exception();
    }
    GenerateResponse.Builder end = ScriptedGeneration.completion(name, text);
    end.getCompletionBuilder().setCostUsd(0.25);
    sink.emit(ScriptedGeneration.delta(text));
    sink.emit(end.build());
  }

  private Completion ask(String question, double usd, List<Brought> brought) {
    GenerateRequest.Builder request = GenerateRequest.newBuilder();
    request
        .getRecipeBuilder()
        .setEnsemble("e")
        .setMethod("select-llm")
        .setBudget(Budget.newBuilder().setUsdPerRequest(usd));
    for (String member : List.of("a", "b", "c", "d")) {
      request
          .getRecipeBuilder()
          .addMembers(
              Member.newBuilder()
                  .setModel(member)
                  .setPrices(Prices.newBuilder().setUsdPerMillionCompletionTokens(250_000)));
    }
    // One token of an answer is 0.25 US dollars.
    request.getSamplingBuilder().setMaxTokens(1);
    request.addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(question));
    RecipeRequest whole = RecipeRequest.of(request.build());
    var stub = GenerationServiceGrpc.newBlockingStub(channel);
    var calls =
        new MemberCalls(
            stub, stub, DecoderServiceGrpc.newBlockingStub(channel), new SimpleMeterRegistry());
    events.clear();
    var runner = new CallRunner(whole, _ -> "", calls, events::add);
    new FusionAnswer(whole, METHOD, METHOD.fitted(), Optional.empty(), brought, runner, events::add)
        .answer();
    return events.getLast().getCompletion();
  }

  private List<String> asked() {
    return decoder.requests().stream().map(r -> r.getMember().getModel()).sorted().toList();
  }

  private static List<String> called(Decision decision) {
    return decision.getCandidatesList().stream()
        .filter(Candidate::getCalled)
        .map(Candidate::getMember)
        .toList();
  }

  @Test
  void whoIsLeftOutIsNotCalledAndCostsNothing() {
    Completion completion = ask("sum of 0 and 1", 10, List.of());
    assertEquals(List.of("a", "b"), asked());
    assertEquals("1", completion.getText());
    assertEquals(0.5, completion.getCostUsd());
    Decision decision = completion.getDecision();
    assertEquals(List.of("a", "b"), called(decision));
    assertFalse(decision.getCandidates(2).hasCostUsd());
    assertEquals("select-llm", decision.getMethod());
    // Sigmoids of 3, 1 and -1 twice.
    assertTrue(
        decision
            .getExplanation()
            .endsWith(
                "Asked, by how likely each is right: 'a' 0.95, 'b' 0.73; not asked: 'c' 0.27, 'd' 0.27."),
        decision.getExplanation());
    double share = .9525741 / (.9525741 + .7310586);
    assertEquals(share, decision.getCandidates(0).getWeight(), 1e-6);
    assertEquals(share, completion.getSignals().getAgreement(), 1e-6);
    decoder.forget();
    assertEquals("3", ask("poem", 10, List.of()).getText());
    assertEquals(List.of("a", "c"), asked());
  }

  @Test
  void asManyAreAskedAsTheBudgetPays() {
    assertEquals("1", ask("sum", 0.49, List.of()).getText());
    assertEquals(List.of("a"), asked());
    decoder.forget();
    var refused = assertThrows(FailureException.class, () -> ask("sum", 0.24, List.of()));
    assertInstanceOf(Failure.FailedPrecondition.class, refused.failure());
    assertEquals("BUDGET_TOO_SMALL", refused.failure().reason());
    assertTrue(
        refused.getMessage().contains("Asking for 1 answers would cost about 0.250 USD"),
        refused.getMessage());
    assertEquals(List.of(), asked());
  }

  @Test
  void whereAllThatAreChosenFailTheOthersAreAsked() {
    says.remove("a");
    says.remove("b");
    Completion completion = ask("sum", 10, List.of());
    assertEquals(List.of("a", "b", "c", "d"), asked());
    assertEquals("3", completion.getText(), "as likely as 'd', and first");
    assertTrue(completion.getDecision().getCandidates(0).getFailure().contains("away"));
    says.clear();
    var failed = assertThrows(FailureException.class, () -> ask("sum", 10, List.of()));
    assertTrue(failed.getMessage().contains("a is away"), failed.getMessage());
    assertTrue(failed.getMessage().contains("d is away"), failed.getMessage());
  }

  @Test
  void withoutAnEmbedderTheMeansChoose() {
    embedder.script(
        _ -> {
          throw new IllegalStateException("away");
        });
    assertEquals("4", ask("sum", 10, List.of()).getText());
    assertEquals(List.of("a", "d"), asked());
  }

  @Test
  void whatIsBroughtCountsAsAskedWhoeverGaveIt() {
    var brought = new ArrayList<Brought>();
    for (int member : new int[] {2, 3}) {
      String text = member == 2 ? "30" : "40";
      brought.add(
          new Brought(
              member,
              "",
              new MemberAnswer(
                  "cd".substring(member - 2, member - 1),
                  List.of(),
                  Completion.newBuilder().setText(text).build())));
    }
    Completion completion = ask("poem", 10, brought);
    assertEquals(List.of(), asked());
    assertEquals("30", completion.getText());
    assertEquals(0, completion.getCostUsd());
    assertTrue(
        completion
            .getDecision()
            .getExplanation()
            .endsWith("'c' 0.95, 'd' 0.27; not asked: 'a' 0.27, 'b' 0.27."),
        completion.getDecision().getExplanation());
  }
}
