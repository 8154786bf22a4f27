package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.token.ByteExactEnsemble;
import dev.tutti.decoder.method.token.GacEnsemble;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OpenedSessionsTest {

  private final ScriptedModel model = ScriptedModel.constant("m", List.of("a"), 1, 0);

  /** Each text has probabilities of its own. */
  private static ScriptedModel hashing() {
    return new ScriptedModel(
        "m",
        List.of("a", "b", "c"),
        1_000,
        tokens -> {
          var random = new SplittableRandom(tokens.hashCode());
          double[] p = random.doubles(4, .01, 1).toArray();
          double sum = p[0] + p[1] + p[2] + p[3];
          for (int i = 0; i < p.length; i++) {
            p[i] /= sum;
          }
          return p;
        });
  }

  /** Room for so many. */
  private static final class Few implements SessionRoom {
    private int left;

    Few(int left) {
      this.left = left;
    }

    @Override
    public boolean take() {
      boolean any = left > 0;
      left -= any ? 1 : 0;
      return any;
    }

    @Override
    public void giveBack() {
      left++;
    }

    @Override
    public RuntimeException refusal() {
      return new IllegalStateException("no room");
    }
  }

  private static OpenedSessions of(int members, ScriptedModel model) {
    return new OpenedSessions(Collections.nCopies(members, model.asked()), SessionRoom.BOUNDLESS);
  }

  @Test
  void whatAPlanThatFailsHasOpenedIsClosed() {
    OpenedSessions opened = of(2, model);
    opened.prompts().forEach(MemberPrompt::open);
    opened.prompts().getFirst().open().fork();
    assertEquals(4, model.openSessions.get());
    opened.close();
    assertEquals(0, model.openSessions.get());
  }

  /** The second prompt does not fit its model. */
  @Test
  void aPlanThatCannotOpenHoldsNothing() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("a"), .9, .1);
    var two = new ScriptedModel("two", List.of("a"), 0, _ -> new double[] {.9, .1});
    List<TokenMember> members = List.of(TokenMember.of(one, 1), TokenMember.of(two, 1));
    List<JointPlan> plans =
        List.of(
            new ByteExactEnsemble(ByteExactEnsemble.Settings.DEFAULTS).plan(members),
            new GacEnsemble(GacEnsemble.Settings.DEFAULTS).plan(members));
    for (JointPlan plan : plans) {
      try (var opened =
          new OpenedSessions(List.of(one.asked(), two.asked()), SessionRoom.BOUNDLESS)) {
        assertThrows(
            IllegalArgumentException.class,
            () -> plan.open(opened.prompts(), StepRunner.SEQUENTIAL));
      }
      assertEquals(0, one.openSessions.get() + two.openSessions.get());
    }
  }

  @Test
  void whatAnAnswerHasClosedStaysClosed() {
    OpenedSessions opened = of(1, model);
    try (opened;
        DecodeSession session = opened.prompts().getFirst().open()) {
      assertEquals(1, session.length());
    }
    assertEquals(0, model.openSessions.get());
  }

  @Test
  void oneThatCannotBeClosedKeepsNoOtherOpen() {
    var stuck =
        (DecodeSession)
            Proxy.newProxyInstance(
                DecodeSession.class.getClassLoader(),
                new Class<?>[] {DecodeSession.class},
                (_, _, _) -> {
                  throw new DecodeException("gone");
                });
    OpenedSessions opened = of(2, model);
    opened.prompts().forEach(MemberPrompt::open);
    var room = new Few(3);
    assertTrue(room.take());
    opened.opened(new SharingSession(opened, 0, new OpenedSessions.SharedSession(stuck, room)));
    opened.prompts().forEach(MemberPrompt::open);
    assertThrows(DecodeException.class, opened::close);
    assertEquals(0, model.openSessions.get());
    assertEquals(3, room.left);
  }

  @Test
  void beyondItsRoomNothingIsOpened() {
    var room = new Few(1);
    try (var opened = new OpenedSessions(List.of(model.asked(), model.asked()), room)) {
      opened.prompts().getFirst().open();
      assertThrows(IllegalStateException.class, () -> opened.prompts().getLast().open());
      assertEquals(1, model.openSessions.get());
    }
    assertEquals(1, room.left);
  }

  /** What a session told before it had to share stays as it was. */
  @Test
  void aForkWithoutRoomChangesNothingThatWasTold() {
    ScriptedModel scripted = hashing();
    var room = new Few(1);
    try (var opened = new OpenedSessions(List.of(scripted.asked()), room)) {
      DecodeSession one = opened.prompts().getFirst().open();
      Distribution first = one.next();
      double[] before = first.probabilities().clone();
      DecodeSession two = one.fork();
      two.append(1);
      Distribution behind = two.next();
      double[] told = behind.probabilities().clone();
      one.append(2);
      one.next();
      assertArrayEquals(before, first.probabilities());
      assertArrayEquals(told, behind.probabilities());
      assertArrayEquals(told, two.next().probabilities());
      assertEquals(1, scripted.openSessions.get());
      one.close();
      assertEquals(1, scripted.openSessions.get());
      assertEquals(List.of(0, 1), Arrays.stream(two.tokens()).boxed().toList());
    }
    assertEquals(0, scripted.openSessions.get());
    assertEquals(1, room.left);
  }

  /** Once there is room a session has its own again. */
  @Test
  void whoSharedLeavesWhereThereIsRoom() {
    ScriptedModel scripted = hashing();
    var room = new Few(1);
    try (var opened = new OpenedSessions(List.of(scripted.asked()), room)) {
      DecodeSession one = opened.prompts().getFirst().open();
      DecodeSession two = one.fork();
      two.append(1);
      room.giveBack();
      one.append(2);
      assertEquals(2, scripted.openSessions.get());
      assertEquals(0, room.left);
      two.close();
      assertEquals(1, room.left);
    }
    assertEquals(2, room.left);
  }

  /** Whatever is done to forks of forks, with room for one to six of them. */
  @Test
  void withLittleRoomItSaysTheSameAsWithMuch() {
    for (int seed = 0; seed < 300; seed++) {
      ScriptedModel scripted = hashing();
      ScriptedModel plain = hashing();
      int places = 1 + seed % 6;
      var room = new Few(places);
      var random = new SplittableRandom(seed);
      try (var opened = new OpenedSessions(List.of(scripted.asked()), room)) {
        var bounded = new ArrayList<>(List.of(opened.prompts().getFirst().open()));
        var free = new ArrayList<>(List.of(plain.prompted()));
        for (int step = 0; step < 60; step++) {
          int which = random.nextInt(bounded.size());
          act(random, bounded, free, which);
          assertTrue(scripted.mostCaches.get() <= places);
          if (bounded.isEmpty()) {
            break;
          }
        }
      }
      assertEquals(0, scripted.openSessions.get());
      assertEquals(places, room.left);
    }
  }

  private static void act(
      SplittableRandom random, List<DecodeSession> bounded, List<DecodeSession> free, int which) {
    DecodeSession one = bounded.get(which);
    DecodeSession other = free.get(which);
    int token = random.nextInt(3);
    switch (random.nextInt(9)) {
      case 0, 1 -> {
        bounded.add(one.fork());
        free.add(other.fork());
      }
      case 2, 3 -> {
        one.append(token);
        other.append(token);
      }
      case 4 -> {
        int length = random.nextInt(1, one.length() + 1);
        one.rewind(length);
        other.rewind(length);
      }
      case 5 -> {
        int[] scored = {token, random.nextInt(3)};
        assertArrayEquals(other.score(scored), one.score(scored));
      }
      case 6 -> {
        List<int[]> branches = List.of(new int[] {token, 1}, new int[] {2}, new int[0]);
        List<double[]> wanted = other.score(branches);
        List<double[]> told = one.score(branches);
        for (int b = 0; b < wanted.size(); b++) {
          assertArrayEquals(wanted.get(b), told.get(b));
        }
      }
      case 7 -> {
        List<Distribution> wanted = other.next(token, 1);
        List<Distribution> told = one.next(token, 1);
        for (int p = 0; p < wanted.size(); p++) {
          assertArrayEquals(wanted.get(p).probabilities(), told.get(p).probabilities());
        }
      }
      default -> {
        if (bounded.size() > 1) {
          bounded.remove(which).close();
          free.remove(which).close();
          return;
        }
      }
    }
    assertArrayEquals(other.tokens(), one.tokens());
    assertEquals(other.length(), one.length());
    assertEquals(other.remaining(), one.remaining());
    assertArrayEquals(other.next().probabilities(), one.next().probabilities());
  }

  /** A session that reads up to three texts in a pass, and how many it was handed at a time. */
  private static DecodeSession batching(DecodeSession real, List<Integer> passes, Few room) {
    return (DecodeSession)
        Proxy.newProxyInstance(
            DecodeSession.class.getClassLoader(),
            new Class<?>[] {DecodeSession.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "rows" -> 3;
                  case "score" -> {
                    var branches = (List<?>) arguments[0];
                    passes.add(branches.size());
                    passes.add(room.left);
                    yield method.invoke(real, arguments);
                  }
                  default -> method.invoke(real, arguments);
                });
  }

  /**
   * Four texts, of which two differ in their last token only, and an empty one: three rows. With
   * room for n sessions more a pass has n, and leaves room for none.
   */
  @Test
  void aPassTakesRoomForEachOfItsRows() {
    List<int[]> branches =
        List.of(new int[] {0, 1}, new int[] {2}, new int[0], new int[] {1, 1, 2}, new int[] {0, 2});
    List<double[]> wanted = hashing().prompted().score(branches);
    Map<Integer, List<Integer>> passes =
        Map.of(
            1, List.of(2, 0, 1, 0, 1, 0),
            2, List.of(3, 0, 1, 0),
            3, List.of(5, 0),
            5, List.of(5, 2));
    passes.forEach(
        (more, expected) -> {
          ScriptedModel scripted = hashing();
          var room = new Few(1 + more);
          assertTrue(room.take());
          var told = new ArrayList<Integer>();
          try (var opened = new OpenedSessions(room)) {
            var shared =
                new OpenedSessions.SharedSession(batching(scripted.prompted(), told, room), room);
            DecodeSession session = opened.opened(new SharingSession(opened, 0, shared));
            List<double[]> scores = session.score(branches);
            for (int b = 0; b < wanted.size(); b++) {
              assertArrayEquals(wanted.get(b), scores.get(b));
            }
            assertEquals(expected, told);
            assertEquals(more, room.left);
          }
          assertEquals(1 + more, room.left);
          assertEquals(0, scripted.openSessions.get());
        });
  }
}
