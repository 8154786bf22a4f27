package dev.tutti.fusion;

import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.learning.Parameters;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.Set;

/**
 * A method that is fitted to recorded answers: how it learns, and how it is made of what it
 * learned. Thread-safe.
 *
 * @param <D> what it learns from
 * @param <L> what it learns
 * @param <S> settings of its fit
 * @param <R> settings of the method
 */
public interface FittedFusion<
        D, L extends LearnedFusion, S extends Record, R extends Record & Fitted.Settings>
    extends FittedMethod<D, LearnedFusion, S> {

  /** What it does, in one line. */
  String summary();

  /** The class that is the method. */
  Class<? extends FusionMethod> type();

  /** Defaults of the method's settings. */
  R settings();

  /**
   * The method.
   *
   * @param learned by this fit
   * @param version of the artifact; 0 where nobody keeps it
   * @throws IllegalArgumentException when this build cannot work with what was learned
   */
  FusionMethod method(R settings, L learned, int version);

  @Override
  L read(Parameters parameters);

  @Override
  default Parameters parameters(LearnedFusion learned) {
    return learned.parameters();
  }

  /**
   * Its line in the catalog.
   *
   * @param kept where the artifacts are that its settings name
   */
  default MethodDefinition<FusionMethod> definition(ArtifactSource<LearnedFusion> kept) {
    return MethodDefinition.<FusionMethod, R>of(
            name(),
            Family.FAMILY_FUSION,
            summary(),
            paper(),
            Set.of(Capability.CAPABILITY_GENERATION),
            Members.atLeast(1),
            true,
            type(),
            settings(),
            its -> {
              LiveArtifact<LearnedFusion> live = kept.require(name(), its.artifact());
              @SuppressWarnings("unchecked") // An artifact of this name is what read() made.
              L learned = (L) live.learned();
              return method(its, learned, live.artifact().version());
            })
        .fittedAs(describe());
  }
}
