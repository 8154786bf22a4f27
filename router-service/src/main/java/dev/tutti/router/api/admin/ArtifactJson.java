package dev.tutti.router.api.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.tutti.learning.artifact.ArtifactChange;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.learning.artifact.Comparisons;
import dev.tutti.learning.artifact.KeptArtifact;
import dev.tutti.numerics.measure.PairedDifference;
import dev.tutti.router.decision.ShadowReport;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Artifacts in JSON: the components of these records are the fields. */
final class ArtifactJson {

  private ArtifactJson() {}

  /** A list. */
  record Listing(String object, List<?> data) {}

  /** An artifact in a list; a version is null where there is none. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Summary(
      String object,
      String name,
      String method,
      int newest_version,
      Integer active_version,
      Integer shadow_version) {

    static Summary of(Artifacts.Summary summary) {
      return new Summary(
          "artifact",
          summary.newest().name(),
          summary.newest().method(),
          summary.newest().version(),
          boxed(summary.active()),
          boxed(summary.shadow()));
    }
  }

  record Version(
      String object,
      String name,
      int version,
      String method,
      long bytes,
      @JsonRawValue String provenance,
      @JsonRawValue String metrics,
      Instant created_at,
      String created_by) {

    static Version of(KeptArtifact kept) {
      return new Version(
          "artifact.version",
          kept.name(),
          kept.version(),
          kept.method(),
          kept.bytes(),
          kept.provenance(),
          kept.metrics(),
          kept.created(),
          kept.author());
    }
  }

  record Change(String action, int version, Instant at, String by) {

    static Change of(ArtifactChange change) {
      return new Change(
          change.action().name().toLowerCase(Locale.ROOT),
          change.version(),
          change.at(),
          change.author());
    }
  }

  /** An artifact with its versions, the newest first, and what was switched, the oldest first. */
  record Whole(
      String object,
      String name,
      String method,
      Integer active_version,
      Integer shadow_version,
      List<?> versions,
      List<?> changes) {

    static Whole of(Artifacts.History history) {
      Summary summary = Summary.of(history.summary());
      return new Whole(
          "artifact",
          summary.name(),
          summary.method(),
          summary.active_version(),
          summary.shadow_version(),
          history.versions().stream().map(Version::of).toList(),
          history.changes().stream().map(Change::of).toList());
    }
  }

  /** Versions side by side. */
  record Comparison(String object, String name, List<?> versions, List<?> pairs) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Pair(
      int version,
      int base_version,
      boolean comparable,
      String reason,
      Integer queries,
      Double quality_difference,
      Double low,
      Double high,
      Double confidence) {

    static Pair of(Comparisons.Pairing pairing) {
      if (pairing.difference().isEmpty()) {
        return new Pair(
            pairing.version().version(),
            pairing.base().version(),
            false,
            pairing.reason(),
            null,
            null,
            null,
            null,
            null);
      }
      PairedDifference its = pairing.difference().get();
      return new Pair(
          pairing.version().version(),
          pairing.base().version(),
          true,
          null,
          its.queries(),
          its.mean(),
          its.low(),
          its.high(),
          PairedDifference.CONFIDENCE);
    }
  }

  /** What the version in shadow chose. */
  record Shadow(
      String object,
      String artifact,
      int version,
      long decisions,
      boolean truncated,
      Double agreement,
      Map<String, Long> active_choices,
      Map<String, Long> shadow_choices,
      Double expected_usd_difference,
      Double quality_difference_by_active,
      Double quality_difference_by_shadow) {

    static Shadow of(String artifact, int version, ShadowReport.Report report) {
      boolean any = report.decisions() > 0;
      return new Shadow(
          "artifact.shadow",
          artifact,
          version,
          report.decisions(),
          report.truncated(),
          any ? (double) report.agreed() / report.decisions() : null,
          report.live(),
          report.shadow(),
          any ? report.usd() : null,
          any ? report.qualityByLive() : null,
          any ? report.qualityByShadow() : null);
    }
  }

  private static Integer boxed(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }
}
