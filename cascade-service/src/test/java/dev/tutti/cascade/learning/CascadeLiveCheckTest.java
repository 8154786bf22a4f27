package dev.tutti.cascade.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.cascade.method.agent.DerFit;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Turn;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.FitRequest;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.type.v1.Prices;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CascadeLiveCheckTest {

  private static final MemberPrices PRICES =
      MemberPrices.of(
          Snapshot.newBuilder()
              .addModels(model("dear", 10, 30).addAliases("chat"))
              .addModels(model("cheap", 0, 1).setContextLength(100))
              .addModels(model("gone", 1, 1).setLifecycle(Lifecycle.LIFECYCLE_RETIRED))
              .addEnsembles(Ensemble.newBuilder().setName("team").addAliases("us"))
              .addEnsembles(
                  Ensemble.newBuilder().setName("past").setLifecycle(Lifecycle.LIFECYCLE_RETIRED))
              .build());

  private static Model.Builder model(String name, double read, double written) {
    return Model.newBuilder()
        .setName(name)
        .setPrices(
            Prices.newBuilder()
                .setUsdPerMillionPromptTokens(read)
                .setUsdPerMillionCompletionTokens(written));
  }

  private static OptionalDouble most(MemberPrices prices, String member, String text, int tokens) {
    return prices.mostUsd(
        new LiveCall(
            member,
            List.of(new Turn(Turn.Role.SYSTEM, "do"), new Turn(Turn.Role.USER, text)),
            tokens,
            false,
            false));
  }

  @Test
  void aCallCostsAtMostItsBytesAndTheTokensOfItsAnswer() {
    // 64 around the prompt, 64 for each of two messages, 2 bytes and 3 of one character.
    double usd = ((64 + 64 + 2 + 64 + 3) * 10 + 50 * 30) / 1e6;
    assertEquals(usd, most(PRICES, "dear", "\u20ac", 50).orElseThrow(), 1e-15);
    assertEquals(usd, most(PRICES, "chat", "\u20ac", 50).orElseThrow(), 1e-15);
    // No more than the context holds.
    assertEquals(1e-4, most(PRICES, "cheap", "x".repeat(1_000), 5_000).orElseThrow(), 1e-15);
    assertEquals(9e-6, most(PRICES, "cheap", "x", 9).orElseThrow(), 1e-15);
    assertEquals(OptionalDouble.empty(), most(PRICES, "team", "x", 9));
    assertEquals(OptionalDouble.empty(), most(PRICES, "nobody", "x", 9));
    Model.Builder caching = model("c", 1, 0);
    caching.getPricesBuilder().setUsdPerMillionCachedPromptTokens(2);
    MemberPrices cached = MemberPrices.of(Snapshot.newBuilder().addModels(caching).build());
    assertEquals(2 * 195e-6, most(cached, "c", "x", 9).orElseThrow(), 1e-15, "if that is dearer");
  }

  @Test
  void whoIsRetiredIsNotThere() {
    assertEquals(
        List.of("gone", "past", "nobody"),
        PRICES.unknown(List.of("dear", "gone", "chat", "past", "us", "nobody", "team")));
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static FitRequest request(String quality, double usd, String... members) {
    return request(quality, "", usd, members);
  }

  private static FitRequest request(String quality, String judge, double usd, String... members) {
    ListValue.Builder names = ListValue.newBuilder();
    List.of(members).forEach(member -> names.addValues(text(member)));
    return FitRequest.of(
        Struct.newBuilder()
            .putFields("artifact", text("x"))
            .putFields("method", text("der"))
            .putFields("dataset", text("d"))
            .putFields("budget_usd", Value.newBuilder().setNumberValue(usd).build())
            .putFields("members", Value.newBuilder().setListValue(names).build())
            .putFields(
                "settings",
                Value.newBuilder()
                    .setStructValue(
                        Struct.newBuilder()
                            .putFields("quality", text(quality))
                            .putFields("judge", text(judge)))
                    .build())
            .build(),
        List.of(new DerFit()));
  }

  private static CascadeLiveCheck<?> check(CostUnit unit, FitRequest request) {
    Dataset.Builder dataset = Dataset.newBuilder().setName("d").setCostUnit(unit);
    request
        .parameters()
        .members()
        .forEach(member -> dataset.addMembers(DatasetMember.newBuilder().setMember(member)));
    return new CascadeLiveCheck<>(new DerFit(), request, dataset.build(), PRICES);
  }

  private static CascadeLiveCheck<?> check(FitRequest request) {
    return check(CostUnit.COST_UNIT_USD_PER_CALL, request);
  }

  private static RecordedQuery row(String reference, String member, double cost) {
    return RecordedQuery.newBuilder()
        .setId("q1")
        .setQuery("How?")
        .setReference(reference)
        .addOutcomes(Outcome.newBuilder().setMember(member).setCost(cost))
        .build();
  }

  private static void refused(String field, String message, Executable check) {
    var e = assertThrows(FailureException.class, check);
    assertEquals("parameters." + field, ((Failure.InvalidArgument) e.failure()).field());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void whatCannotBeAskedIsRefused() {
    refused("settings.quality", "token_f1", () -> check(request("score", 1, "dear")));
    for (CostUnit unit :
        List.of(CostUnit.COST_UNIT_RELATIVE, CostUnit.COST_UNIT_USD_PER_MILLION_TOKENS)) {
      refused("dataset", "not US dollars a call", () -> check(unit, request("exact", 1, "dear")));
    }
    refused("members", "'gone', 'x'", () -> check(request("exact", 1, "dear", "gone", "x")));
    refused(
        "dataset",
        "'q1' has no reference",
        () -> check(request("exact", 1, "dear")).take(row("", "dear", 1)));
  }

  @Test
  void aJudgeNeedsAQualityMoneyAndAName() {
    refused("settings.quality", "budget_usd", () -> request("judge", "cheap", 0, "dear"));
    refused("settings.judge", "is empty", () -> request("judge", "", 1, "dear"));
    refused("settings.judge", "'cheap'", () -> request("exact", "cheap", 1, "dear"));
    refused("settings.judge", "'cheap'", () -> request("score", "cheap", 0, "dear"));
    for (String unknown : List.of("gone", "past", "nobody")) {
      refused(
          "settings.judge",
          "'%s'".formatted(unknown),
          () -> check(request("judge", unknown, 1, "dear")));
    }
    for (String known : List.of("dear", "cheap", "chat", "us", "team")) {
      CascadeLiveCheck<?> check = check(request("judge", known, 1, "dear"));
      // It grades without a reference.
      check.take(row("", "dear", 1));
      check.end();
    }
  }

  @Test
  void whatTheJudgeCostsCountsToo() {
    // An answer of the team as recorded, and a verdict of dear of its prompt and 256 tokens.
    CascadeLiveCheck<?> without = check(request("exact", .015, "team"));
    without.take(row("so", "team", .01));
    without.end();
    CascadeLiveCheck<?> with = check(request("judge", "dear", .015, "team"));
    with.take(row("so", "team", .01));
    refused("budget_usd", "with the judge's verdict", with::end);
    double verdict =
        PRICES
            .mostUsd(new DerFit().shortestVerdict(judged(), new Query("How?")).orElseThrow())
            .orElseThrow();
    assertTrue(verdict > 256 * 30e-6 && verdict < .05, () -> "" + verdict);
    double least = (.01 + verdict) / .7;
    CascadeLiveCheck<?> below = check(request("judge", "dear", least - 1e-6, "team"));
    below.take(row("so", "team", .01));
    refused("budget_usd", "at least", below::end);
    CascadeLiveCheck<?> enough = check(request("judge", "dear", least + 1e-6, "team"));
    enough.take(row("so", "team", .01));
    enough.end();
  }

  private static DerFit.Settings judged() {
    return request("judge", "dear", 1, "team").settings(new DerFit());
  }

  @Test
  void anAgentsPartPaysACallOfTheDearest() {
    // Of a model what 1,024 tokens cost counts, of an ensemble what was recorded.
    CascadeLiveCheck<?> priced = check(request("exact", .03, "dear"));
    priced.take(row("so", "dear", 1e-9));
    refused("budget_usd", "at least", priced::end);
    CascadeLiveCheck<?> enough = check(request("exact", .1, "dear"));
    enough.take(row("so", "dear", 1e-9));
    enough.end();
    // A part of seven tenths.
    CascadeLiveCheck<?> recorded = check(request("exact", .9, "team"));
    recorded.take(row("so", "team", .7));
    refused("budget_usd", "at least 1.0 is needed", recorded::end);
    CascadeLiveCheck<?> both = check(request("exact", .9, "dear", "team"));
    both.take(row("so", "team", .7));
    both.take(row("so", "team", .1));
    refused("budget_usd", "the dearest call costs up to 0.7", both::end);
    CascadeLiveCheck<?> pays = check(request("exact", 1, "dear", "team"));
    pays.take(row("so", "team", .7));
    pays.end();
    // Nothing was read in time.
    check(request("exact", 1e-9, "team")).end();
  }
}
