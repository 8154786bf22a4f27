package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SentenceEmbedderTest {

  private static final SentenceEmbedder EMBEDDER =
      new SentenceEmbedder(new OnnxRuntime(OnnxRuntime.Device.CPU), 2, 16);
  private static final List<String> TEXTS =
      List.of(
          "A man is eating food.",
          "A man is eating a piece of bread.",
          "The stock market fell sharply on Tuesday.",
          "Shares lost a lot of value this week.",
          "12+34=");

  @AfterAll
  static void close() {
    EMBEDDER.close();
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  @Timeout(20)
  void whoMakesItDoesNotWaitUntilItIsLoaded() {
    var made = new CountDownLatch(1);
    Supplier<EmbeddingModel> loading =
        () -> {
          try {
            made.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          throw new ModelLoadException("It is not there.");
        };
    try (var embedder = new SentenceEmbedder(loading, 2, 1)) {
      made.countDown();
      assertThrows(ModelLoadException.class, embedder::await);
      assertThrows(ModelLoadException.class, () -> embedder.embed(TEXTS));
    }
  }

  @Test
  void likeTextsAreNear() {
    List<float[]> v = EMBEDDER.embed(TEXTS).vectors();
    for (float[] vector : v) {
      assertEquals(384, vector.length);
      assertEquals(1, Math.sqrt(dot(vector, vector)), 1e-6);
    }
    // The model's card gives .7553 for the first pair; these weights are quantised.
    assertEquals(.755, dot(v.get(0), v.get(1)), .03);
    assertTrue(dot(v.get(2), v.get(3)) > dot(v.get(2), v.get(0)) + .3);
    assertTrue(Math.abs(dot(v.get(0), v.get(4))) < .3);
  }

  /** The scale of the quantised activations is shared; nothing else is, padding least of all. */
  @Test
  void aTextInCompanyIsNearlyWhatItIsAlone() {
    var texts = new ArrayList<String>();
    for (int i = 0; i < 8; i++) {
      texts.addAll(TEXTS);
    }
    List<float[]> together = EMBEDDER.embed(texts).vectors();
    for (int i = 0; i < texts.size(); i++) {
      float[] alone = EMBEDDER.embed(List.of(texts.get(i))).vectors().getFirst();
      assertEquals(1, dot(alone, together.get(i)), .03, texts.get(i));
    }
  }

  @Test
  void passesOfOneTextGiveTheSameAloneAndAmongOthers() {
    try (var embedder = new SentenceEmbedder(new OnnxRuntime(OnnxRuntime.Device.CPU), 2, 1)) {
      List<float[]> together = embedder.embed(TEXTS).vectors();
      for (int i = 0; i < TEXTS.size(); i++) {
        assertArrayEquals(
            embedder.embed(List.of(TEXTS.get(i))).vectors().getFirst(), together.get(i), 1e-5f);
      }
    }
  }

  /** Words of one letter, and as many blanks, which take none. */
  @Test
  void textThatIsFarTooLongIsRefusedUncut() {
    for (String text : List.of("w ".repeat(20_000), " ".repeat(40_000))) {
      var refused =
          assertThrows(FailureException.class, () -> EMBEDDER.embed(List.of("short", text)));
      assertEquals("CONTEXT_LENGTH_EXCEEDED", refused.failure().reason());
      assertEquals("texts[1]", ((Failure.InvalidArgument) refused.failure()).field());
      assertTrue(refused.getMessage().contains("has 40000 characters"), refused.getMessage());
    }
    assertEquals(2, EMBEDDER.embed(List.of(" ".repeat(SentenceEmbedder.MOST_CHARACTERS))).tokens());
  }

  /** The first and last half: what stands between makes no difference, what stands there does. */
  @Test
  void longTextsKeepTheirEnds() {
    String head = "alpha ".repeat(200);
    String tail = " omega".repeat(200);
    var texts =
        List.of(
            head + "beta ".repeat(500) + tail,
            head + "gamma ".repeat(70_000) + tail,
            "gamma ".repeat(700) + tail,
            TEXTS.getFirst());
    try (var alone = new SentenceEmbedder(new OnnxRuntime(OnnxRuntime.Device.CPU), 1, 1)) {
      var cut = alone.embed(texts, 256);
      assertEquals(3 * 256 + 8, cut.tokens());
      assertArrayEquals(cut.vectors().get(0), cut.vectors().get(1), 1e-6f);
      assertTrue(
          dot(cut.vectors().get(0), cut.vectors().get(2)) < 0.99, "the beginning must count");
      assertArrayEquals(
          alone.embed(TEXTS.subList(0, 1)).vectors().getFirst(), cut.vectors().get(3), 1e-6f);
      for (int wrong : new int[] {2, 3, 255, 514}) {
        assertEquals(
            "kept_tokens is %d; it takes an even number from 4 to 512.".formatted(wrong),
            assertThrows(FailureException.class, () -> alone.embed(texts, wrong)).getMessage());
      }
    }
  }

  @Test
  void tokensAreCountedAndTooManyRefused() {
    // [CLS] a man is eating food . [SEP]
    assertEquals(8, EMBEDDER.embed(TEXTS.subList(0, 1)).tokens());
    assertEquals(1, EMBEDDER.embed(List.of("word ".repeat(510))).vectors().size());
    FailureException refused =
        assertThrows(
            FailureException.class, () -> EMBEDDER.embed(List.of("short", "word ".repeat(600))));
    assertEquals("CONTEXT_LENGTH_EXCEEDED", refused.failure().reason());
    assertTrue(refused.getMessage().contains("602") && refused.getMessage().contains("512"));
  }
}
