package dev.tutti.registry.testing;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.KeptAnswer;
import dev.tutti.generation.v1.MemberCall;
import dev.tutti.generation.v1.Shadow;
import dev.tutti.generation.v1.ShadowChoice;
import dev.tutti.generation.v1.Signals;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.method.v1.Family;
import dev.tutti.router.v1.DecisionBrief;
import dev.tutti.router.v1.DecisionFailure;
import dev.tutti.router.v1.DecisionServiceGrpc;
import dev.tutti.router.v1.GetDecisionRequest;
import dev.tutti.router.v1.GetDecisionResponse;
import dev.tutti.router.v1.ListDecisionsRequest;
import dev.tutti.router.v1.ListDecisionsResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A router that has decided once in every way. */
final class ScriptedDecisions extends DecisionServiceGrpc.DecisionServiceImplBase {

  private static final String EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>";

  private static final List<Decision> ALL =
      List.of(routed(), climbed(), voted(), written(), alone(), failed());

  private static Decision.Builder begin(String id, String ensemble, String method, Family family) {
    return Decision.newBuilder()
        .setId(id)
        .setEnsemble(ensemble)
        .setEnsembleVersion(3)
        .setMethod(method)
        .setFamily(family)
        .setTime(Timestamps.fromSeconds(1_700_000_000))
        .setTeam("search")
        .setKey("key-0f6a1b2c3d4e");
  }

