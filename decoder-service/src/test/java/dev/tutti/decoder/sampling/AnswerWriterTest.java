package dev.tutti.decoder.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.AnswerSource;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.fixture.ScriptedModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AnswerWriterTest {

  private final List<String> pieces = new ArrayList<>();
  private final List<TokenTrace> traces = new ArrayList<>();

  private Answer write(ScriptedModel model, Sampling sampling) {
    try (DecodeSession session = model.prompted()) {
      return new AnswerWriter(session, model.tokenizer(), sampling, new Random(1))
          .write(
              (text, tokens) -> {
                pieces.add(text);
                traces.addAll(tokens);
              });
    }
  }

  private static Sampling sampling(List<String> stop, int most, int top) {
    return new Sampling(
        0,
        1,
        OptionalInt.empty(),
        stop,
        most == 0 ? OptionalInt.empty() : OptionalInt.of(most),
        top > 0,
        top);
  }

  /** "five" token by token, then the end. */
  private static ScriptedModel five() {
    return ScriptedModel.steps(
        "five",
        List.of("fi", "ve", "!"),
        new double[] {.5, .3, .1, .1},
        new double[] {.2, .8, 0, 0},
        new double[] {.25, .25, 0, .5});
  }

  @Test
  void theEndIsATokenOfTheSignals() {
    Answer answer = write(five(), sampling(List.of(), 0, 0));
    assertEquals("five", answer.text());
    assertEquals(Answer.Finish.STOP, answer.finish());
    assertEquals(3, answer.tokens());
    AnswerSignals signals = answer.signals();
    assertEquals(Math.log(.5) + Math.log(.8) + Math.log(.5), signals.sumLogprob(), 1e-12);
    assertEquals(signals.sumLogprob() / 3, signals.meanLogprob(), 1e-12);
    assertEquals(Math.log(.5), signals.minLogprob(), 1e-12);
    double first = -(.5 * Math.log(.5) + .3 * Math.log(.3) + .2 * Math.log(.1));
    double second = -(.2 * Math.log(.2) + .8 * Math.log(.8));
    double third = -(.5 * Math.log(.25) + .5 * Math.log(.5));
    assertEquals(first, signals.maxEntropy(), 1e-12);
    assertEquals((first + second + third) / 3, signals.meanEntropy(), 1e-12);
    // |p|^2 = .36 at first: sqrt((.36 - .25) / .75); the third has .375.
    assertEquals(Math.sqrt(.11 / .75), signals.minDistanceToUniform(), 1e-12);
  }

  @Test
  void aStopStringEndsTheAnswerBeforeItself() {
    Answer answer = write(five(), sampling(List.of("iv"), 0, 0));
    assertEquals("f", answer.text());
    assertEquals(Answer.Finish.STOP, answer.finish());
    assertEquals("f", String.join("", pieces));
  }

  @Test
  void heldBackTextComesWithTheEnd() {
    Answer answer = write(five(), sampling(List.of("vex"), 0, 0));
    assertEquals("five", answer.text());
    assertEquals(List.of("fi", "ve"), pieces);
  }

  @Test
  void maxTokensEndsWithLength() {
    Answer answer = write(five(), sampling(List.of(), 1, 0));
    assertEquals("fi", answer.text());
    assertEquals(Answer.Finish.LENGTH, answer.finish());
    assertEquals(1, answer.tokens());
  }

  @Test
  void alternativesAreTheModelsOwn() {
    write(five(), sampling(List.of(), 0, 2));
    assertEquals(2, traces.size());
    assertEquals("fi", new String(traces.get(0).bytes(), StandardCharsets.UTF_8));
    assertEquals(Math.log(.5), traces.get(0).logprob(), 1e-12);
    assertEquals(
        List.of("fi", "ve"),
        traces.get(0).top().stream()
            .map(top -> new String(top.bytes(), StandardCharsets.UTF_8))
            .toList());
    assertEquals(Math.log(.3), traces.get(0).top().get(1).logprob(), 1e-12);
  }

  /** The log-probabilities are those at temperature 1, whatever the answer is drawn at. */
  @Test
  void temperatureDoesNotChangeTheSignals() {
    Sampling hot = new Sampling(2, 1, OptionalInt.of(1), List.of(), OptionalInt.empty(), false, 0);
    assertEquals(
        Math.log(.5) + Math.log(.8) + Math.log(.5),
        write(five(), hot).signals().sumLogprob(),
        1e-9);
  }

  @Test
  void theContextEndsTheAnswer() {
    var model = new ScriptedModel("endless", List.of("a"), 5, tokens -> new double[] {1, 0});
    Answer answer = write(model, Sampling.GREEDY);
    // One of five is the prompt.
    assertEquals("aaaa", answer.text());
    assertEquals(Answer.Finish.LENGTH, answer.finish());
    var full = new ScriptedModel("full", List.of("a"), 1, tokens -> new double[] {1, 0});
    assertThrows(IllegalStateException.class, () -> write(full, Sampling.GREEDY));
  }

  @Test
  void everyStepCanEndTheAnswer() {
    ScriptedModel endless = ScriptedModel.constant("endless", List.of("a"), 1, 0);
    var steps = new int[1];
    try (DecodeSession session = endless.prompted()) {
      var writer = new AnswerWriter(session, endless.tokenizer(), Sampling.GREEDY, new Random(1));
      assertThrows(
          ArithmeticException.class,
          () ->
              writer.write(
                  new AnswerWriter.Listener() {
                    @Override
                    public void piece(String text, List<TokenTrace> tokens) {}

                    @Override
                    public boolean step() {
                      if (++steps[0] == 4) {
                        throw new ArithmeticException();
                      }
                      return true;
                    }
                  }));
    }
    assertEquals(3, endless.passes.get());
    assertEquals(0, endless.openSessions.get());
    assertTrue(endless.tokensRead.get() == 3);
  }

  private Answer writeInBlocks(ScriptedModel model, Sampling sampling) {
    try (DecodeSession session = new BlockSession(model.prompted(), 3)) {
      return new AnswerWriter(session, model.tokenizer(), sampling, new Random(1))
          .write(
              (text, tokens) -> {
                pieces.add(text);
                traces.addAll(tokens);
              });
    }
  }

  /** The same answer, signals and traces as token by token, wherever a block is cut. */
  @Test
  void severalTokensDrawnAtOnceAreThoseDrawnOneByOne() {
    for (Sampling sampling :
        List.of(
            sampling(List.of(), 0, 2),
            sampling(List.of("iv"), 0, 0),
            sampling(List.of(), 1, 1),
            sampling(List.of(), 2, 1))) {
      Answer single = write(five(), sampling);
      List<TokenTrace> tracesOfSingle = List.copyOf(traces);
      pieces.clear();
      traces.clear();
      Answer blocks = writeInBlocks(five(), sampling);
      assertEquals(single.text(), blocks.text());
      assertEquals(single.finish(), blocks.finish());
      assertEquals(single.tokens(), blocks.tokens());
      assertEquals(single.signals(), blocks.signals());
      assertEquals(single.text(), String.join("", pieces));
      assertEquals(
          tracesOfSingle.stream().map(TokenTrace::logprob).toList(),
          traces.stream().map(TokenTrace::logprob).toList());
      pieces.clear();
      traces.clear();
    }
  }

  /** Seven tokens are three draws: of three, three and one. The last is never appended. */
  @Test
  void aBlockIsNoLongerThanWhatIsWanted() {
    ScriptedModel model = ScriptedModel.constant("m", List.of("a"), 1, 0);
    var session = new BlockSession(model.prompted(), 3);
    Answer answer =
        new AnswerWriter(session, model.tokenizer(), sampling(List.of(), 7, 0), new Random(1))
            .write((text, tokens) -> {});
    assertEquals("aaaaaaa", answer.text());
    assertEquals(Answer.Finish.LENGTH, answer.finish());
    assertEquals(List.of(3, 3, 1), session.drawn);
    assertEquals(1 + 6, session.length());
  }

  /** Three steps of a search that find nothing, and then no further step may be taken. */
  @Test
  void aSearchThatMayNotGoOnTellsWhatItHas() {
    ScriptedModel model = ScriptedModel.constant("m", List.of("a", "b"), .3, .7, 0);
    var search = new SearchingSource(model.prompted(), Integer.MAX_VALUE);
    var steps = new AtomicInteger();
    Answer answer =
        new AnswerWriter(search, model.tokenizer(), sampling(List.of(), 9, 0), new Random(1))
            .write(
                new AnswerWriter.Listener() {
                  @Override
                  public void piece(String text, List<TokenTrace> tokens) {
                    pieces.add(text);
                  }

                  @Override
                  public boolean step() {
                    return steps.getAndIncrement() < 3;
                  }
                });
    assertEquals("bb", answer.text());
    assertEquals(Answer.Finish.LENGTH, answer.finish());
    assertEquals(2, answer.tokens());
    assertEquals(3, search.searched);
  }

  @Test
  void aSearchThatFindsTellsAllAtOnce() {
    ScriptedModel model = ScriptedModel.constant("m", List.of("a", "b"), .3, .7, 0);
    var search = new SearchingSource(model.prompted(), 4);
    Answer answer =
        new AnswerWriter(search, model.tokenizer(), sampling(List.of(), 2, 0), new Random(1))
            .write((text, tokens) -> pieces.add(text));
    assertEquals("bb", answer.text());
    assertEquals(5, search.searched);
  }

  /** Finds nothing in its first draws, then two tokens at once. */
  private static final class SearchingSource implements AnswerSource {
    private final DecodeSession session;
    private final int found;
    private int searched;
    private int concluded;

    SearchingSource(DecodeSession session, int found) {
      this.session = session;
      this.found = found;
    }

    @Override
    public List<Drawn> draw(Picker picker, int most) {
      return searched++ < found ? List.of() : twice();
    }

    @Override
    public List<Drawn> conclude(int most) {
      concluded++;
      return concluded == 1 ? twice() : List.of();
    }

    private List<Drawn> twice() {
      Distribution distribution = session.next();
      var one = new Drawn(distribution.mostProbable(), distribution);
      return List.of(one, one);
    }

    @Override
    public int remaining() {
      return session.remaining();
    }

    @Override
    public void append(int... tokens) {
      session.append(tokens);
    }

    @Override
    public void close() {
      session.close();
    }
  }

  /** Draws in blocks, all but the last appended, as a session does that drafts. */
  private static final class BlockSession implements DecodeSession {
    private final DecodeSession session;
    private final int block;
    private final List<Integer> drawn = new ArrayList<>();

    BlockSession(DecodeSession session, int block) {
      this.session = session;
      this.block = block;
    }

    @Override
    public List<Drawn> draw(Picker picker, int most) {
      var all = new ArrayList<Drawn>();
      while (all.size() < Math.min(block, most)) {
        if (!all.isEmpty()) {
          // Even the end, which the writer cuts off: a draft does not know it.
          append(all.getLast().token());
        }
        Distribution distribution = session.next().copy();
        all.add(new Drawn(picker.pick(distribution), distribution));
      }
      drawn.add(all.size());
      return all;
    }

    @Override
    public int length() {
      return session.length();
    }

    @Override
    public int remaining() {
      return session.remaining();
    }

    @Override
    public int[] tokens() {
      return session.tokens();
    }

    @Override
    public void append(int... tokens) {
      session.append(tokens);
    }

    @Override
    public Distribution next() {
      return session.next();
    }

    @Override
    public double[] score(int... tokens) {
      return session.score(tokens);
    }

    @Override
    public void rewind(int length) {
      session.rewind(length);
    }

    @Override
    public DecodeSession fork() {
      return new BlockSession(session.fork(), block);
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
