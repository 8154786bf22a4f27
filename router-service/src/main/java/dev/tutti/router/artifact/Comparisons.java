package dev.tutti.router.artifact;

import dev.tutti.numerics.measure.HeldOut;
import dev.tutti.numerics.measure.PairedDifference;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How versions of an artifact compare. Reads the database, on no request's path. */
@ApplicationScoped
public class Comparisons {

  private static final int LEAST_PAIRED = 2;

  private final Artifacts artifacts;
  private final ArtifactTable table;

  Comparisons(Artifacts artifacts, ArtifactTable table) {
    this.artifacts = artifacts;
    this.table = table;
  }

  /**
   * How a version does beside another, where both were measured on the same queries.
   *
   * @param version it
   * @param base the other
   * @param difference its quality less the other's; empty where they cannot be compared
   * @param reason why they cannot; empty where they can
   */
  public record Pairing(
      int version, int base, Optional<PairedDifference> difference, String reason) {}

  /**
   * Versions side by side.
   *
   * @param versions in the order that was asked for
   * @param pairings each but the first, beside the first
   */
  public record Comparison(List<KeptArtifact> versions, List<Pairing> pairings) {}

  /**
   * Versions side by side.
   *
   * @param versions two or more, each once
   */
  public Comparison compare(String name, List<Integer> versions) {
    List<KeptArtifact> kept = versions.stream().map(v -> artifacts.find(name, v)).toList();
    var pairings = new ArrayList<Pairing>();
    HeldOut base = heldOut(kept.getFirst());
    for (KeptArtifact version : kept.subList(1, kept.size())) {
      double[] differences = base.differences(heldOut(version));
      pairings.add(
          new Pairing(
              version.version(),
              kept.getFirst().version(),
              differences.length < LEAST_PAIRED
                  ? Optional.empty()
                  : Optional.of(PairedDifference.of(differences)),
              differences.length < LEAST_PAIRED
                  ? "They were not measured on the same queries: %d were held out from both."
                      .formatted(differences.length)
                  : ""));
    }
    return new Comparison(kept, pairings);
  }

  private HeldOut heldOut(KeptArtifact kept) {
    return HeldOut.of(
        Artifacts.read(() -> table.heldOut(kept.name(), kept.version()).orElseThrow()));
  }
}
