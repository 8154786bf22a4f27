package dev.tutti.decoder.search;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.span.SpanMember;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A member that says behind every step whether all is right so far: it reads the question and the
 * steps, the last one closed by the delimiter without its white space and, where the answer ends
 * there, by the mark of that; and is asked for the probability of one word against that of another.
 * For one answer.
 */
final class StepJudge {

  private final SpanMember member;
  private final String close;
  private final String end;
  private final Optional<Verdicts> verdicts;

  /**
   * A judge.
   *
   * @param member holds the question
   * @param delimiter of the steps
   * @param end behind the last step of a finished answer; empty for nothing
   * @param verdicts that it can say; empty where nobody asks for them
   */
  StepJudge(SpanMember member, String delimiter, String end, Optional<Verdicts> verdicts) {
    this.member = member;
    this.close = delimiter.stripTrailing();
    this.end = end;
    this.verdicts = verdicts;
  }

  /**
   * What a judge can say.
   *
   * @param right token of the one word
   * @param wrong token of the other
   */
  record Verdicts(int right, int wrong) {}

  /**
   * Token that a verdict begins by.
   *
   * @throws IllegalArgumentException where it has none
   */
  static int token(Tokenizer tokenizer, String verdict) {
    return tokenizer.encodeBehind(verdict)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The judge cannot write the verdict '%s'.".formatted(verdict)))[0];
  }

  /**
   * {@code p(right) / (p(right) + p(wrong))} behind a node's steps; 0 where the judge cannot read
   * them.
   */
  double verdict(Node node) {
    String steps = new String(node.text(), StandardCharsets.UTF_8).stripTrailing();
    String closed = steps.endsWith(close) ? steps : steps + close;
    String read = node.ended() ? closed + end : closed;
    Verdicts said = verdicts.orElseThrow();
    Optional<Distribution> next = member.behind(read.getBytes(StandardCharsets.UTF_8));
    return next.map(
            d ->
                1 / (1 + Math.exp(d.logProbability(said.wrong()) - d.logProbability(said.right()))))
        .filter(p -> !p.isNaN())
        .orElse(0.0);
  }

  /**
   * The probability of the least probable token of a node's last step, read in the judge's own
   * tokens; 0 where it cannot read it.
   */
  double likelihood(Node node) {
    return member
        .read(node.parent().text())
        .flatMap(_ -> member.score(node.parent().text(), node.step().text(), node.ended()))
        .map(likelihood -> Math.exp(likelihood.least()))
        .orElse(0.0);
  }

  SpanMember member() {
    return member;
  }
}
