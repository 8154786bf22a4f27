package dev.tutti.decoder.method.speculation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Members that die anywhere in a block, whatever part they have in it. */
class BlockFailureTest {

  private static final int NEVER = 100;
  private static final Sampling NINE =
      new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(9), false, 0);

  private static final List<JointEnsemble> METHODS =
      List.of(
          new SafeEnsemble(new SafeEnsemble.Settings(4, 0, SafeEnsemble.Sharpening.NONE, .1)),
          new SafeEnsemble(new SafeEnsemble.Settings(4, 2, SafeEnsemble.Sharpening.NONE, .1)),
          new SpeculativeEnsemble(
              new SpeculativeEnsemble.Settings(
                  SpeculativeEnsemble.Target.WEIGHTED, .1, 0, List.of(3.0))),
          new SpeculativeEnsemble(
              new SpeculativeEnsemble.Settings(
                  SpeculativeEnsemble.Target.WEIGHTED, .1, 0, List.of(1.0))));

  /** Always a after b and b after a, until it has so many tokens. */
  private static ScriptedModel dying(String name, int most) {
    return new ScriptedModel(
        name,
        List.of("a", "b"),
        NEVER,
        tokens -> {
          if (tokens.size() > most) {
            throw new DecodeException("gone");
          }
          return tokens.getLast() == 0 ? new double[] {0, 1, 0} : new double[] {1, 0, 0};
        });
  }

  private static List<ScriptedModel> models(int... most) {
    return IntStream.range(0, most.length).mapToObj(m -> dying("m" + m, most[m])).toList();
  }

  private static JointSession open(JointEnsemble method, List<ScriptedModel> models) {
    return method
        .plan(models.stream().map(model -> TokenMember.of(model, 1)).toList())
        .open(models.stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static String write(JointSession session) {
    return new AnswerWriter(session, session.vocabulary(), NINE, new Random(0))
        .write((text, tokens) -> {})
        .text();
  }

  @Test
  void whoeverDiesTheOthersWriteOn() {
    for (JointEnsemble method : METHODS) {
      for (int member = 0; member < 3; member++) {
        // The last of the nine tokens need not be read, and may be drafted by another.
        for (int most = 0; most < 8; most++) {
          int[] all = {NEVER, NEVER, NEVER};
          all[member] = most;
          List<ScriptedModel> models = models(all);
          try (JointSession session = open(method, models)) {
            assertEquals("bababab" + "ab", write(session));
            for (int m = 0; m < 3; m++) {
              assertEquals(
                  m == member ? Optional.of("gone") : Optional.empty(),
                  session.activity(m).failure());
            }
            assertEquals(9, session.activity((member + 1) % 3).tokensWritten());
          }
          models.forEach(model -> assertEquals(0, model.openSessions.get()));
        }
      }
    }
  }

  @Test
  void theLastOneLeftWritesAlone() {
    for (JointEnsemble method : METHODS) {
      for (int last = 0; last < 3; last++) {
        for (int most = 0; most < 8; most++) {
          int[] all = {most, most, most};
          all[last] = NEVER;
          all[(last + 1) % 3] = (most + 3) % 8;
          try (JointSession session = open(method, models(all))) {
            assertEquals("bababab" + "ab", write(session));
            assertEquals(Optional.empty(), session.activity(last).failure());
            assertEquals(9, session.activity(last).tokensWritten());
          }
        }
      }
    }
  }

  @Test
  void whereNobodyIsLeftItSaysWhy() {
    for (JointEnsemble method : METHODS) {
      for (int most = 0; most < 7; most++) {
        List<ScriptedModel> models = models(most, (most + 2) % 7, (most + 4) % 7);
        try (JointSession session = open(method, models)) {
          assertEquals(
              "No member of the ensemble is left: m0: gone; m1: gone; m2: gone",
              assertThrows(DecodeException.class, () -> write(session)).getMessage());
        }
        models.forEach(model -> assertEquals(0, model.openSessions.get()));
      }
    }
  }
}
