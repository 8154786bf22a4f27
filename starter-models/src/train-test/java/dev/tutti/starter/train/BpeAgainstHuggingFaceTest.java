package dev.tutti.starter.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.tutti.starter.train.tokenizer.BpeTrainer;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import dev.tutti.starter.train.tokenizer.TokenizerFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BpeAgainstHuggingFaceTest {

  private static final List<String> CORPUS =
      List.of(
          "the cat sat on the mat, the dog sat on the cat",
          "Grüße aus der Straße; größer, grüner, Straße",
          "世界你好，世界 🎻🎻 naïve café",
          "12+34=46 123+456=579 100+100=200 it's they're we'll");

  private final BpeVocabulary learned = BpeTrainer.train(CORPUS, 60);

  @Test
  void theMostFrequentPairIsLearnedFirst() {
    BpeVocabulary vocabulary = BpeTrainer.train(List.of("aab aab ab"), 2);
    // "ab" occurs three times; then " ab" needs its space, "aab" its a.
    assertEquals("ab", vocabulary.merges().getFirst().joined());
    assertEquals(2, vocabulary.merges().size());
  }

  @Test
  void pairsThatOccurOnceAreNotLearned() {
    assertTrue(BpeTrainer.train(List.of("abcdef"), 10).merges().isEmpty());
  }

  @Test
  void encodesAndDecodesAsTheHuggingFaceRuntimeDoes() throws IOException {
    for (BpeVocabulary vocabulary :
        List.of(
            new BpeVocabulary(List.of()),
            learned,
            Recipes.named("adder-strong").vocabulary(),
            Recipes.named("wordsmith").vocabulary())) {
      byte[] json =
          TokenizerFiles.tokenizer(vocabulary).toString().getBytes(StandardCharsets.UTF_8);
      try (HuggingFaceTokenizer reference =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json), Map.of("truncation", "false"))) {
        CORPUS.forEach(text -> assertSame(vocabulary, reference, text));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 3000; i++) {
          assertSame(vocabulary, reference, text(random));
        }
      }
    }
  }

  private static void assertSame(
      BpeVocabulary vocabulary, HuggingFaceTokenizer reference, String text) {
    int[] ours = vocabulary.encode(text);
    long[] theirs = reference.encode(text, false, false).getIds();
    assertArrayEquals(theirs, Arrays.stream(ours).asLongStream().toArray(), text);
    assertEquals(text, vocabulary.decode(ours));
    assertEquals(text, reference.decode(theirs, true));
  }

  /** Random text: ASCII, Latin, CJK, emoji, white space, controls; no unassigned characters. */
  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(1, 30);
    while (text.length() < length) {
      int point =
          switch (random.nextInt(7)) {
            case 0, 1 -> random.nextInt(0x20, 0x7F);
            case 2 -> "the cat 'll's\n\t 0123456789".codePointAt(random.nextInt(25));
            case 3 -> random.nextInt(0xA0, 0x250);
            case 4 -> random.nextInt(0x4E00, 0x9FA0);
            case 5 -> random.nextInt(0x1F600, 0x1F640);
            default -> random.nextInt(0x110000);
          };
      if (Character.isDefined(point) && Character.getType(point) != Character.SURROGATE) {
        text.appendCodePoint(point);
      }
    }
    return text.toString();
  }
}
