package dev.tutti.fusion.method.similarity;

import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.Selector;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.Parameters;
import java.util.Set;
import java.util.random.RandomGenerator;

/** How {@link Smoothie} is fitted. */
public final class SmoothieFit implements FittedSelector<SmoothieVoices.Settings> {

  /** Name of the method. */
  public static final String NAME = "smoothie";

  /** Where it comes from. */
  public static final String PAPER = "Guha et al. 2024, Smoothie, NeurIPS, arXiv:2412.04692";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String paper() {
    return PAPER;
  }

  @Override
  public SmoothieVoices.Settings defaults() {
    return SmoothieVoices.Settings.DEFAULTS;
  }

  @Override
  public Members members() {
    return Members.atLeast(3);
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.EMBEDDINGS);
  }

  @Override
  public SmoothieVoices fit(
      RecordedAnswers data, SmoothieVoices.Settings settings, RandomGenerator random) {
    return SmoothieVoices.fit(data, settings);
  }

  @Override
  public SmoothieVoices read(Parameters parameters) {
    return new SmoothieVoices(parameters);
  }

  @Override
  public Parameters parameters(LearnedFusion learned) {
    return learned.parameters();
  }

  @Override
  public Selector selector(LearnedFusion learned, SmoothieVoices.Settings settings) {
    return new Smoothie(Smoothie.Settings.DEFAULTS, (SmoothieVoices) learned, 0);
  }
}
