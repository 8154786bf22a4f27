package dev.tutti.decoder.method.token;

import dev.tutti.decoder.PromptReading;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.method.token.PackLlmEnsemble.Weighting;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Weighs members by how probable the prompt is to them; see {@link PackLlmEnsemble}. */
final class PerplexityGate implements StepGate {

  private final PackLlmEnsemble.Settings settings;
  private final List<TokenMember> members;
  private final UnionVocabulary union;
  private final MinimumEdits edits;

  PerplexityGate(
      PackLlmEnsemble.Settings settings, List<TokenMember> members, UnionVocabulary union) {
    this.settings = settings;
    this.members = members;
    this.union = union;
    this.edits = new MinimumEdits(members, union);
  }

  /** The weights of an answer, in the words of its reference. */
  private record Weighed(double[] weights, Optional<StepCombiner> combiner) implements State {}

  @Override
  public boolean readsPrompts() {
    return true;
  }

  @Override
  public boolean readsPromptsAgain() {
    return settings.weighting() == Weighting.OPT;
  }

  @Override
  public State begin(double[] weights, List<Optional<PromptReading>> prompts) {
    double[] losses = new double[weights.length];
    for (int m = 0; m < losses.length; m++) {
      Tokenizer tokenizer = members.get(m).tokenizer();
      losses[m] = prompts.get(m).map(prompt -> loss(prompt, tokenizer)).orElse(Double.NaN);
    }
    List<Integer> told =
        IntStream.range(0, losses.length)
            .filter(m -> Double.isFinite(losses[m]))
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer m) -> losses[m])
                    .thenComparing(m -> members.get(m).name()))
            .toList();
    if (told.isEmpty()) {
      int heaviest =
          IntStream.range(0, weights.length)
              .boxed()
              .min(
                  Comparator.comparingDouble((Integer m) -> -weights[m])
                      .thenComparing(m -> members.get(m).name()))
              .orElseThrow();
      return new Weighed(weights, Optional.of(combiner(heaviest)));
    }
    double[] found =
        settings.weighting() == Weighting.OPT
            ? new PromptFold(members, union, edits, told, prompts)
                .weights()
                .orElseGet(() -> sim(told, losses))
            : sim(told, losses);
    return new Weighed(found, Optional.of(combiner(told.getFirst())));
  }

  /** {@code L} in nats a character; NaN where the prompt tells nothing. */
  static double loss(PromptReading prompt, Tokenizer tokenizer) {
    int[] tokens = prompt.tokens();
    double[] logprobs = prompt.logprobs();
    double sum = 0;
    int characters = 0;
    for (int t = 1; t < tokens.length; t++) {
      byte[] bytes = tokenizer.bytes(tokens[t]);
      if (bytes.length > 0) {
        sum -= logprobs[t - 1];
        for (byte b : bytes) {
          // Bytes that go on with a character are 10xxxxxx.
          characters += (b & 0xC0) == 0x80 ? 0 : 1;
        }
      }
    }
    return characters == 0 ? Double.NaN : sum / characters;
  }

  private double[] sim(List<Integer> told, double[] losses) {
    double[] shares =
        Vectors.softmax(told.stream().mapToDouble(m -> -losses[m]).toArray(), settings.tau());
    var weights = new double[losses.length];
    for (int i = 0; i < shares.length; i++) {
      weights[told.get(i)] = shares[i];
    }
    return weights;
  }

  /** {@code softmax(sum_m w_m z_m)} over the pieces of a reference. */
  StepCombiner combiner(int reference) {
    return (votes, combined) -> {
      int[] columns = edits.columns(reference);
      var z = new double[columns.length];
      for (Vote vote : votes) {
        int[] nearest = edits.nearest(reference, vote.member());
        for (int i = 0; i < z.length; i++) {
          z[i] += vote.weight() * log(vote.ratings()[nearest[i]]);
        }
      }
      Arrays.fill(combined, 0);
      double[] p = Vectors.softmax(z, 1);
      for (int i = 0; i < p.length; i++) {
        combined[columns[i]] = p[i];
      }
    };
  }

  /** Logarithm of a probability; of 0 that of the least number. */
  static double log(double probability) {
    return Math.log(Math.max(probability, Double.MIN_NORMAL));
  }
}
