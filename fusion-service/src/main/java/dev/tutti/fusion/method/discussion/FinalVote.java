package dev.tutti.fusion.method.discussion;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Deliberation.Give;
import dev.tutti.fusion.Deliberation.Weighed;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * The vote that ends a discussion: a {@link MajorityVote} over what was said.
 *
 * @param said at least one answer
 * @param read the answers as they are compared, one each
 * @param form in which they are
 */
record FinalVote(Said said, List<String> read, AnswerForm form) {

  /** Over answers as they stand. */
  static FinalVote of(Said said, AnswerForm canonical) {
    return of(said, said.texts(), canonical);
  }

  /** Over answers that are read so. */
  static FinalVote of(Said said, List<String> read, AnswerForm canonical) {
    return new FinalVote(said, read, canonical.resolve(read));
  }

  /** Each answer in one spelling; empty where it cannot be read. */
  List<Optional<String>> answers() {
    return read.stream().map(form::canonical).toList();
  }

  /** Whether all answers can be read, and are the same. */
  boolean isUnanimous() {
    List<Optional<String>> answers = answers();
    return answers.getFirst().isPresent() && answers.stream().distinct().count() == 1;
  }

  /**
   * Gives the winner.
   *
   * @param weights {@code UNIFORM}, where priors only decide between those that are even, or {@code
   *     PRIOR}
   * @param prior of the answer of a number; above 0
   */
  Give give(Weights weights, IntToDoubleFunction prior) {
    var voters = new ArrayList<Answer>();
    for (int i = 0; i < said.size(); i++) {
      MemberCard card = said.card(i);
      // Which of its answers it is plays no part; no two may be the same.
      voters.add(
          new Answer(
              card.name(),
              said.stages().get(i),
              prior.applyAsDouble(i),
              read.get(i),
              Optional.empty(),
              card.knownAs()));
    }
    var settings = new MajorityVote.Settings(form, weights, 2);
    Weighing weighing =
        new MajorityVote(settings).weigh(said.episode().query(), new Candidates(voters));
    return new Give(new Weighed(said.stages(), weighing));
  }
}