  /** The dearest is the best, the cheapest is asked; who is away is left out. */
  private static Decision routed() {
    return begin("route-1", "org/Route", "knn", Family.FAMILY_ROUTER)
        .setExplanation("'small' is good enough for its price.")
        .setArtifact("org/Fit")
        .setArtifactVersion(2)
        .setInputs(
            struct(
                Map.of(
                    "settings",
                    value(struct(Map.of("lambda", number(0.5)))),
                    "turn",
                    number(1),
                    "seed",
                    text("77"),
                    EVIL,
                    text(EVIL))))
        .addCandidates(
            candidate("small")
                .setScore(0.62)
                .setDeviation(0.05)
                .setPropensity(0.9)
                .setExpectedUsd(0.0001)
                .setChosen(true)
                .setCalled(true)
                .setCostUsd(0.00012)
                .setSeconds(0.25))
        .addCandidates(
            candidate("large").setScore(0.91).setPropensity(0.1).setExpectedUsd(0.01).setAs("L"))
        .addCandidates(candidate("away").setPropensity(0).setFailure("Left out: it is away."))
        .addShadows(
            Shadow.newBuilder()
                .setArtifact("org/Fit")
                .setArtifactVersion(3)
                .setActiveChoice("small")
                .addRanked(choice("large", 0.8, 0.75))
                .addRanked(choice("small", 0.4, 0.25)))
        .setUnknownFields(
            UnknownFieldSet.newBuilder()
                .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(4711).build())
                .build())
        .build();
  }

  /** The first says too little of itself, the second fails, the third is a vote. */
  private static Decision climbed() {
    return begin("climb-1", "steps", "ladder", Family.FAMILY_CASCADE)
        .setExplanation("'jury' answers after 3 of 4 members were asked.")
        .setCostAvoidedUsd(0.004)
        .setCache(
            KeptAnswer.newBuilder()
                .setOutcome(CacheOutcome.CACHE_OUTCOME_SEMANTIC)
                .setEntry("ab".repeat(32))
                .setSimilarity(0.97)
                .setTime(Timestamps.fromSeconds(1_600_000_000))
                .setRequestId("before-1")
                .setCostUsd(0.002))
        .addCandidates(
            candidate("first")
                .setCalled(true)
                .setScore(0.4)
                .setThreshold(0.8)
                .setCostSoFarUsd(0.0001)
                .setCostUsd(0.0001)
                .setAnswer("perhaps 7")
                .setSignals(Signals.newBuilder().setMeanLogprob(-0.91).setAgreement(0.5))
                .addCalls(call(0, "7").setScore(0.4).setThreshold(0.8).setCostSoFarUsd(0.00005))
                .addCalls(
                    call(1, "perhaps 7").setScore(0.4).setThreshold(0.8).setCostSoFarUsd(0.0001))
                .addCalls(call(0, "no").setPurpose("verify")))
        .addCandidates(
            candidate("second").setCalled(true).setCostSoFarUsd(0.0001).setFailure("It is full."))
        .addCandidates(
            candidate("jury")
                .setCalled(true)
                .setChosen(true)
                .setScore(0.95)
                .setThreshold(0.8)
                .setCostSoFarUsd(0.0011)
                .setCostUsd(0.001)
                .setAnswer("8")
                .addDecisions("climb-1.1"))
        .addCandidates(candidate("dearest"))
        .addNested(
            begin("climb-1.1", "jury", "majority-vote", Family.FAMILY_FUSION)
                .addCandidates(candidate("ann").setCalled(true).setChosen(true).setAnswer("8"))
                .addNested(
                    begin("climb-1.1.1", "deeper", "knn", Family.FAMILY_ROUTER)
                        .addCandidates(candidate("zoe").setChosen(true))))
        .setNestedLeftOut(2)
        .build();
  }

  private static Decision voted() {
    ListValue members = list(text("ann"), text("ben"), text("cid"));
    ListValue rows =
        list(
            value(list(number(1), number(0.5), number(0))),
            value(list(number(0.5), number(1), number(0.25))),
            value(list(number(0), number(0.25), number(1))));
    return begin("vote-1", "org/Vote", "ballot", Family.FAMILY_FUSION)
        .setExplanation(EVIL)
        .setInputs(
            struct(
                Map.of(
                    "votes", value(struct(Map.of("42", number(0.75), EVIL, number(0.25)))),
                    "similarity",
                        value(struct(Map.of("members", value(members), "rows", value(rows)))))))
        .addCandidates(
            candidate("ann").setCalled(true).setWeight(0.5).setAnswer("42").setChosen(true))
        .addCandidates(candidate("ben").setCalled(true).setWeight(0.25).setAnswer("42"))
        .addCandidates(candidate("cid").setCalled(true).setWeight(0.25).setAnswer(EVIL))
        .build();
  }

  /** The second token begins a line, and one member was not asked about it. */
  private static Decision written() {
    Struct first =
        struct(
            Map.of(
                "token", text("The"),
                "members", value(struct(Map.of("ann", number(Math.log(0.5)), "ben", number(0))))));
    Struct second =
        struct(
            Map.of(
                "token", text("\n" + EVIL),
                "members",
                    value(
                        struct(
                            Map.of(
                                "ann", Value.newBuilder().setNullValueValue(0).build(),
                                "ben", number(-1)))),
                "rewards", value(struct(Map.of("ann", number(0.875))))));
    return begin("write-1", "org/Choir", "mean", Family.FAMILY_TOKEN)
        .setExplanation("2 members wrote the answer together, token by token.")
        .setInputs(
            struct(
                Map.of(
                    "steps", number(12),
                    "ensembled_steps", number(5),
                    "opinions", value(list(value(first), value(second))))))
        .addCandidates(candidate("ann").setCalled(true).setChosen(true).setWeight(0.7))
        .addCandidates(candidate("ben").setCalled(true).setChosen(true).setWeight(0.3))
        .build();
  }

  private static Decision alone() {
    return Decision.newBuilder()
        .setId("alone-1")
        .setEnsemble("org/Small")
        .setEnsembleVersion(1)
        .setTime(Timestamps.fromSeconds(1_700_000_000))
        .setExplanation("A single model was asked for; there was nothing to decide.")
        .addCandidates(candidate("org/Small").setCalled(true).setChosen(true).setWeight(1))
        .build();
  }

  /**
   * Of a recipe that somebody sent, with an id that looks as if it lay in another, and a number
   * that JSON cannot say.
   */
  private static Decision failed() {
    return begin("route-1.9", EVIL, "knn", Family.FAMILY_ROUTER)
        .setEnsembleVersion(0)
        .setFailure("All members failed: " + EVIL)
        .setInputs(struct(Map.of("odd", number(Double.NaN))))
        .addCandidates(candidate(EVIL).setCalled(true).setFailure(EVIL))
        .build();
  }

  private static Candidate.Builder candidate(String member) {
    return Candidate.newBuilder().setMember(member);
  }

  private static MemberCall.Builder call(int sample, String answer) {
    return MemberCall.newBuilder()
        .setKind(CallKind.CALL_KIND_GENERATE)
        .setRound(1)
        .setSample(sample)
        .setAnswer(answer);
  }

  private static ShadowChoice choice(String member, double score, double propensity) {
    return ShadowChoice.newBuilder()
        .setMember(member)
        .setScore(score)
        .setPropensity(propensity)
        .build();
  }

  private static Struct struct(Map<String, Value> fields) {
    return Struct.newBuilder().putAllFields(new TreeMap<>(fields)).build();
  }

  private static Value value(Struct struct) {
    return Value.newBuilder().setStructValue(struct).build();
  }

  private static Value value(ListValue list) {
    return Value.newBuilder().setListValue(list).build();
  }

  private static ListValue list(Value... values) {
    return ListValue.newBuilder().addAllValues(List.of(values)).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  @Override
  public void listDecisions(
      ListDecisionsRequest request, StreamObserver<ListDecisionsResponse> observer) {
    ServerCalls.unary(observer, () -> list(request));
  }

  /** Filtered by what these tests ask for; a page's token is the place at which it begins. */
  private static ListDecisionsResponse list(ListDecisionsRequest request) {
    if (!request.getPageToken().matches("[0-9]{0,3}")) {
      throw Failure.invalid("page_token", "page_token is no page; the page before names it.");
    }
    List<DecisionBrief> found =
        ALL.stream()
            .map(ScriptedDecisions::brief)
            .filter(b -> is(request.getEnsemble(), b.getEnsemble()))
            .filter(b -> is(request.getTeam(), b.getTeam()))
            .filter(b -> is(request.getKey(), b.getKey()))
            .filter(
                b ->
                    request.getMember().isEmpty()
                        || b.getMembersList().contains(request.getMember()))
            .filter(
                b ->
                    request.getFailed() == DecisionFailure.DECISION_FAILURE_UNSPECIFIED
                        || request.getFailed() == b.getFailed())
            .filter(
                b -> !request.hasFrom() || Timestamps.compare(b.getTime(), request.getFrom()) >= 0)
            .filter(b -> !request.hasTo() || Timestamps.compare(b.getTime(), request.getTo()) < 0)
            .toList();
    int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    int to = Math.min(found.size(), from + request.getPageSize());
    return ListDecisionsResponse.newBuilder()
        .addAllDecisions(found.subList(Math.min(from, to), to))
        .setNextPageToken(to < found.size() ? Integer.toString(to) : "")
        .build();
  }

  private static boolean is(String wanted, String its) {
    return wanted.isEmpty() || wanted.equals(its);
  }

  private static DecisionBrief brief(Decision its) {
    DecisionBrief.Builder brief =
        DecisionBrief.newBuilder()
            .setId(its.getId())
            .setTime(its.getTime())
            .setEnsemble(its.getEnsemble())
            .setEnsembleVersion(its.getEnsembleVersion())
            .setMethod(its.getMethod())
            .setTeam(its.getTeam().isEmpty() ? "none" : its.getTeam())
            .setKey(its.getKey())
            .setPromptTokens(1_200)
            .setCompletionTokens(34)
            .setCostUsd("0.000120000001")
            .setEstimated(its.getKey().isEmpty());
    its.getCandidatesList().stream()
        .filter(Candidate::getCalled)
        .map(Candidate::getMember)
        .forEach(brief::addMembers);
    if (!its.getFailure().isEmpty()) {
      brief.setFailed(DecisionFailure.DECISION_FAILURE_REQUEST);
    } else if (its.getId().equals("climb-1")) {
      brief.setFailed(DecisionFailure.DECISION_FAILURE_MEMBER);
    }
    return brief.build();
  }

  @Override
  public void getDecision(
      GetDecisionRequest request, StreamObserver<GetDecisionResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          var all = new ArrayList<Decision>(ALL);
          for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).getNestedList());
          }
          return GetDecisionResponse.newBuilder()
              .setDecision(
                  all.stream()
                      .filter(d -> d.getId().equals(request.getId()))
                      .findFirst()
                      .orElseThrow(
                          () ->
                              new Failure.NotFound(
                                      "id", "DECISION_NOT_FOUND", "There is no such decision.")
                                  .exception()))
              .build();
        });
  }
}
