package dev.tutti.registry.console;

import com.google.protobuf.Value;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import java.util.Comparator;
import java.util.List;

/**
 * The answers that members gave, and the share of the votes that each has.
 *
 * @param shares the greatest first
 */
public record Votes(List<Share> shares) {

  /**
   * An answer.
   *
   * @param share of the votes, 0 to 1
   * @param bar its length, 0 to 100
   * @param members whose answer it is
   * @param given whether it is the one that is given
   */
  public record Share(
      String answer, double share, String bar, List<String> members, boolean given) {}

  /** The votes of a decision; null where there were none. */
  static Votes of(Decision decision) {
    Value told = decision.getInputs().getFieldsOrDefault("votes", Value.getDefaultInstance());
    if (told.getStructValue().getFieldsCount() == 0) {
      return null;
    }
    return new Votes(
        told.getStructValue().getFieldsMap().entrySet().stream()
            .map(vote -> share(vote.getKey(), vote.getValue().getNumberValue(), decision))
            .sorted(Comparator.comparing(Share::share).reversed().thenComparing(Share::answer))
            .toList());
  }

  private static Share share(String answer, double share, Decision decision) {
    List<Candidate> whose =
        decision.getCandidatesList().stream()
            .filter(c -> c.hasAnswer() && c.getAnswer().equals(answer))
            .toList();
    return new Share(
        answer,
        share,
        Axis.units(Double.isFinite(share) ? Math.clamp(share, 0, 1) * 100 : 0),
        whose.stream().map(Candidate::getMember).toList(),
        whose.stream().anyMatch(Candidate::getChosen));
  }
}
