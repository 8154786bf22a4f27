package dev.tutti.cascade.learning;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.learning.artifact.ArtifactTable;
import dev.tutti.learning.artifact.LiveArtifacts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What of the artifacts of cascades is active or in shadow. */
@ApplicationScoped
class CascadeArtifacts {

  @Produces
  @Singleton
  LiveArtifacts<LearnedCascade> artifacts(
      ArtifactTable table,
      @ConfigProperty(name = "tutti.cascade.snapshot") Optional<String> snapshot) {
    return new LiveArtifacts<>(table, CascadeCatalog.FITTED, snapshot.map(Path::of));
  }
}
