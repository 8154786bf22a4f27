package dev.tutti.cascade.method.student;

import dev.tutti.cascade.Policy;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Neural caching (Ramírez et al. 2023, arXiv:2310.13561), served: a student is asked first, which
 * costs no call, and a member only where that is what {@link NeuralCache} advises. This is what is
 * done then: members are asked in the order of the recipe until one answers, whose answer is taken
 * whatever it is, and given while it is written; whom the budget does not pay is passed over. With
 * one member it is the paper's strong model.
 *
 * <p>Every question that goes by, and what a member answered, is kept by the service in the order
 * in which it was answered; students follow from that alone. Where nothing is known of a question
 * (the database or the embedder away, a conversation that goes on), members are asked. A student
 * gives an answer in its canonical form, without the words around it.
 *
 * <p>Cost per request: one embedding, and at most one answer of a member, unless one fails.
 */
public final class NeuralCaching implements Policy {

  private final NeuralCache.Settings settings;

  /** One with these settings. */
  public NeuralCaching(NeuralCache.Settings settings) {
    this.settings = settings;
  }

  /** How its student learns and when it answers. */
  public NeuralCache.Settings settings() {
    return settings;
  }

  @Override
  public Step next(Episode episode) {
    int asked = episode.stages().size();
    if (asked > 0 && episode.stages().getLast() instanceof Answered) {
      return new Accept(asked - 1, OptionalDouble.empty(), "A member's answer is taken.");
    }
    List<Integer> untried =
        IntStream.range(0, episode.members().size())
            .filter(m -> episode.stages().stream().noneMatch(s -> s.asked().member() == m))
            .boxed()
            .toList();
    if (untried.isEmpty() || episode.exhausted()) {
      return new Abstain(OptionalDouble.empty(), "No member answered.");
    }
    // Where nobody is paid, whoever would be asked first is named.
    int next = untried.stream().filter(episode::pays).findFirst().orElse(untried.getFirst());
    return new Ask(
        List.of(Generate.asAsked(next)),
        untried.size(),
        true,
        OptionalDouble.empty(),
        asked == 0 ? "" : "It failed.");
  }
}
