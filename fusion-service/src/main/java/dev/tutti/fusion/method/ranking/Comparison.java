package dev.tutti.fusion.method.ranking;

import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How a member is asked which of two answers is the better one, and how its verdict is read. */
final class Comparison {

  private static final String INSTRUCTIONS =
      "Below are a conversation and two answers to its last message. Which answer is better: more"
          + " accurate, more complete, nearer to what was asked for? Their order means nothing."
          + " Reply with 1 where answer 1 is better, with 2 where answer 2 is, with 0 where they"
          + " are equally good, and with nothing else.";

  private static final Pattern VERDICT = Pattern.compile("(?<![\\d.])[012](?![\\d]|\\.\\d)");

  private Comparison() {}

  /** The call that compares two answers, in this order. */
  static Generate call(Episode episode, int judge, String one, String other, String purpose) {
    String conversation =
        episode.query().turns().stream()
            .map(turn -> turn.role().name().toLowerCase(Locale.ROOT) + ": " + turn.text())
            .collect(Collectors.joining("\n\n"));
    var shown =
        new References(
            List.of("the conversation", "answer 1", "answer 2"), List.of(conversation, one, other));
    MemberCard reader = episode.members().get(judge);
    var turn = new Turn(Turn.Role.USER, shown.after(INSTRUCTIONS, reader));
    return new Generate(
        judge, new Prompt.Rewritten(List.of(turn)), 1, SamplingChange.temperature(0), purpose);
  }

  /**
   * What a verdict says: 1 where the answer that was shown first is better, -1 where the other one
   * is, 0 where they are even; NaN where it says none. The last line that is not empty decides, and
   * it must name one number only.
   */
  static double read(String verdict) {
    String last = verdict.lines().filter(line -> !line.isBlank()).reduce("", (_, line) -> line);
    var named = new TreeSet<String>();
    Matcher matcher = VERDICT.matcher(last);
    while (matcher.find()) {
      named.add(matcher.group());
    }
    if (named.size() != 1) {
      return Double.NaN;
    }
    return switch (named.first()) {
      case "1" -> 1;
      case "2" -> -1;
      default -> 0;
    };
  }
}
