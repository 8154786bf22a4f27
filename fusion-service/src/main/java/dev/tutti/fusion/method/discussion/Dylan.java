package dev.tutti.fusion.method.discussion;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * DyLAN's early stop: layers of agents that each read all answers of the layer before, and no layer
 * more once enough of one agree (Liu et al. 2023, Dynamic LLM-Agent Network, arXiv:2310.02170).
 *
 * <p>In the first layer every member answers as the request was; from the second on it gets the
 * answers of the layer before as {@link References} in the system message. As soon as more than the
 * share {@code consensus} of those that were asked in a layer give the same answer, that is given,
 * and nobody waits for the others; else the majority of the last layer that said something is,
 * those that are even told apart by the members' priors. Who gives no answer in a layer is not
 * asked in the next one. The budget may end it early.
 *
 * <p>Defaults: 3 layers, and a consensus of two thirds. The survey's card knows no details of the
 * method: both are what the paper is cited for, not verified against its code, and are settings
 * therefore. Departures: no importance scores, by which the paper picks agents for later layers and
 * for later requests; who takes part is what the recipe says. Instructions are ours.
 *
 * <p>Cost per request: n calls a layer, from one layer up to {@code layers}.
 */
public final class Dylan implements Deliberation {

  private static final double ROUNDING = 1e-9;
  private static final int MOST_LAYERS = 8;

  private static final String REFINE =
      "Below are answers to the user's last message, by several who worked on it independently"
          + " (answers: %d). Some may be wrong. Weigh them critically, and answer the message"
          + " yourself, completely and in the form that the user asked for. Do not mention these"
          + " answers.";

  /**
   * Settings.
   *
   * @param layers at most
   * @param consensus share, 0.5 to 1
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(help = "Most layers of agents.", min = 1, max = MOST_LAYERS) int layers,
      @Setting(
              help =
                  "Once more than this share of a layer give the same answer, it is given; 1 goes"
                      + " through all layers.",
              min = 0.5,
              max = 1)
          double consensus,
      @Setting(help = "Form in which answers are compared, as for majority-vote.")
          AnswerForm canonical) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(3, 2.0 / 3, AnswerForm.AUTO);
  }

  private final Settings settings;

  /** One with these settings. */
  public Dylan(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Step next(Episode episode) {
    int rounds = episode.rounds();
    int left = settings.layers() - rounds;
    if (rounds == 0) {
      List<Call> calls =
          IntStream.range(0, episode.members().size()).<Call>mapToObj(Generate::asAsked).toList();
      return new Ask(calls, left);
    }
    Said said = Said.last(episode);
    if (said.size() == 0) {
      return said.best("Nobody said anything.");
    }
    boolean over = left <= 0 || episode.exhausted() || episode.members().size() == 1;
    if (over || isConsensus(episode, List.of())) {
      return FinalVote.of(said, settings.canonical())
          .give(Weights.UNIFORM, i -> said.card(i).prior());
    }
    References references = References.of(said.texts());
    List<Call> calls =
        said.stages().stream()
            .<Call>map(
                stage ->
                    references.call(
                        episode,
                        episode.stages().get(stage).asked().member(),
                        REFINE.formatted(said.size()),
                        SamplingChange.NONE,
                        "refine"))
            .toList();
    return new Ask(calls, left);
  }

  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    return isConsensus(episode, pending);
  }

  @Override
  public boolean isEnough(Episode episode, List<Integer> pending) {
    return Said.isEnough(episode, pending);
  }

  /** Whether enough of the last layer say the same, whatever those say that are pending. */
  private boolean isConsensus(Episode episode, List<Integer> pending) {
    int round = episode.rounds();
    Said said = Said.in(episode, round);
    Optional<AnswerForm> form = settings.canonical().settled(said.texts(), pending.size());
    if (form.isEmpty() || said.size() == 0) {
      return false;
    }
    long ended = episode.stages().stream().filter(s -> s.asked().round() == round).count();
    List<Optional<String>> answers =
        said.texts().stream().map(form.get()::canonical).filter(Optional::isPresent).toList();
    int most = answers.stream().mapToInt(a -> Collections.frequency(answers, a)).max().orElse(0);
    return most > settings.consensus() * (ended + pending.size()) + ROUNDING;
  }
}
