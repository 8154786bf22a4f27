package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Turn;
import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session on another decoder beside one of the same model here: bit for bit the same. */
@Timeout(60)
class PeerSessionTest {

  private static final Map<String, String> HOLDERS =
      Map.of("adder-bpe-1", "b", "generalist", "b", "adder-weak-1", "b");

  private static HeldDecoder b;
  private static HeldDecoder a;

  @BeforeAll
  static void start() {
    b = new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()), HOLDERS);
    a = new HeldDecoder(HeldDecoder.Setup.of("a", Map.of("b", b.address())), HOLDERS);
  }

  @AfterAll
  static void stop() {
    a.close();
    b.close();
  }

  private static LanguageModel here(String name) {
    try (var lease = b.pool.acquire(name, "model")) {
      return lease.model();
    }
  }

  private static LanguageModel there(String name) {
    try (var lease = a.pool.acquire(name, "model")) {
      return lease.model();
    }
  }

  private static void assertSame(Distribution expected, Distribution actual) {
    assertArrayEquals(expected.probabilities(), actual.probabilities());
    assertEquals(expected.mostProbable(), actual.mostProbable());
    assertEquals(expected.entropy(), actual.entropy());
    assertEquals(expected.distanceToUniform(), actual.distanceToUniform());
    for (int t = 0; t < expected.size(); t++) {
      assertEquals(expected.logProbability(t), actual.logProbability(t));
    }
  }

  @Test
  void textIsCutAlike() {
    for (String name : HOLDERS.keySet()) {
      LanguageModel here = here(name);
      LanguageModel there = there(name);
      assertFalse(there.runsHere());
      assertTrue(here.runsHere());
      assertEquals(name, there.name());
      assertEquals(64, there.tokensSha256().length());
      assertEquals(here.tokensSha256(), there.tokensSha256());
      assertEquals(here.contextLength(), there.contextLength());
      assertEquals(here.tokenizer().size(), there.tokenizer().size());
      var turns = List.of(new Turn("user", "12+345="));
      assertArrayEquals(here.prompt(turns), there.prompt(turns));
      assertArrayEquals(here.rawPrompt("7 days"), there.rawPrompt("7 days"));
      assertEquals(
          here.leastTokens(List.of(new Turn("user", "1".repeat(100_000)))),
          there.leastTokens(List.of(new Turn("user", "1".repeat(100_000)))));
      for (int t = 0; t < here.tokenizer().size(); t++) {
        assertArrayEquals(here.tokenizer().bytes(t), there.tokenizer().bytes(t));
        assertEquals(here.tokenizer().isEnd(t), there.tokenizer().isEnd(t));
        assertEquals(here.tokenizer().isSpecial(t), there.tokenizer().isSpecial(t));
      }
    }
  }

  @Test
  void outputEmbeddingsAreTheSame() {
    float[][] here = here("generalist").outputEmbeddings().orElseThrow();
    float[][] there = there("generalist").outputEmbeddings().orElseThrow();
    assertEquals(here.length, there.length);
    for (int t = 0; t < here.length; t++) {
      assertArrayEquals(here[t], there[t]);
    }
  }

  /** Several timers run out together: whichever is first, the member is not to blame. */
  @Test
  void whereTheCallersTimeIsOverTheMemberHasNotFailed() {
    LanguageModel there = there("adder-weak-1");
    long failures = a.failures();
    b.beforeSteps(_ -> PeersTest.until(() -> Context.current().isCancelled()));
    try (var clock = Executors.newSingleThreadScheduledExecutor()) {
      for (int round = 0; round < 20; round++) {
        try (var call = Context.current().withDeadlineAfter(20, TimeUnit.MILLISECONDS, clock)) {
          call.run(
              () -> {
                try (DecodeSession session = there.open()) {
                  session.append(1);
                  assertThrows(CancelledException.class, session::next);
                }
              });
        }
      }
    } finally {
      b.beforeSteps(_ -> {});
    }
    PeersTest.until(b::isIdle);
    assertEquals(failures, a.failures());
  }

  /** Any steps in any order, of a session and its forks. */
  @Test
  void anyStepsTellTheSame() {
    for (String name : HOLDERS.keySet()) {
      var random = new Random(name.hashCode());
      for (int round = 0; round < 6; round++) {
        var here = new ArrayList<>(List.of(here(name).open()));
        var there = new ArrayList<>(List.of(there(name).open()));
        for (int step = 0; step < 60; step++) {
          int which = random.nextInt(here.size());
          step(random, which, here, there);
          assertEquals(here.size(), there.size());
          for (int s = 0; s < here.size(); s++) {
            assertEquals(here.get(s).length(), there.get(s).length());
            assertEquals(here.get(s).remaining(), there.get(s).remaining());
            assertArrayEquals(here.get(s).tokens(), there.get(s).tokens());
          }
        }
        here.forEach(DecodeSession::close);
        there.forEach(DecodeSession::close);
      }
    }
    PeersTest.until(() -> a.isIdle() && b.isIdle());
  }

  private static int[] tokens(Random random, int vocabulary, int most) {
    return IntStream.range(0, random.nextInt(most + 1))
        .map(_ -> random.nextInt(vocabulary))
        .toArray();
  }

  private static void step(
      Random random, int which, List<DecodeSession> here, List<DecodeSession> there) {
    DecodeSession one = here.get(which);
    DecodeSession other = there.get(which);
    int vocabulary = there(HOLDERS.keySet().iterator().next()).tokenizer().size();
    int kind = one.length() == 0 ? 0 : random.nextInt(10);
    int[] tokens = tokens(random, Math.min(vocabulary, 20), Math.min(6, one.remaining()));
    switch (kind) {
      case 0, 1 -> {
        one.append(tokens);
        other.append(tokens);
      }
      case 2, 3 -> assertSame(one.next(), other.next());
      case 4 -> {
        List<Distribution> expected = one.next(tokens);
        List<Distribution> actual = other.next(tokens);
        assertEquals(tokens.length + 1, actual.size());
        for (int i = 0; i < actual.size(); i++) {
          assertSame(expected.get(i), actual.get(i));
        }
      }
      case 5 -> assertArrayEquals(one.score(tokens), other.score(tokens));
      case 6 -> {
        var expected = one.hidden();
        var actual = other.hidden();
        assertEquals(expected.isPresent(), actual.isPresent());
        expected.ifPresent(state -> assertArrayEquals(state, actual.orElseThrow()));
      }
      case 9 -> {
        List<int[]> branches =
            Stream.generate(() -> tokens(random, Math.min(vocabulary, 20), one.remaining() + 1))
                .map(b -> b.length == 0 || b.length > 6 ? new int[] {1} : b)
                .limit(random.nextInt(1, 5))
                .toList();
        List<double[]> expected = one.score(branches);
        List<double[]> actual = other.score(branches);
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < actual.size(); i++) {
          assertArrayEquals(expected.get(i), actual.get(i));
        }
      }
      case 7 -> {
        int kept = random.nextInt(one.length() + 1);
        one.rewind(kept);
        other.rewind(kept);
      }
      default -> {
        if (here.size() < 5) {
          here.add(one.fork());
          there.add(other.fork());
        } else {
          here.remove(which).close();
          there.remove(which).close();
        }
      }
    }
  }

  /** Forks are one stream, and any of them may be asked by any thread. */
  @Test
  void forksAreAskedAtOnce() throws InterruptedException {
    try (DecodeSession here = here("adder-weak-1").open();
        DecodeSession there = there("adder-weak-1").open()) {
      int[] prompt = here("adder-weak-1").prompt(List.of(new Turn("user", "12+34=")));
      here.append(prompt);
      there.append(prompt);
      here.next();
      there.next();
      var failures = new AtomicInteger();
      var running = new ArrayList<Thread>();
      for (int f = 0; f < 8; f++) {
        DecodeSession mine = here.fork();
        DecodeSession its = there.fork();
        int digit = f;
        running.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int i = 0; i < 5; i++) {
                        mine.append(digit);
                        its.append(digit);
                        if (!Arrays.equals(
                            mine.next().probabilities(), its.next().probabilities())) {
                          failures.incrementAndGet();
                        }
                      }
                      mine.close();
                      its.close();
                    }));
      }
      for (Thread thread : running) {
        thread.join();
      }
      assertEquals(0, failures.get());
      assertSame(here.next(), there.next());
    }
    PeersTest.until(() -> a.isIdle() && b.isIdle());
  }

  @Test
  void badUseIsRefusedAsOfASessionHere() {
    for (LanguageModel model : List.of(here("adder-weak-1"), there("adder-weak-1"))) {
      int vocabulary = model.tokenizer().size();
      DecodeSession session = model.open();
      assertThrows(IllegalStateException.class, session::next);
      assertThrows(IllegalStateException.class, () -> session.score(1));
      assertThrows(IllegalStateException.class, session::hidden);
      assertEquals(
          "token %d is not within 0..%d".formatted(vocabulary, vocabulary - 1),
          assertThrows(IllegalArgumentException.class, () -> session.append(1, vocabulary))
              .getMessage());
      assertEquals(0, session.length());
      session.append(1, 2);
      assertThrows(IllegalArgumentException.class, () -> session.next(-1));
      assertEquals(2, session.length());
      assertEquals(
          "length = 3, must be within 0..2",
          assertThrows(IllegalArgumentException.class, () -> session.rewind(3)).getMessage());
      int[] many = new int[session.remaining() + 1];
      assertEquals(
          "%d tokens do not fit: 2 of %d are taken".formatted(many.length, model.contextLength()),
          assertThrows(IllegalArgumentException.class, () -> session.score(many)).getMessage());
      session.next();
      session.close();
      session.close();
      assertEquals(
          "The session is closed.",
          assertThrows(IllegalStateException.class, session::next).getMessage());
    }
    PeersTest.until(() -> a.isIdle() && b.isIdle());
  }
}
