package dev.tutti.decoder.learning;

import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.runtime.DecoderConfig;
import dev.tutti.learning.artifact.ArtifactTable;
import dev.tutti.learning.artifact.LiveArtifacts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What of this service's artifacts is active or in shadow. */
@ApplicationScoped
class EnsembleArtifacts {

  @Produces
  @Singleton
  LiveArtifacts<LearnedEnsemble> artifacts(ArtifactTable table, DecoderConfig config) {
    return new LiveArtifacts<>(table, JointEnsembleCatalog.FITTED, config.snapshotFile());
  }
}
