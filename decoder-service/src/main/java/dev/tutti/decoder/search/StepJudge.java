package dev.tutti.decoder.search;

import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.span.SpanMember;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
   * {@code p(right) / (p(right) + p(wrong))} behind partial answers, which are read together; 0
   * where the judge cannot read one.
   */
  double[] verdicts(List<Node> nodes) {
    Verdicts said = verdicts.orElseThrow();
    return member
        .behind(nodes.stream().map(this::closed).toList(), said.right(), said.wrong())
        .stream()
        .mapToDouble(p -> p.map(its -> 1 / (1 + Math.exp(its[1] - its[0]))).orElse(0.0))
        .map(p -> Double.isNaN(p) ? 0 : p)
        .toArray();
  }

  private byte[] closed(Node node) {
    String steps = new String(node.text(), StandardCharsets.UTF_8).stripTrailing();
    String closed = steps.endsWith(close) ? steps : steps + close;
    return (node.ended() ? closed + end : closed).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The probability of the least probable token of each node's last step, read in the judge's own
   * tokens; 0 where it cannot read it.
   */
  double[] likelihoods(List<Node> nodes) {
    return Siblings.each(
        nodes,
        (parent, steps) ->
            member
                .read(parent.text())
                .map(
                    reader ->
                        reader.scorePieces(
                            parent.text(),
                            steps.stream()
                                .map(s -> new SpanMember.Piece(s.text(), s.ended()))
                                .toList())));
  }

  SpanMember member() {
    return member;
  }
}
