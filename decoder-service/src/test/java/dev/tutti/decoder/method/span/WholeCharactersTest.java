package dev.tutti.decoder.method.span;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Members whose vocabularies are bytes with merges of their own, which cut characters anywhere: all
 * of them write and judge to the end, however short spans are.
 */
class WholeCharactersTest {

  private static final List<String> TEXTS =
      List.of(
          "\uD83D\uDE00日本\uD83C\uDF89語",
          "日\uD83C\uDF89\uD83C\uDF89字\uD83D\uDE00é",
          "字é日語\uD83D\uDE00");

  /** All bytes of the texts, and runs of two to six that are merged. */
  private static List<String> vocabulary(SplittableRandom random) {
    var pieces = new TreeSet<String>();
    for (String text : TEXTS) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      for (int at = 0; at < bytes.length; at++) {
        pieces.add(piece(bytes, at, at + 1));
        int to = at + random.nextInt(2, 7);
        if (random.nextInt(3) == 0 && to <= bytes.length && isOneCut(bytes, at, to)) {
          pieces.add(piece(bytes, at, to));
        }
      }
    }
    return new ArrayList<>(pieces);
  }

  /** Whether a piece ends with a character, or is within one. */
  private static boolean isOneCut(byte[] bytes, int from, int to) {
    boolean within = true;
    for (int i = from + 1; i < to; i++) {
      within &= (bytes[i] & 0xC0) == 0x80;
    }
    return within || to == bytes.length || (bytes[to] & 0xC0) != 0x80;
  }

  private static String piece(byte[] bytes, int from, int to) {
    var piece = new StringBuilder();
    for (int i = from; i < to; i++) {
      piece.append("<0x%02X>".formatted(bytes[i] & 0xff));
    }
    return piece.toString();
  }

  /** Goes on with its text wherever it stands: by the longest piece, or else by any. */
  private static ScriptedModel model(String name, String text, SplittableRandom random) {
    List<String> pieces = vocabulary(random);
    byte[] wanted = text.repeat(20).getBytes(StandardCharsets.UTF_8);
    var own = new ScriptedModel[1];
    own[0] =
        new ScriptedModel(
            name,
            pieces,
            400,
            tokens -> {
              Tokenizer tokenizer = own[0].tokenizer();
              var written = new ByteArrayOutputStream();
              tokens.stream().skip(1).forEach(t -> written.writeBytes(tokenizer.bytes(t)));
              int at = place(wanted, written.toByteArray());
              int best =
                  IntStream.range(0, pieces.size())
                      .filter(t -> stands(wanted, at, tokenizer.bytes(t)))
                      .reduce((a, b) -> longer(tokenizer, a, b))
                      .orElse(0);
              var all = new double[pieces.size() + 1];
              Arrays.fill(all, .2 / pieces.size());
              all[pieces.size()] = 0;
              all[best] += .8;
              return all;
            });
    return own[0];
  }

  /** Behind as many characters as are written, and as much of the next one. */
  private static int place(byte[] wanted, byte[] written) {
    int rest = Utf8.incompleteTail(written, written.length);
    int characters = 0;
    for (int i = 0; i < written.length - rest; i++) {
      characters += (written[i] & 0xC0) == 0x80 ? 0 : 1;
    }
    int at = 0;
    for (int seen = 0; at < wanted.length; at++) {
      seen += (wanted[at] & 0xC0) == 0x80 ? 0 : 1;
      if (seen > characters) {
        break;
      }
    }
    return at + rest;
  }

  private static int longer(Tokenizer tokenizer, int a, int b) {
    return tokenizer.bytes(b).length > tokenizer.bytes(a).length ? b : a;
  }

  private static boolean stands(byte[] text, int at, byte[] piece) {
    return at + piece.length <= text.length
        && Arrays.equals(text, at, at + piece.length, piece, 0, piece.length);
  }

  private static List<JointEnsemble> methods(int longest) {
    return List.of(
        new CoolFusionEnsemble(new CoolFusionEnsemble.Settings(4, longest, false, false)),
        new CoolFusionEnsemble(new CoolFusionEnsemble.Settings(0, longest, true, true)),
        new SweetSpanEnsemble(
            new SweetSpanEnsemble.Settings(2, ScoreFilter.ADAPT, 3, 1, longest, false)),
        new SpecFuseEnsemble(new SpecFuseEnsemble.Settings(longest, 0, 1, 1, 0, 2, false)));
  }

  @Test
  void nobodyIsLeftOutForHalfACharacter() {
    for (int seed = 0; seed < 6; seed++) {
      var random = new SplittableRandom(seed);
      List<ScriptedModel> models =
          IntStream.range(0, 3).mapToObj(m -> model("m" + m, TEXTS.get(m), random)).toList();
      List<TokenMember> members = models.stream().map(m -> TokenMember.of(m, 1)).toList();
      for (int longest = 1; longest < 6; longest++) {
        for (JointEnsemble method : methods(longest)) {
          var greedy =
              new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(24), false, 0);
          try (JointSession session =
              method
                  .plan(members)
                  .open(
                      models.stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL)) {
            Answer answer =
                new AnswerWriter(session, session.vocabulary(), greedy, random)
                    .write((text, told) -> {});
            for (int m = 0; m < 3; m++) {
              assertTrue(session.activity(m).failure().isEmpty(), method + " of " + longest);
              assertTrue(session.activity(m).tokensWritten() > 0);
            }
            // Where the budget ends a character may be cut.
            String whole = answer.text().substring(0, answer.text().length() - 1);
            assertFalse(whole.contains("\uFFFD"), answer.text());
            assertEquals(24, answer.tokens());
          }
        }
      }
    }
  }
}
