package dev.tutti.registry.admin;

import dev.tutti.learning.v1.ComparedVersion;
import dev.tutti.learning.v1.GetHeldOutResponse;
import dev.tutti.learning.v1.VersionReference;
import dev.tutti.numerics.measure.HeldOut;
import dev.tutti.numerics.measure.PairedDifference;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.neighbour.MethodListing.Missing;
import dev.tutti.registry.neighbour.Services;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Versions of any services side by side, by what each was worth on each query that it held out: a
 * router, a fusion and a cascade that were fitted to one dataset with one seed held out the same.
 */
@ApplicationScoped
public class ComparisonAdmin {

  private static final int LEAST_PAIRED = 2;

  private final LearningAdmin learning;
  private final Services services;

  ComparisonAdmin(LearningAdmin learning, Services services) {
    this.learning = learning;
    this.services = services;
  }

  /**
   * A version of an artifact.
   *
   * @param service that keeps it
   * @param name of the artifact
   * @param number from 1 on
   */
  public record Version(String service, String name, int number) {}

  /**
   * What a version was worth.
   *
   * @param compared as its service tells it
   * @param queries different ones that it held out
   * @param sharedQuality its mean on those that all of the versions held out; empty where there is
   *     none
   */
  public record Measured(
      Version version, ComparedVersion compared, int queries, OptionalDouble sharedQuality) {}

  /**
   * A version beside another.
   *
   * @param difference its quality less the other's; empty where they cannot be compared
   * @param reason why they cannot; empty where they can
   */
  public record Pairing(
      Version version, Version base, Optional<PairedDifference> difference, String reason) {}

  /**
   * Versions side by side.
   *
   * @param versions in the order that was asked for
   * @param pairings each but the first, beside the first
   * @param shared queries that all of them held out
   */
  public record Comparison(List<Measured> versions, List<Pairing> pairings, int shared) {}

  /**
   * Asks for each and compares them.
   *
   * @param versions two or more, each once
   * @throws dev.tutti.registry.RefusedException {@link Refusal.Unavailable} where a service cannot
   *     be asked, and what it refuses
   */
  public Comparison compare(List<Version> versions) {
    Map<Version, GetHeldOutResponse> told = ask(versions);
    Map<Version, HeldOut> heldOut = new HashMap<>();
    told.forEach((version, its) -> heldOut.put(version, heldOut(its)));
    // One version's queries in a map at a time: there may be many.
    Set<Long> shared = new HashSet<>(heldOut.get(versions.getFirst()).means().keySet());
    versions.forEach(version -> shared.retainAll(heldOut.get(version).means().keySet()));
    var measured = new ArrayList<Measured>();
    for (Version version : versions) {
      Map<Long, Double> means = heldOut.get(version).means();
      measured.add(
          new Measured(
              version,
              told.get(version).getCompared(),
              means.size(),
              shared.stream().mapToDouble(means::get).average()));
    }
    Version base = versions.getFirst();
    var pairings = new ArrayList<Pairing>();
    for (Version version : versions.subList(1, versions.size())) {
      double[] differences = heldOut.get(base).differences(heldOut.get(version));
      String reason =
          reason(dataset(told.get(base)), dataset(told.get(version)), differences.length);
      pairings.add(
          new Pairing(
              version,
              base,
              reason.isEmpty() ? Optional.of(PairedDifference.of(differences)) : Optional.empty(),
              reason));
    }
    return new Comparison(measured, pairings, shared.size());
  }

  private Map<Version, GetHeldOutResponse> ask(List<Version> versions) {
    List<String> asked = versions.stream().map(Version::service).distinct().toList();
    Services.Answers<Map<Version, GetHeldOutResponse>> told =
        services.each(
            asked,
            service ->
                versions.stream()
                    .filter(version -> version.service().equals(service))
                    .collect(Collectors.toMap(version -> version, this::ask)));
    if (!told.unavailable().isEmpty()) {
      throw new Refusal.Unavailable(
              "%s cannot be asked now."
                  .formatted(
                      told.unavailable().stream()
                          .map(Missing::service)
                          .collect(Collectors.joining(", "))))
          .exception();
    }
    var all = new HashMap<Version, GetHeldOutResponse>();
    told.answers().values().forEach(all::putAll);
    return all;
  }

  private GetHeldOutResponse ask(Version version) {
    return learning.heldOut(
        version.service(),
        VersionReference.newBuilder().setName(version.name()).setVersion(version.number()).build());
  }

  private static HeldOut heldOut(GetHeldOutResponse told) {
    var quality = new float[told.getQualityCount()];
    for (int i = 0; i < quality.length; i++) {
      quality[i] = told.getQuality(i);
    }
    return new HeldOut(
        told.getQueriesList().stream().mapToLong(Long::longValue).toArray(), quality);
  }

  /** Empty where it was not noted. */
  private static String dataset(GetHeldOutResponse told) {
    var noted = told.getCompared().getVersion().getProvenance().getFieldsMap().get("dataset");
    return noted == null ? "" : noted.getStringValue();
  }

  /** Why two cannot be compared, as within one service; empty where they can. */
  private static String reason(String base, String dataset, int queries) {
    if (!base.isEmpty() && !dataset.isEmpty() && !base.equals(dataset)) {
      return "They were measured on datasets whose scores may be of different units: '%s' and '%s'."
          .formatted(base, dataset);
    }
    return queries < LEAST_PAIRED
        ? "They were not measured on the same queries: %d were held out from both."
            .formatted(queries)
        : "";
  }
}
