package dev.tutti.router.learning;

import dev.tutti.learning.artifact.ArtifactTable;
import dev.tutti.learning.artifact.LiveArtifacts;
import dev.tutti.router.FittedMethods;
import dev.tutti.router.QualityEstimator;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What of the router's artifacts is active or in shadow. */
@ApplicationScoped
class RouterArtifacts {

  @Produces
  @Singleton
  LiveArtifacts<QualityEstimator> artifacts(
      ArtifactTable table,
      @ConfigProperty(name = "tutti.router.snapshot") Optional<String> snapshot) {
    return new LiveArtifacts<>(table, FittedMethods.ALL, snapshot.map(Path::of));
  }
}
