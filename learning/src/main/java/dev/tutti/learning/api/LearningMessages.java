package dev.tutti.learning.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.learning.artifact.ArtifactChange.Action;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.learning.artifact.Comparisons;
import dev.tutti.learning.artifact.KeptArtifact;
import dev.tutti.learning.v1.Artifact;
import dev.tutti.learning.v1.ArtifactAction;
import dev.tutti.learning.v1.ArtifactChange;
import dev.tutti.learning.v1.ArtifactSummary;
import dev.tutti.learning.v1.ArtifactVersion;
import dev.tutti.learning.v1.CompareVersionsResponse;
import dev.tutti.learning.v1.ComparedPair;
import dev.tutti.learning.v1.ComparedVersion;
import dev.tutti.learning.v1.GetHeldOutResponse;
import dev.tutti.learning.v1.VersionReference;
import dev.tutti.numerics.measure.PairedDifference;
import java.time.Instant;

/** What is kept, as learning.proto tells it. */
final class LearningMessages {

  /** What a later build keeps beside is not told. */
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private LearningMessages() {}

  static ArtifactSummary summary(Artifacts.Summary summary) {
    ArtifactSummary.Builder message =
        ArtifactSummary.newBuilder()
            .setName(summary.newest().name())
            .setMethod(summary.newest().method())
            .setNewestVersion(summary.newest().version());
    summary.active().ifPresent(message::setActiveVersion);
    summary.shadow().ifPresent(message::setShadowVersion);
    return message.build();
  }

  static Artifact artifact(Artifacts.History history) {
    Artifact.Builder message = Artifact.newBuilder().setSummary(summary(history.summary()));
    history.versions().forEach(kept -> message.addVersions(version(kept)));
    history
        .changes()
        .forEach(
            change ->
                message.addChanges(
                    ArtifactChange.newBuilder()
                        .setAction(action(change.action()))
                        .setVersion(change.version())
                        .setAt(timestamp(change.at()))
                        .setBy(change.author())));
    return message.build();
  }

  static ArtifactVersion version(KeptArtifact kept) {
    return ArtifactVersion.newBuilder()
        .setName(kept.name())
        .setVersion(kept.version())
        .setMethod(kept.method())
        .setBytes(kept.bytes())
        .setProvenance(merged(kept.provenance(), Struct.newBuilder()).build())
        .setMetrics(merged(kept.metrics(), Struct.newBuilder()).build())
        .setCreatedAt(timestamp(kept.created()))
        .setCreatedBy(kept.author())
        .build();
  }

  static CompareVersionsResponse comparison(Comparisons.Comparison comparison) {
    CompareVersionsResponse.Builder message = CompareVersionsResponse.newBuilder();
    for (KeptArtifact kept : comparison.versions()) {
      message.addVersions(compared(kept));
    }
    comparison.pairings().forEach(pairing -> message.addPairs(pair(pairing)));
    return message.build();
  }

  static GetHeldOutResponse heldOut(Comparisons.Measured measured) {
    GetHeldOutResponse.Builder message =
        GetHeldOutResponse.newBuilder().setCompared(compared(measured.version()));
    for (long query : measured.heldOut().queries()) {
      message.addQueries(query);
    }
    for (float quality : measured.heldOut().quality()) {
      message.addQuality(quality);
    }
    return message.build();
  }

  /** The field names of what is kept are those of the message. */
  private static ComparedVersion compared(KeptArtifact kept) {
    return merged(kept.comparison(), ComparedVersion.newBuilder())
        .setVersion(version(kept))
        .build();
  }

  private static ComparedPair pair(Comparisons.Pairing pairing) {
    ComparedPair.Builder message =
        ComparedPair.newBuilder()
            .setVersion(reference(pairing.version()))
            .setBase(reference(pairing.base()))
            .setReason(pairing.reason());
    pairing
        .difference()
        .ifPresent(
            its ->
                message
                    .setQueries(its.queries())
                    .setQualityDifference(its.mean())
                    .setLow(its.low())
                    .setHigh(its.high())
                    .setConfidence(PairedDifference.CONFIDENCE));
    return message.build();
  }

  private static VersionReference reference(Comparisons.Version version) {
    return VersionReference.newBuilder()
        .setName(version.name())
        .setVersion(version.version())
        .build();
  }

  private static ArtifactAction action(Action action) {
    return switch (action) {
      case ACTIVATE -> ArtifactAction.ARTIFACT_ACTION_ACTIVATE;
      case ROLL_BACK -> ArtifactAction.ARTIFACT_ACTION_ROLL_BACK;
      case SHADOW -> ArtifactAction.ARTIFACT_ACTION_SHADOW;
      case UNSHADOW -> ArtifactAction.ARTIFACT_ACTION_UNSHADOW;
    };
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  private static <B extends Message.Builder> B merged(String json, B builder) {
    try {
      PARSER.merge(json, builder);
      return builder;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("What is kept of an artifact cannot be read", e);
    }
  }
}
