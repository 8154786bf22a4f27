package dev.tutti.fusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.tutti.fusion.Deliberation.Give;
import dev.tutti.fusion.Deliberation.Step;
import dev.tutti.fusion.Deliberation.Write;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Scored;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Turn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * A request to a deliberation, whose members say what a test scripts: proves orders, prompts and
 * protocols. How well a real model judges or fuses it cannot tell.
 */
public final class ScriptedEpisode {

  private final Deliberation method;
  private final Query query;
  private final List<MemberCard> members;
  private final List<Stage> stages = new ArrayList<>();
  private boolean exhausted;
  private int made;

  /** That asks "?". */
  public ScriptedEpisode(Deliberation method, MemberCard... members) {
    this(method, List.of(new Turn(Turn.Role.USER, "?")), members);
  }

  /** Of a conversation. */
  public ScriptedEpisode(Deliberation method, List<Turn> turns, MemberCard... members) {
    this.method = method;
    this.query = new Query(turns.getLast().text(), turns);
    this.members = List.of(members);
  }

  /** As the method sees it now. */
  public Episode episode() {
    return new Episode(query, members, stages, OptionalDouble.empty(), exhausted);
  }

  /** What it wants now. */
  public Step step() {
    return method.next(episode());
  }

  /** What it asks now. */
  public List<Call> calls() {
    return switch (step()) {
      case Deliberation.Ask ask -> ask.calls();
      case Write write -> List.of(write.call());
      case Give give -> throw new AssertionError("It gives " + give);
      case Deliberation.Abstain abstain -> throw new AssertionError("It abstains: " + abstain);
    };
  }

  /** Places of those that are asked now. */
  public List<Integer> asked() {
    return calls().stream().map(Call::member).toList();
  }

  /** The conversation that a call of now has. */
  public List<Turn> prompt(int call) {
    var generate = assertInstanceOf(Generate.class, calls().get(call));
    return assertInstanceOf(Prompt.Rewritten.class, generate.prompt()).turns();
  }

  /** Answers to all that is asked now, one a sample in their order; null fails. */
  public ScriptedEpisode say(String... texts) {
    Iterator<String> next = Arrays.asList(texts).iterator();
    say(_ -> next.next());
    assertEquals(false, next.hasNext(), "more answers than calls");
    return this;
  }

  /** Answers all that is asked now. */
  public ScriptedEpisode say(Function<Generate, String> script) {
    int round = episode().rounds() + 1;
    for (Call call : calls()) {
      for (int sample = 0; sample < call.samples(); sample++) {
        var asked = new Asked(made, sample, call.member(), round, call.purpose());
        String text = script.apply((Generate) call);
        stages.add(
            text == null ? new Failed(asked) : new Answered(asked, text, AnswerSignals.NONE));
      }
      made++;
    }
    return this;
  }

  /** Scores the texts of the one call of now. */
  public ScriptedEpisode score(TextScore... scores) {
    Call call = calls().getFirst();
    assertEquals(((Call.Score) call).texts().size(), scores.length);
    int round = episode().rounds() + 1;
    stages.add(
        new Scored(new Asked(made, 0, call.member(), round, call.purpose()), List.of(scores)));
    made++;
    return this;
  }

  /** Embeds the text of the one call of now; null fails. */
  public ScriptedEpisode embed(float[] vector) {
    Call call = calls().getFirst();
    assertEquals(1, assertInstanceOf(Call.Embed.class, call).texts().size());
    var asked = new Asked(made++, 0, call.member(), episode().rounds() + 1, call.purpose());
    stages.add(vector == null ? new Failed(asked) : new Embedded(asked, List.of(vector)));
    return this;
  }

  /** The budget forbids any further call. */
  public ScriptedEpisode exhaust() {
    exhausted = true;
    return this;
  }

  /** The text that is given now. */
  public String given() {
    Give give = give();
    int chosen = give.weighed().weighing().chosen().orElseThrow();
    String whole = ((Answered) stages.get(give.weighed().stages().get(chosen))).text();
    return give.text().orElse(whole);
  }

  /** What is given now. */
  public Give give() {
    return assertInstanceOf(Give.class, step());
  }

  /** What is written now. */
  public Write write() {
    return assertInstanceOf(Write.class, step());
  }
}
