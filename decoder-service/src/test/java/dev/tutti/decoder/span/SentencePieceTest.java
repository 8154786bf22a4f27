package dev.tutti.decoder.span;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.PieceIndex;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.fixture.SentencePiece;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.runtime.ModelFolder;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.decoder.runtime.OnnxRuntime;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SentencePiece with byte fallback, beside characters and a byte-pair encoding. */
class SentencePieceTest {

  private static final List<LanguageModel> MODELS = new ArrayList<>();
  private static final int SENTENCE_PIECES = SentencePiece.values().length;

  @BeforeAll
  static void load(@TempDir Path folder) {
    var runtime = new OnnxRuntime(OnnxRuntime.Device.CPU);
    for (SentencePiece marks : SentencePiece.values()) {
      marks.write(folder.resolve(marks.name()));
      MODELS.add(
          OnnxLanguageModel.load(marks.name(), runtime, ModelFolder.below(folder, marks.name())));
    }
    MODELS.add(ModelFiles.load("adder-weak-1"));
    MODELS.add(ModelFiles.load("wordsmith"));
  }

  @AfterAll
  static void close() {
    MODELS.forEach(LanguageModel::close);
    MODELS.clear();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] spelt(Vocabulary vocabulary, int[] tokens) {
    var text = new ByteArrayOutputStream();
    for (int token : tokens) {
      text.writeBytes(vocabulary.bytes(token));
    }
    return text.toByteArray();
  }

  private static List<String> pieces(Tokenizer tokenizer, String text) {
    return Arrays.stream(tokenizer.encodeBehind(text).orElseThrow())
        .mapToObj(t -> new String(tokenizer.bytes(t), StandardCharsets.ISO_8859_1))
        .toList();
  }

  /** Behind other text no space is put before it, and none that is there is lost. */
  @Test
  void marksAreSpacesAndWhatHasNoTokenIsBytes() {
    for (LanguageModel model : MODELS.subList(0, SENTENCE_PIECES)) {
      Tokenizer tokenizer = model.tokenizer();
      assertEquals(List.of("ab"), pieces(tokenizer, "ab"), model.name());
      assertEquals(List.of(" ab", "12", " a"), pieces(tokenizer, " ab12 a"), model.name());
      assertEquals(List.of(" ", " a"), pieces(tokenizer, "  a"), model.name());
      assertEquals(
          List.of("z", "\n", "\u00f0", "\u009f", "\u0098", "\u0080"),
          pieces(tokenizer, "z\n😀"),
          model.name());
    }
  }

  /** A mark that is text itself is not the space that it stands for. */
  @Test
  void aMarkInTheTextStaysOne() {
    for (LanguageModel model : MODELS.subList(0, SENTENCE_PIECES)) {
      var index = new PieceIndex(model.tokenizer());
      for (String text : List.of("▁", "a▁b", "▁ ▁")) {
        int[] tokens = index.tokens(bytes(text)).orElseThrow();
        assertArrayEquals(bytes(text), spelt(model.tokenizer(), tokens), model.name());
      }
    }
  }

  @Test
  void spansOfAnyBytesSurviveEveryPair() {
    var random = new SplittableRandom(3);
    for (int i = 0; i < 100; i++) {
      int words = random.nextInt(5);
      int spans = 1 + random.nextInt(5);
      List<TextJoin> joins =
          MODELS.stream().map(model -> new TextJoin(model.tokenizer(), words)).toList();
      byte[] text = {};
      var tokens = new ArrayList<int[]>();
      MODELS.forEach(_ -> tokens.add(new int[0]));
      for (int s = 0; s < spans; s++) {
        // What a member writes, spelt by its own tokens, all others read.
        int writer = random.nextInt(MODELS.size());
        byte[] drawn = SentencePiece.random(random);
        Tokenizer its = MODELS.get(writer).tokenizer();
        byte[] added = spelt(its, new PieceIndex(its).tokens(drawn).orElse(new int[0]));
        var longer = new ByteArrayOutputStream();
        longer.writeBytes(text);
        longer.writeBytes(added);
        for (int m = 0; m < MODELS.size(); m++) {
          Optional<int[]> joined = joins.get(m).join(tokens.get(m), text, added);
          tokens.set(m, joined.orElseThrow());
          assertArrayEquals(longer.toByteArray(), spelt(MODELS.get(m).tokenizer(), tokens.get(m)));
        }
        text = longer.toByteArray();
      }
    }
  }

  /** Whatever piece of the union an answer goes on with, nobody is left out. */
  @Test
  void piecesOfEveryMemberAreWrittenByAll() {
    var plan =
        new GacEnsemble(GacEnsemble.Settings.DEFAULTS)
            .plan(MODELS.stream().map(model -> TokenMember.of(model, 1)).toList());
    var random = new SplittableRandom(4);
    for (int i = 0; i < 3; i++) {
      List<TokenPrompt> prompts =
          MODELS.stream()
              .map(m -> new TokenPrompt(m, m.contextLength(), m.rawPrompt("a1")))
              .toList();
      try (FusedSession session = plan.open(prompts, StepRunner.SEQUENTIAL)) {
        for (int step = 0; step < 8; step++) {
          session.next();
          int token = random.nextInt(session.vocabulary().size());
          while (session.vocabulary().isSpecial(token)) {
            token = random.nextInt(session.vocabulary().size());
          }
          session.append(token);
        }
        for (int m = 0; m < MODELS.size(); m++) {
          assertEquals(Optional.empty(), session.activity(m).failure(), MODELS.get(m).name());
        }
        assertTrue(session.remaining() > 0);
      }
    }
  }
}
