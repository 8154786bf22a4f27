package dev.tutti.cascade.episode;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a cascade would have done with a recorded question: its policy runs as it does for a
 * request, over what members once answered.
 *
 * @param member place of the member whose answer is given; -1 where none is
 * @param score what the member's recorded answer was worth, also where a drawn one is given; 0
 *     where none is
 * @param usd what all answers and checks of them cost that were asked for, in the dataset's unit; a
 *     further sample costs as much as the first answer
 * @param answers number of answers that were asked for, checks of them not counted
 */
public record RecordedRun(int member, double score, double usd, int answers) {

  private static final int MOST_ROUNDS = 256;

  /**
   * Runs a method.
   *
   * @param cards the members, in the order of the row's outcomes
   * @param row answers that were not recorded, rewritten prompts other than checks ({@link
   *     Checks#PURPOSE}) and texts to score fail
   * @throws IllegalStateException when the policy asks on for ever
   */
  public static RecordedRun of(CascadeMethod method, List<MemberCard> cards, Row row) {
    Policy policy = Policy.of(method);
    var stages = new ArrayList<Stage>();
    double usd = 0;
    int answers = 0;
    int calls = 0;
    for (int round = 1; round <= MOST_ROUNDS; round++) {
      var episode = new Episode(row.query(), cards, stages, OptionalDouble.empty(), false);
      switch (policy.next(episode)) {
        case Policy.Accept accept -> {
          int member = stages.get(accept.stage()).asked().member();
          return new RecordedRun(member, row.score(member), usd, answers);
        }
        case Policy.Abstain _ -> {
          return new RecordedRun(-1, 0, usd, answers);
        }
        case Policy.Ask ask -> {
          for (Call call : ask.calls()) {
            for (int sample = 0; sample < call.samples(); sample++) {
              var asked = new Asked(calls, sample, call.member(), round, call.purpose());
              Stage stage = ended(call, asked, row);
              stages.add(stage);
              if (stage instanceof Episode.Answered) {
                Recorded its = row.outcomes().get(call.member()).orElseThrow();
                boolean isCheck = isCheck(call);
                usd += isCheck ? its.checks().orElseThrow().usd() / call.samples() : its.usd();
                answers += isCheck ? 0 : 1;
              }
            }
            calls++;
          }
        }
      }
    }
    throw new IllegalStateException("It asked for more than %d rounds.".formatted(MOST_ROUNDS));
  }

  private static Stage ended(Call call, Asked asked, Row row) {
    return switch (call) {
      case Call.Generate its when its.prompt() instanceof Prompt.AsAsked ->
          answered(its, asked, row);
      case Call.Generate its when isCheck(its) ->
          row.outcomes()
              .get(its.member())
              .flatMap(Recorded::checks)
              .map(checks -> checks.texts(its.samples()).get(asked.sample()))
              .<Stage>map(text -> new Episode.Answered(asked, text, AnswerSignals.NONE))
              .orElse(new Episode.Failed(asked));
      case Call.Embed its when its.member() == Call.PLATFORM -> embedded(its, asked, row);
      default -> new Episode.Failed(asked);
    };
  }

  private static boolean isCheck(Call call) {
    return call.purpose().equals(Checks.PURPOSE);
  }

  /** The question and the recorded answers have embeddings, as far as the row holds them. */
  private static Stage embedded(Call.Embed call, Asked asked, Row row) {
    List<float[]> vectors =
        call.texts().stream().flatMap(text -> embedding(text, row).stream()).toList();
    return vectors.size() == call.texts().size()
        ? new Episode.Embedded(asked, vectors)
        : new Episode.Failed(asked);
  }

  private static Optional<float[]> embedding(String text, Row row) {
    return text.equals(row.query().text())
        ? row.embedding()
        : row.outcomes().stream()
            .flatMap(Optional::stream)
            .filter(its -> its.text().equals(text))
            .findFirst()
            .flatMap(Recorded::embedding);
  }

  /** One answer is the recorded one; several are the drawn ones. */
  private static Stage answered(Call.Generate call, Asked asked, Row row) {
    Optional<Recorded> recorded = row.outcomes().get(asked.member());
    if (recorded.isEmpty()) {
      return new Episode.Failed(asked);
    }
    Recorded its = recorded.get();
    if (call.samples() == 1) {
      return new Episode.Answered(asked, its.text(), its.signals());
    }
    return asked.sample() < its.samples().size()
        ? new Episode.Answered(asked, its.samples().get(asked.sample()), AnswerSignals.NONE)
        : new Episode.Failed(asked);
  }
}
