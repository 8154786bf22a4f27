package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.learning.v1.Artifact;
import dev.tutti.learning.v1.ArtifactAction;
import dev.tutti.learning.v1.ArtifactChange;
import dev.tutti.learning.v1.ArtifactSummary;
import dev.tutti.learning.v1.ArtifactVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What fits made under one name; see learning.proto for what each field says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Artifact", description = "What fits made under one name.")
public record ArtifactItem(
    @Schema(description = "The service that keeps it.", examples = "router-service") String service,
    @Schema(description = "Its name; ensembles name it in their settings.") String name,
    @Schema(description = "The method that all of its versions are of.") String method,
    @Schema(description = "Its newest version.") int newestVersion,
    @Schema(description = "The version that answers; absent where none does.")
        Integer activeVersion,
    @Schema(description = "The version in shadow; absent where none is.") Integer shadowVersion,
    @Schema(description = "Its versions, the newest first; absent in lists.")
        List<Version> versions,
    @Schema(description = "What was switched, the oldest first; absent in lists.")
        List<Change> changes) {

  /** One version. */
  @Schema(name = "ArtifactVersion", description = "A version, without what was learned.")
  public record Version(
      @Schema(description = "Name of the artifact.") String name,
      @Schema(description = "From 1 on.") int version,
      @Schema(description = "The method that was fitted.") String method,
      @Schema(description = "Size of what was learned.") long bytes,
      @Schema(
              type = SchemaType.OBJECT,
              implementation = Object.class,
              description =
                  "Where it comes from: dataset and fingerprint, split, members, settings, seed, embedder, build. Equal"
                      + " provenance, equal artifact.")
          Map<String, Object> provenance,
      @Schema(
              type = SchemaType.OBJECT,
              implementation = Object.class,
              description = "What was measured on the queries that were held out.")
          Map<String, Object> metrics,
      @Schema(description = "When the fit ended.") Instant createdAt,
      @Schema(description = "Who started it.") String createdBy) {

    static Version of(ArtifactVersion version) {
      return new Version(
          version.getName(),
          version.getVersion(),
          version.getMethod(),
          version.getBytes(),
          StructJson.of(version.getProvenance()),
          StructJson.of(version.getMetrics()),
          JobItem.time(version.getCreatedAt()),
          version.getCreatedBy());
    }
  }

  /** Something that was switched. */
  @Schema(name = "ArtifactChange", description = "Something that was switched.")
  public record Change(
      @Schema(
              type = SchemaType.STRING,
              enumeration = {"activate", "roll_back", "shadow", "unshadow"},
              description = "What was done.")
          ArtifactAction action,
      @Schema(
              description =
                  "The version that is active, or in shadow, from here on; of unshadow, the one that was.")
          int version,
      @Schema(description = "When.") Instant at,
      @Schema(description = "By whom.") String by) {

    private static Change of(ArtifactChange change) {
      return new Change(
          change.getAction(), change.getVersion(), JobItem.time(change.getAt()), change.getBy());
    }
  }

  /** An artifact in a list. */
  static ArtifactItem brief(String service, ArtifactSummary summary) {
    return of(service, summary, null, null);
  }

  /** An artifact, whole. */
  static ArtifactItem whole(String service, Artifact artifact) {
    return of(
        service,
        artifact.getSummary(),
        artifact.getVersionsList().stream().map(Version::of).toList(),
        artifact.getChangesList().stream().map(Change::of).toList());
  }

  private static ArtifactItem of(
      String service, ArtifactSummary summary, List<Version> versions, List<Change> changes) {
    return new ArtifactItem(
        service,
        summary.getName(),
        summary.getMethod(),
        summary.getNewestVersion(),
        summary.hasActiveVersion() ? summary.getActiveVersion() : null,
        summary.hasShadowVersion() ? summary.getShadowVersion() : null,
        versions,
        changes);
  }
}
