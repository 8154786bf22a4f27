package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Usage;
import dev.tutti.generation.v1.WireData;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class DeliveredTest {

  private static final Failure LEFT = new Failure.Cancelled("CANCELLED", "The caller left.");
  private static final Failure LATE = new Failure.DeadlineExceeded("LATE", "Too late.");
  private static final Failure LOST = new Failure.Unavailable("LOST", "Lost.");

  /** 9 characters: 3 tokens. */
  private static final GenerateRequest REQUEST =
      GenerateRequest.newBuilder()
          .addMessages(Message.newBuilder().setContent("123456789"))
          .build();

  /** Members a and b, at 2 US dollars a million tokens read and 10 written. */
  private final Delivered one = new Delivered(List.of(member("a")), REQUEST);

  private final Delivered two = new Delivered(List.of(member("a"), member("b")), REQUEST);

  private static Member member(String name) {
    return Member.newBuilder()
        .setModel(name)
        .setPrices(
            Prices.newBuilder()
                .setUsdPerMillionPromptTokens(2)
                .setUsdPerMillionCompletionTokens(10))
        .build();
  }

  /** It may be 32 MiB long, and 64 are asked. */
  @Test
  void aPromptIsReadOnceWhereItMattersAndElseNever() {
    var read = new AtomicInteger();
    Supplier<PromptSize> prompt = PromptSize.later(REQUEST);
    Supplier<PromptSize> counted =
        () -> {
          read.incrementAndGet();
          return prompt.get();
        };
    var first = new Delivered(List.of(member("a")), counted);
    first.note(delta("12345"));
    assertEquals(0, read.get());
    assertEquals(3, first.bill(LEFT).getUsage().getPromptTokens());
    assertEquals(
        3, new Delivered(List.of(member("b")), counted).bill(LEFT).getUsage().getPromptTokens());
    assertEquals(2, read.get());
    assertSame(prompt.get(), prompt.get());
  }

  @Test
  void whatWasDeliveredUntilTheCallerLeftIsEstimated() {
    one.note(delta("12345"));
    one.note(
        GenerateResponse.newBuilder()
            .setWire(WireData.newBuilder().setWrittenCharacters(3))
            .build());
    for (Failure why : List.of(LEFT, LATE, LOST)) {
      Spent bill = one.bill(why);
      assertEquals(3, bill.getUsage().getPromptTokens());
      assertEquals(2, bill.getUsage().getCompletionTokens());
      assertTrue(bill.getUsage().getEstimated());
      assertEquals((3 * 2 + 2 * 10) / 1e6, bill.getCostUsd(), 1e-15);
    }
  }

  @Test
  void whoWasCutOffBeforeItSaidAnythingHadReadItsPromptAndWhoRefusedHadNot() {
    assertEquals(3, one.bill(LEFT).getUsage().getPromptTokens());
    assertEquals(6e-6, one.bill(LATE).getCostUsd(), 1e-15);
    assertEquals(Spent.getDefaultInstance(), one.bill(LOST));
    one.note(asking("a member of its own"));
    assertEquals(6e-6, one.bill(LATE).getCostUsd(), 1e-15);
  }

  /** A message that holds one is in the body only. */
  @Test
  void aPictureHasItsPriceToo() {
    var picture =
        new Delivered(
            List.of(member("a")),
            GenerateRequest.newBuilder()
                .setWire(
                    WireRequest.newBuilder()
                        .setForm(WireForm.WIRE_FORM_CHAT)
                        .setUninterpreted("messages[0].content[0].type")
                        .setBody(
                            ByteString.copyFromUtf8(
                                "{\"messages\":[{\"content\":[{\"type\":\"image_url\"}]}]}")))
                .build());
    assertEquals(1000, picture.bill(LEFT).getUsage().getPromptTokens());
  }

  @Test
  void whatACallTellsOfItselfCounts() {
    one.note(delta("12345"));
    Spent told =
        Spent.newBuilder().setUsage(Usage.newBuilder().setPromptTokens(7)).setCostUsd(0.5).build();
    one.note(GenerateResponse.newBuilder().setSpent(told).build());
    assertEquals(told, one.bill(LOST));
    assertEquals(told, one.bill(LEFT));
    // A member that is an ensemble tells of members of its own.
    Spent inner =
        told.toBuilder()
            .setUsage(
                told.getUsage().toBuilder().addMembers(MemberUsage.newBuilder().setMember("x")))
            .build();
    one.note(GenerateResponse.newBuilder().setSpent(inner).build());
    assertEquals(inner, one.bill(LEFT));
  }

  @Test
  void membersThatHadNotEndedWhenTheCallerLeftAreAddedToThoseThatHad() {
    two.note(asking("a"));
    assertEquals(6e-6, two.bill(LEFT).getCostUsd(), 1e-15, "nobody asked the other");
    two.note(asking("b"));
    two.note(
        GenerateResponse.newBuilder()
            .setSpent(
                Spent.newBuilder()
                    .setUsage(
                        Usage.newBuilder()
                            .setPromptTokens(7)
                            .addMembers(MemberUsage.newBuilder().setMember("a")))
                    .setCostUsd(0.5))
            .build());
    Spent bill = two.bill(LEFT);
    assertEquals(0.5 + 6e-6, bill.getCostUsd(), 1e-12);
    assertEquals(7 + 3, bill.getUsage().getPromptTokens());
    assertEquals("b", bill.getUsage().getMembers(1).getMember());
    assertTrue(bill.getUsage().getEstimated());
    assertEquals(0.5, two.bill(LOST).getCostUsd(), "who fails by itself tells all");
  }

  /** 4,000 characters are 1,000 tokens. */
  @Test
  void aTextIsOfWhoseAnswerItIsAndWhoFailedAndToldNothingOwesNothing() {
    two.note(asking("a"));
    two.note(progress("failed", "a"));
    assertEquals(Spent.getDefaultInstance(), two.bill(LEFT));
    two.note(asking("b"));
    two.note(progress("answering", "b"));
    two.note(delta("x".repeat(4_000)));
    Spent bill = two.bill(LEFT);
    assertEquals((3 * 2 + 1_000 * 10) / 1e6, bill.getCostUsd(), 1e-15);
    assertEquals(1, bill.getUsage().getMembersCount());
    assertEquals("b", bill.getUsage().getMembers(0).getMember());
    // Asked again, and not known to have written anything.
    two.note(asking("a"));
    assertEquals((2 * 3 * 2 + 1_000 * 10) / 1e6, two.bill(LEFT).getCostUsd(), 1e-15);
  }

  /** 2 tokens were told, of 8 characters; 4 more are a third. */
  @Test
  void whatALiveAnswerWroteSinceItLastToldCountsToo() {
    for (Delivered its : List.of(one, two)) {
      its.note(asking("a"));
      its.note(progress("answering", "a"));
      its.note(delta("12345678"));
      its.note(told("a", 26e-6));
      assertEquals(26e-6, its.bill(LEFT).getCostUsd(), 1e-15);
      its.note(delta("9012"));
      assertEquals(36e-6, its.bill(LEFT).getCostUsd(), 1e-15);
      Usage late = its.bill(LATE).getUsage();
      assertEquals(1, late.getCompletionTokens());
      assertEquals(1, late.getMembersCount());
      assertEquals(1, late.getMembers(0).getCompletionTokens());
      assertEquals(10e-6, late.getMembers(0).getCostUsd(), 1e-15);
      assertEquals(26e-6, its.bill(LOST).getCostUsd(), 1e-15);
      its.note(told("a", 36e-6));
      assertEquals(36e-6, its.bill(LEFT).getCostUsd(), 1e-15);
    }
  }

  /** Nothing is told any more while it is given. */
  @Test
  void anAnswerThatIsGivenWasToldWhole() {
    for (Delivered its : List.of(one, two)) {
      its.note(asking("a"));
      its.note(told("a", 26e-6));
      its.note(progress("answering", "a"));
      its.note(delta("12345678"));
      assertEquals(26e-6, its.bill(LEFT).getCostUsd(), 1e-15);
    }
  }

  private static GenerateResponse told(String member, double usd) {
    return GenerateResponse.newBuilder()
        .setSpent(
            Spent.newBuilder()
                .setUsage(Usage.newBuilder().addMembers(MemberUsage.newBuilder().setMember(member)))
                .setCostUsd(usd))
        .build();
  }

  /** Token by token they all write it. */
  @Test
  void whereNobodySaysWhoIsAskedAllAre() {
    two.note(delta("1234"));
    assertEquals(2 * (3 * 2 + 10) / 1e6, two.bill(LEFT).getCostUsd(), 1e-15);
    assertEquals(6, two.bill(LEFT).getUsage().getPromptTokens());
  }

  private static GenerateResponse delta(String text) {
    return GenerateResponse.newBuilder().setDelta(TextDelta.newBuilder().setText(text)).build();
  }

  private static GenerateResponse asking(String member) {
    return progress("asking", member);
  }

  private static GenerateResponse progress(String stage, String member) {
    return GenerateResponse.newBuilder()
        .setProgress(Progress.newBuilder().setStage(stage).setMember(member))
        .build();
  }
}
