package dev.tutti.fusion.method.layers;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.Setting;
import java.util.List;
import java.util.TreeSet;

/**
 * Mixture-of-Agents: layers of proposers that each read all answers of the layer before, and an
 * aggregator that writes one answer of the last layer's (Wang et al. 2024, arXiv:2406.04692).
 *
 * <p>{@code y_{l+1} = AGG(A_{l,1}(x_l), .., A_{l,n}(x_l)) + x_1}: from the second layer on everyone
 * gets the conversation as it was, and the answers of the layer before as numbered {@link
 * References} in the system message. The last of {@code layers} layers is the aggregator alone; it
 * is the first proposer where no member has its role. Proposers may be the same model under several
 * names, but differing ones do better (the paper's section 3.3).
 *
 * <p>Answers that are empty or that failed are dropped, and whoever gave none is not asked in the
 * next layer. A layer in which one answered is enough for the next. Where all that is left is one
 * answer of the aggregator itself, there is nothing to aggregate. Where the aggregator fails or
 * writes nothing, or the budget forbids to go on, the answer stands of whom, in the last layer that
 * said something, the prior is highest. A layer that says nothing at all is passed over.
 *
 * <p>Once two of a layer have answered, and more than are still writing, the others get as long
 * again as these took.
 *
 * <p>Defaults: 3 layers, temperature 0.7 of the proposers (the paper's; its MoA-Lite has 2 layers).
 * The aggregator's sampling is the request's. Instructions are ours, not the paper's. Whether an
 * ensemble of several is worth what it costs shows beside {@code self-moa} with as many samples as
 * there are proposals here. LLM-TOPLA's summary (Tekin et al. 2024, arXiv:2410.03953: question and
 * all candidates to one writer) is this method with 2 layers.
 *
 * <p>Cost per request: {@code (layers - 1) n + 1} calls; from the second layer on each prompt holds
 * n answers. The aggregator's text is passed on while it is written.
 */
public final class MixtureOfAgents implements Deliberation {

  private static final String AGGREGATE = "aggregate";
  private static final int MOST_LAYERS = 8;

  /**
   * Settings.
   *
   * @param layers the aggregator's included
   * @param temperature of the proposals
   */
  public record Settings(
      @Setting(
              help = "Number of layers; the last one is the aggregator alone.",
              min = 2,
              max = MOST_LAYERS)
          int layers,
      @Setting(help = "Temperature of the proposers' answers.", min = 0, max = 2)
          double temperature) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(3, 0.7);
  }

  private final Settings settings;

  /** One with these settings. */
  public MixtureOfAgents(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Step next(Episode episode) {
    List<Integer> proposers = Roles.all(episode, Roles.PROPOSER);
    int rounds = episode.rounds();
    var change = SamplingChange.temperature(settings.temperature());
    if (rounds == 0) {
      List<Call> calls =
          proposers.stream()
              .<Call>map(m -> new Generate(m, Prompt.AS_ASKED, 1, change, ""))
              .toList();
      return new Ask(calls, settings.layers());
    }
    Said said = Said.last(episode);
    int aggregator = Roles.first(episode, Roles.AGGREGATOR).orElse(proposers.getFirst());
    if (said.size() == 0 || said.size() == 1 && said.member(0) == aggregator) {
      return said.best("There is one answer, and nothing to add.");
    }
    boolean tried = episode.stages().stream().anyMatch(s -> s.asked().purpose().equals(AGGREGATE));
    if (tried || episode.exhausted()) {
      return said.best("Nobody could write an answer of all; the best member's stands.");
    }
    References references = References.of(said.texts());
    if (rounds < settings.layers() - 1) {
      var present = new TreeSet<Integer>();
      for (int i = 0; i < said.size(); i++) {
        present.add(said.member(i));
      }
      List<Call> calls =
          present.stream()
              .<Call>map(m -> references.call(episode, m, references.synthesis(), change, "refine"))
              .toList();
      return new Ask(calls, settings.layers() - rounds);
    }
    return new Write(
        references.call(
            episode, aggregator, references.synthesis(), SamplingChange.NONE, AGGREGATE),
        "'%s' wrote an answer of the %d answers of layer %d."
            .formatted(
                episode.members().get(aggregator).name(),
                said.size(),
                episode.stages().get(said.stages().getFirst()).asked().round()));
  }

  @Override
  public boolean isEnough(Episode episode, List<Integer> pending) {
    return Said.isEnough(episode, pending);
  }
}
