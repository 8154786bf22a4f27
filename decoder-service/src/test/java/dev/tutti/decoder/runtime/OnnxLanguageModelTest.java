package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runtime on a decoder that is worked out by hand: {@code logits[t] = sum E[x_i] + t * q}. */
class OnnxLanguageModelTest {

  private static final float[][] E = {
    {1, 0, 2, 0},
    {0, 3, 0, 1},
    {-1, 1, 0, 0},
    {0, 0, 0, 0}
  };
  private static final float[] Q = {0.5f, 0, 0, -0.25f};
  private static final OnnxRuntime RUNTIME = new OnnxRuntime(OnnxRuntime.Device.CPU);

  /** In our words: none of the library's, and no path of this machine. */
  private static final String CORRUPT =
      "model.onnx is no ONNX graph that can run here: it is corrupt, or of another format.";

  @TempDir Path root;

  @BeforeEach
  void writeModel() {
    ModelFiles.writeTiny(root.resolve("tiny"), "abc", E, Q, 2_000);
  }

  private LanguageModel load() {
    return OnnxLanguageModel.load("tiny", RUNTIME, ModelFolder.below(root, "tiny"));
  }

  private String refused() {
    return assertThrows(ModelLoadException.class, this::load).getMessage();
  }

  private static double[] softmax(double... logits) {
    double max = java.util.Arrays.stream(logits).max().orElseThrow();
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - max);
    }
    var p = new double[logits.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(logits[i] - max) / sum;
    }
    return p;
  }

  private static void assertNext(DecodeSession session, double... logits) {
    assertArrayEquals(softmax(logits), session.next().probabilities(), 1e-6);
  }

  @Test
  void tokensReadTogetherAndOneByOneGiveTheLogitsWorkedOutByHand() {
    try (LanguageModel model = load();
        DecodeSession together = model.open();
        DecodeSession single = model.open()) {
      together.append(0, 1, 0);
      // a + b + a, at position 2.
      assertNext(together, 1 + 0 + 1 + 2 * .5, 3, 4, 1 - 2 * .25);
      single.append(0);
      assertNext(single, 1, 0, 2, 0);
      single.append(1);
      assertNext(single, 1.5, 3, 2, 1 - .25);
      single.append(0);
      assertNext(single, 3, 3, 4, .5);
    }
  }

  @Test
  void aRewoundSessionGoesOnAsIfNothingHadBeen() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      session.append(0, 1, 2, 2, 1);
      session.next();
      session.rewind(2);
      assertEquals(2, session.length());
      assertNext(session, 1.5, 3, 2, .75);
      session.append(0);
      assertNext(session, 3, 3, 4, .5);
      session.append(2);
      session.rewind(3);
      assertNext(session, 3, 3, 4, .5);
      session.rewind(0);
      assertThrows(IllegalStateException.class, session::next);
      session.append(1);
      assertNext(session, 0, 3, 0, 1);
    }
  }

  @Test
  void forksShareWhatWasReadAndNothingElse() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      session.append(0);
      session.next();
      DecodeSession fork = session.fork();
      fork.append(1);
      session.append(2);
      assertNext(session, 0 + .5, 1, 2, -.25);
      assertNext(fork, 1.5, 3, 2, .75);
      fork.close();
      fork.close();
      session.append(2);
      assertNext(session, -1 + 1, 2, 2, -.5);
    }
  }

  @Test
  void scoresAreTheLogProbabilitiesOfTheTokensInTurn() {
    try (LanguageModel model = load();
        DecodeSession session = model.open();
        DecodeSession stepwise = model.open()) {
      session.append(0);
      double[] scores = session.score(1, 0, 2);
      assertEquals(Math.log(softmax(1, 0, 2, 0)[1]), scores[0], 1e-6);
      assertEquals(Math.log(softmax(1.5, 3, 2, .75)[0]), scores[1], 1e-6);
      assertEquals(Math.log(softmax(3, 3, 4, .5)[2]), scores[2], 1e-6);
      stepwise.append(0, 1, 0, 2);
      assertArrayEquals(stepwise.next().probabilities(), session.next().probabilities(), 1e-7);
      assertEquals(0, session.score().length);
    }
  }

  /** However a session came to its tokens, and whichever of them it has read. */
  @Test
  void branchesAreScoredAloneWhateverIsRead() {
    try (LanguageModel model = load()) {
      for (int state = 0; state < 5; state++) {
        for (List<int[]> branches :
            List.of(
                List.of(new int[] {1}),
                List.of(new int[] {1}, new int[] {2}, new int[] {0}),
                List.of(new int[] {1, 2}, new int[] {1, 0}, new int[] {1, 2}, new int[0]),
                List.of(new int[] {2, 0, 1, 1}, new int[] {0}, new int[] {0, 1}))) {
          try (DecodeSession session = model.open();
              DecodeSession same = model.open()) {
            session.append(0, 2, 1);
            same.append(0, 2, 1);
            switch (state) {
              case 1 -> session.next();
              case 2 -> {
                session.next();
                session.append(1, 1);
                same.append(1, 1);
              }
              case 3 -> {
                session.append(2, 2);
                session.next();
                session.rewind(3);
              }
              case 4 -> {
                session.next();
                session.rewind(1);
                same.rewind(1);
              }
              default -> {}
            }
            List<double[]> scores = session.score(branches);
            for (int b = 0; b < branches.size(); b++) {
              try (DecodeSession fork = same.fork()) {
                assertArrayEquals(fork.score(branches.get(b)), scores.get(b), 1e-6);
              }
            }
            assertArrayEquals(same.tokens(), session.tokens());
            assertArrayEquals(same.next().probabilities(), session.next().probabilities(), 1e-6);
          }
        }
      }
    }
  }

  /** Of a branch the last token is not read, so it needs no room. */
  @Test
  void aBranchMayHaveOneTokenMoreThanFits() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      session.append(0);
      int[] longest = new int[session.remaining() + 1];
      List<double[]> scores = session.score(List.of(longest, new int[] {1, 1}));
      assertEquals(longest.length, scores.getFirst().length);
      assertTrue(scores.getFirst()[longest.length - 1] < 0);
      assertThrows(
          IllegalArgumentException.class,
          () -> session.score(List.of(new int[longest.length + 1], new int[] {1})));
    }
  }

  /** Behind a: b a c, nothing, c and a a; as one after the other would have it. */
  @Test
  void branchesAreScoredTogetherAsOneByOne() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      assertThrows(IllegalStateException.class, () -> session.score(List.of(new int[] {1})));
      session.append(0);
      int[][] branches = {{1, 0, 2}, {}, {2}, {0, 0}};
      List<double[]> scores = session.score(List.of(branches));
      assertEquals(Math.log(softmax(1, 0, 2, 0)[1]), scores.get(0)[0], 1e-6);
      assertEquals(Math.log(softmax(1.5, 3, 2, .75)[0]), scores.get(0)[1], 1e-6);
      assertEquals(Math.log(softmax(3, 3, 4, .5)[2]), scores.get(0)[2], 1e-6);
      assertEquals(0, scores.get(1).length);
      assertEquals(Math.log(softmax(1, 0, 2, 0)[2]), scores.get(2)[0], 1e-6);
      for (int b = 0; b < branches.length; b++) {
        try (DecodeSession fork = session.fork()) {
          assertArrayEquals(fork.score(branches[b]), scores.get(b), 1e-6);
        }
      }
      assertEquals(1, session.length());
      assertNext(session, 1, 0, 2, 0);
      assertEquals(List.of(), session.score(List.of()));
      assertThrows(
          IllegalArgumentException.class,
          () -> session.score(List.of(new int[] {1}, new int[] {4})));
      assertThrows(
          IllegalArgumentException.class,
          () -> session.score(List.of(new int[] {1}, new int[100_000])));
    }
  }

  /** Forty branches of up to twelve tokens; wordsmith's attention reads one row at a time. */
  @Test
  void branchesOfATrainedModelAreScoredTogetherAsOneByOne() {
    for (String name : List.of("adder-weak-1", "wordsmith")) {
      try (LanguageModel model = ModelFiles.load(name);
          DecodeSession session = model.open()) {
        session.append(model.rawPrompt("123+45"));
        var random = new SplittableRandom(5);
        List<int[]> branches =
            IntStream.range(0, 40)
                .mapToObj(_ -> random.ints(random.nextInt(13), 0, 256).toArray())
                .toList();
        List<double[]> together = session.score(branches);
        for (int b = 0; b < branches.size(); b++) {
          try (DecodeSession fork = session.fork()) {
            assertArrayEquals(fork.score(branches.get(b)), together.get(b), 1e-4);
          }
        }
      }
    }
  }

  /** a, then b and a proposed: as above, whether the session had read its last token or not. */
  @Test
  void proposedTokensTellTheDistributionsOfAllTheirPlaces() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      assertThrows(IllegalStateException.class, () -> session.next(1));
      session.append(0);
      for (boolean read : List.of(false, true, false)) {
        if (read) {
          session.next();
        }
        List<Distribution> places = session.next(1, 0);
        assertEquals(3, places.size());
        assertArrayEquals(softmax(1, 0, 2, 0), places.get(0).probabilities(), 1e-6);
        assertArrayEquals(softmax(1.5, 3, 2, .75), places.get(1).probabilities(), 1e-6);
        assertArrayEquals(softmax(3, 3, 4, .5), places.get(2).probabilities(), 1e-6);
        assertEquals(3, session.length());
        assertNext(session, 3, 3, 4, .5);
        // The caller's: what the session does next changes none of them.
        session.rewind(1);
        assertNext(session, 1, 0, 2, 0);
        assertArrayEquals(softmax(3, 3, 4, .5), places.get(2).probabilities(), 1e-6);
        session.rewind(0);
        session.append(0);
      }
      session.next();
      assertArrayEquals(
          softmax(1, 0, 2, 0), session.next(new int[0]).getFirst().probabilities(), 1e-6);
      session.append(1);
      session.append(0);
      // Nothing proposed, two tokens unread.
      assertArrayEquals(
          softmax(3, 3, 4, .5), session.next(new int[0]).getFirst().probabilities(), 1e-6);
      assertThrows(IllegalArgumentException.class, () -> session.next(4));
    }
  }

  /** 1,200 proposed tokens are read as 512 + 512 + 177: a and 1,199 times nothing. */
  @Test
  void manyProposedTokensAreReadInParts() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      session.append(0);
      var nothing = new int[1_199];
      java.util.Arrays.fill(nothing, 3);
      List<Distribution> places = session.next(nothing);
      assertEquals(1_200, places.size());
      for (int i : new int[] {0, 511, 512, 1_199}) {
        assertArrayEquals(softmax(1 + .5 * i, 0, 2, -.25 * i), places.get(i).probabilities(), 1e-6);
      }
    }
  }

  @Test
  void aGraphThatExportsNoHiddenStateTellsNone() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      session.append(0);
      assertEquals(Optional.empty(), session.hidden());
      // Its logits are a sum, no product.
      assertTrue(model.outputEmbeddings().isEmpty());
    }
  }

  @Test
  void aSessionTellsItsTokens() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      session.append(0, 1);
      session.append(2, 2);
      session.rewind(3);
      assertArrayEquals(new int[] {0, 1, 2}, session.tokens());
      try (DecodeSession fork = session.fork()) {
        fork.append(0);
        assertArrayEquals(new int[] {0, 1, 2, 0}, fork.tokens());
        assertArrayEquals(new int[] {0, 1, 2}, session.tokens());
      }
    }
  }

  /** Longer than one part of a prompt: 1,500 tokens are read as 512 + 512 + 476. */
  @Test
  void longPromptsAreReadInParts() {
    try (LanguageModel model = load();
        DecodeSession parts = model.open();
        DecodeSession scored = model.open()) {
      var tokens = new int[1_500];
      for (int i = 0; i < tokens.length; i++) {
        // Three times nothing, then c.
        tokens[i] = i % 4 == 3 ? 2 : 3;
      }
      parts.append(tokens);
      // 375 times c at position 1,499: a has -375 + 749.5, b 375.
      assertNext(parts, 374.5, 375, 0, -1_499 * .25);
      scored.append(tokens[0]);
      scored.score(java.util.Arrays.copyOfRange(tokens, 1, tokens.length));
      assertNext(scored, 374.5, 375, 0, -1_499 * .25);
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      assertEquals(2_000, model.contextLength());
      assertThrows(IllegalStateException.class, session::next);
      assertThrows(IllegalArgumentException.class, () -> session.append(4));
      assertThrows(IllegalArgumentException.class, () -> session.append(-1));
      session.append(new int[1_999]);
      assertEquals(1, session.remaining());
      assertThrows(IllegalArgumentException.class, () -> session.append(0, 0));
      assertThrows(IllegalArgumentException.class, () -> session.rewind(2_000));
    }
  }

  @Test
  void anInterruptedThreadStopsBeforeTheNextPass() {
    try (LanguageModel model = load();
        DecodeSession session = model.open()) {
      session.append(0);
      Thread.currentThread().interrupt();
      assertThrows(CancelledException.class, session::next);
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void aCancelledCallStopsBeforeTheNextPass() {
    try (LanguageModel model = load();
        DecodeSession session = model.open();
        Context.CancellableContext call = Context.current().withCancellation()) {
      session.append(0);
      call.run(session::next);
      session.append(1);
      call.cancel(null);
      assertThrows(CancelledException.class, () -> call.run(session::next));
    }
  }

  /** 100,000 tokens are some 200 parts, on the caller's thread and on a helper's. */
  @Test
  void aCancelledStepEndsBetweenThePartsOfItsPrompts() throws InterruptedException {
    ModelFiles.writeTiny(root.resolve("tiny"), "abc", E, Q, 100_000);
    var reading = new CountDownLatch(2);
    var cancelled = new AtomicInteger();
    try (LanguageModel model = load();
        DecodeSession one = model.open();
        DecodeSession two = model.open();
        var runner = new SideBySide(2);
        Context.CancellableContext call = Context.current().withCancellation()) {
      one.append(new int[100_000]);
      two.append(new int[100_000]);
      Thread step =
          Thread.ofPlatform()
              .start(
                  call.wrap(
                      () ->
                          runner.run(
                              2,
                              i -> {
                                reading.countDown();
                                try {
                                  (i == 0 ? one : two).next();
                                } catch (CancelledException e) {
                                  cancelled.incrementAndGet();
                                }
                              })));
      reading.await();
      call.cancel(null);
      step.join();
    }
    assertEquals(2, cancelled.get());
  }

  @Test
  void theTemplateMakesThePrompt() {
    try (LanguageModel model = load()) {
      assertArrayEquals(
          new int[] {1, 0, 2},
          model.prompt(List.of(new Turn("system", "aaa"), new Turn("user", "bac"))));
      assertTrue(model.tokenizer().isEnd(3));
      assertEquals(4, model.tokenizer().size());
    }
  }

  @Test
  void aCorruptGraphIsNamed() throws IOException {
    Files.write(root.resolve("tiny/model.onnx"), new byte[] {1, 2, 3, 4, 5});
    assertEquals(CORRUPT, refused());
    byte[] half = new byte[300];
    System.arraycopy(dev.tutti.decoder.fixture.TinyDecoder.model(E, Q), 0, half, 0, 300);
    Files.write(root.resolve("tiny/model.onnx"), half);
    assertEquals(CORRUPT, refused());
  }

  @Test
  void aTokenizerThatDoesNotMatchIsRefusedWithFigures() {
    ModelFiles.write(root.resolve("tiny/tokenizer.json"), ModelFiles.characterTokenizer("abcdef"));
    assertEquals(
        "tokenizer.json does not match model.onnx: it has 7 tokens, the graph has 4 logits.",
        refused());
    ModelFiles.write(root.resolve("tiny/tokenizer.json"), ModelFiles.characterTokenizer("ab"));
    assertEquals(
        "tokenizer.json does not match model.onnx: it has 3 tokens, the graph has 4 logits.",
        refused());
    ModelFiles.write(root.resolve("tiny/tokenizer.json"), "{\"model\": ");
    assertEquals("tokenizer.json is not valid JSON, line 1 column 11.", refused());
    ModelFiles.write(
        root.resolve("tiny/tokenizer.json"),
        ModelFiles.characterTokenizer("abc").replace("\"BPE\"", "\"Nonsense\""));
    assertTrue(
        refused()
            .matches(
                "tokenizer.json is no tokenizer of Hugging Face's(, line \\d+ column \\d+)?\\."),
        refused());
    ModelFiles.write(root.resolve("tiny/tokenizer.json"), "{}");
    assertTrue(refused().contains("it has 0 tokens"), refused());
  }

  @Test
  void aConfigurationThatContradictsTheGraphIsRefused() {
    Path config = root.resolve("tiny/config.json");
    ModelFiles.write(
        config, "{\"vocab_size\": 5, \"eos_token_id\": 3, \"max_position_embeddings\": 9}");
    assertEquals(
        "config.json contradicts model.onnx: vocab_size is 5, the graph has 4 logits.", refused());
    ModelFiles.write(config, "{\"eos_token_id\": 8, \"max_position_embeddings\": 9}");
    assertTrue(refused().contains("names 8 as an end token"), refused());
    ModelFiles.write(config, "{\"eos_token_id\": 3}");
    assertTrue(refused().contains("max_position_embeddings"), refused());
    ModelFiles.write(config, "{\"max_position_embeddings\": 9}");
    ModelFiles.write(root.resolve("tiny/tokenizer_config.json"), "{}");
    assertTrue(refused().contains("eos_token_id"), refused());
  }

  @Test
  void onlyFoldersBelowTheModelsFolderAreOpened(@TempDir Path outside) throws IOException {
    for (String location :
        List.of("", " ", "..", "../x", "tiny/../..", outside.toString(), "/etc")) {
      String message =
          assertThrows(ModelLoadException.class, () -> ModelFolder.below(root, location))
              .getMessage();
      assertTrue(message.contains("no path below the models folder"), message);
    }
    Files.createSymbolicLink(root.resolve("link"), outside);
    assertThrows(ModelLoadException.class, () -> ModelFolder.below(root, "link"));
    assertThrows(ModelLoadException.class, () -> ModelFolder.below(root, "missing"));
    // Not even to where it might go by itself.
    Files.createSymbolicLink(root.resolve("twin"), root.resolve("tiny"));
    assertThrows(ModelLoadException.class, () -> ModelFolder.below(root, "twin"));
    Path secret = Files.writeString(outside.resolve("secret"), "{\"password\": 1}");
    Path linked = Files.createSymbolicLink(root.resolve("tiny/chat_template.jinja"), secret);
    assertEquals(
        "chat_template.jinja of tiny is a symbolic link, and links are not followed.", refused());
    Files.delete(linked);
    Files.delete(root.resolve("tiny/config.json"));
    assertEquals("tiny lacks config.json.", refused());
  }

  @Test
  void parametersAndHashAreThoseOfTheFiles() throws IOException {
    ModelFolder folder = ModelFolder.below(root, "tiny");
    // E 16, q 4, and the constants half, one, two, axis, end.
    assertEquals(25, folder.parameters());
    String before = folder.sha256();
    assertEquals(64, before.length());
    Files.writeString(folder.file("notes.txt"), "not part of the model");
    assertEquals(before, folder.sha256());
    Files.writeString(folder.file("config.json"), "{}");
    assertTrue(!before.equals(folder.sha256()));
  }
}
