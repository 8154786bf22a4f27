package dev.tutti.fusion.learning;

import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.learning.artifact.ArtifactTable;
import dev.tutti.learning.artifact.LiveArtifacts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What of fusion's artifacts is active or in shadow. */
@ApplicationScoped
class FusionArtifacts {

  @Produces
  @Singleton
  LiveArtifacts<LearnedFusion> artifacts(
      ArtifactTable table,
      @ConfigProperty(name = "tutti.fusion.snapshot") Optional<String> snapshot) {
    return new LiveArtifacts<>(table, FusionCatalog.FITTED, snapshot.map(Path::of));
  }
}
