package dev.tutti.decoder.bytes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.TopSession.Appended;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.fixture.SentencePiece;
import dev.tutti.decoder.runtime.ModelFolder;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.decoder.runtime.OnnxRuntime;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On real tokenizers and sessions: characters, byte-pair encodings of 8 and 200 merges, and
 * SentencePiece with byte fallback.
 */
class StarterBytesTest {

  private static final List<LanguageModel> MODELS = new ArrayList<>();

  @BeforeAll
  static void load(@TempDir Path folder) {
    var runtime = new OnnxRuntime(OnnxRuntime.Device.CPU);
    for (SentencePiece marks : SentencePiece.values()) {
      marks.write(folder.resolve(marks.name()));
      MODELS.add(
          OnnxLanguageModel.load(marks.name(), runtime, ModelFolder.below(folder, marks.name())));
    }
    for (String name : List.of("adder-weak-1", "adder-bpe-1", "wordsmith")) {
      MODELS.add(ModelFiles.load(name));
    }
  }

  @AfterAll
  static void close() {
    MODELS.forEach(LanguageModel::close);
  }

  private static byte[] text(LanguageModel model, int[] tokens) {
    var text = new ByteArrayOutputStream();
    for (int token : tokens) {
      text.writeBytes(model.tokenizer().bytes(token));
    }
    return text.toByteArray();
  }

  /** Bytes, whole characters and halves of them, digits that merge. */
  private static byte[] random(SplittableRandom random) {
    var text = new ByteArrayOutputStream();
    int parts = random.nextInt(6);
    for (int i = 0; i < parts; i++) {
      switch (random.nextInt(3)) {
        case 0 -> text.write(random.nextInt(256));
        case 1 ->
            text.writeBytes(
                "zé\u20ac\ud83d\ude00 ".substring(0, 2).getBytes(StandardCharsets.UTF_8));
        default ->
            text.writeBytes(
                Integer.toString(random.nextInt(1_000)).getBytes(StandardCharsets.UTF_8));
      }
    }
    return text.toByteArray();
  }

  @Test
  void randomBytesSurviveEveryPairOfTokenizers() {
    List<TokenCuts> cuts = MODELS.stream().map(m -> new TokenCuts(m.tokenizer())).toList();
    var random = new SplittableRandom(8);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = i % 2 == 0 ? random(random) : SentencePiece.random(random);
      for (int first = 0; first < cuts.size(); first++) {
        byte[] once = text(MODELS.get(first), cuts.get(first).tokens(bytes).orElseThrow());
        for (int second = 0; second < cuts.size(); second++) {
          int[] twice = cuts.get(second).tokens(once).orElseThrow();
          assertArrayEquals(bytes, text(MODELS.get(second), twice));
        }
      }
    }
  }

  @Test
  void randomBytesAreWrittenByteByByteByEveryMember() {
    var random = new SplittableRandom(9);
    for (int i = 0; i < 10; i++) {
      byte[] bytes = random(random);
      for (LanguageModel model : MODELS) {
        try (ByteMember member = member(model, "1+2=")) {
          for (byte b : bytes) {
            assertTrue(member.ask());
            assertEquals(1, Arrays.stream(member.ratings(ByteSymbols.ALL)).sum(), 1e-9);
            assertEquals(Appended.WRITTEN, member.append(b & 0xFF, new byte[] {b}));
          }
          assertTrue(member.ask());
        }
      }
    }
  }

  private static ByteMember member(LanguageModel model, String prompt) {
    DecodeSession session = model.open();
    session.append(model.prompt(List.of(new Turn("user", prompt))));
    return new ByteMember(new TokenCuts(model.tokenizer()), new HeadBounds(8, 1e-6), session);
  }

  /** What is gone back over, or was not asked about, ends in the same as what was written so. */
  @Test
  void whateverTheWayTheDistributionIsTheSame() {
    byte[] text = "12 10 99 100 7 31".getBytes(StandardCharsets.UTF_8);
    for (LanguageModel model : MODELS) {
      try (ByteMember stepwise = member(model, "sort 99 12 10:");
          ByteMember atOnce = member(model, "sort 99 12 10:")) {
        var told = new ArrayList<double[]>();
        for (byte b : text) {
          stepwise.ask();
          told.add(stepwise.ratings(ByteSymbols.ALL).clone());
          stepwise.append(b & 0xFF, new byte[] {b});
          atOnce.append(b & 0xFF, new byte[] {b});
        }
        stepwise.ask();
        told.add(stepwise.ratings(ByteSymbols.ALL).clone());
        atOnce.ask();
        for (int length : new int[] {text.length, 9, 3, 0}) {
          atOnce.rewind(length);
          atOnce.ask();
          stepwise.rewind(length);
          try (ByteMember fork = stepwise.fork()) {
            fork.ask();
            assertClose(told.get(length), fork);
          }
          assertClose(told.get(length), atOnce);
        }
      }
    }
  }

  private static void assertClose(double[] expected, ByteMember member) {
    double[] told = member.ratings(ByteSymbols.ALL);
    for (int s = 0; s < expected.length; s++) {
      assertEquals(expected[s], told[s], 1e-4, "symbol " + s);
    }
  }
}
