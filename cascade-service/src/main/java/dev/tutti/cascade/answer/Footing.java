package dev.tutti.cascade.answer;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.FitQuality;
import dev.tutti.method.v1.Recipe;
import java.util.List;
import java.util.Optional;

/**
 * What a recipe's method stands on that was fitted.
 *
 * @param artifact its name
 * @param version that answers
 * @param members whom it has learned about, as datasets know them
 * @param quality on what was held out; empty where it is not known for settings as the recipe's
 */
record Footing(String artifact, int version, List<String> members, Optional<FitQuality> quality) {

  private static final String ARTIFACT = "artifact";

  /** Of a checked recipe; empty where its method stands on nothing, or on what is gone. */
  static Optional<Footing> of(Recipe recipe, ArtifactSource<LearnedCascade> learned) {
    MethodDefinition<?> described = CascadeCatalog.METHODS.find(recipe.getMethod()).orElseThrow();
    if (described.fit().isEmpty()) {
      return Optional.empty();
    }
    Value named = described.complete(recipe.getSettings()).getFieldsOrThrow(ARTIFACT);
    // A fit measures the method as its other defaults make it, unless it says otherwise.
    Struct.Builder measuredWith = Struct.newBuilder().putFields(ARTIFACT, named);
    CascadeCatalog.FITTED.stream()
        .filter(fit -> fit.name().equals(recipe.getMethod()))
        .forEach(fit -> fit.measuredWith().forEach((name, text) -> put(measuredWith, name, text)));
    boolean measured =
        own(described, measuredWith.build()).equals(own(described, recipe.getSettings()));
    return learned
        .active(named.getStringValue())
        .map(
            live ->
                new Footing(
                    named.getStringValue(),
                    live.artifact().version(),
                    live.artifact().parameters().members(),
                    measured ? FitQuality.of(live.artifact().parameters()) : Optional.empty()));
  }

  private static void put(Struct.Builder settings, String name, String text) {
    settings.putFields(name, Value.newBuilder().setStringValue(text).build());
  }

  /** The method's own settings, every name given. */
  private static Struct own(MethodDefinition<?> described, Struct settings) {
    Struct.Builder all = described.complete(settings).toBuilder();
    CascadeCatalog.CACHING.names().forEach(all::removeFields);
    return all.build();
  }

  /** Tells a decision of it. */
  void tell(Decision.Builder decision) {
    decision.setArtifact(artifact).setArtifactVersion(version);
    quality.ifPresent(
        its ->
            decision
                .getInputsBuilder()
                .putFields("held_out", Value.newBuilder().setStructValue(its.told()).build()));
  }
}
