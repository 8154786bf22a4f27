package dev.tutti.learning;

import dev.tutti.kit.settings.SettingsException;
import java.util.Optional;

/**
 * Where a catalog finds what its service has learned: the seam between methods and their keeping.
 * Thread-safe.
 *
 * @param <T> what an artifact becomes
 */
public interface ArtifactSource<T> {

  /** The version of an artifact that answers. */
  Optional<LiveArtifact<T>> active(String name);

  /** The version of an artifact that decides in shadow, beside the active one. */
  default Optional<LiveArtifact<T>> shadow(String name) {
    return Optional.empty();
  }

  /** Nothing is kept: what needs it is refused, with the reason, when it is registered. */
  static <T> ArtifactSource<T> none() {
    return _ -> Optional.empty();
  }

  /**
   * The version of an artifact that answers, for an ensemble of a fitted method whose setting
   * {@code artifact} names it.
   *
   * @throws SettingsException when none is active, or it is of another method
   */
  default LiveArtifact<T> require(String method, String name) {
    LiveArtifact<T> live =
        active(name)
            .orElseThrow(
                () ->
                    new SettingsException(
                        "artifact",
                        name.isEmpty()
                            ? "artifact is required: the name of what a fit of %s made."
                                .formatted(method)
                            : "artifact is '%s', of which no version is active: activate one, or fit %s to recorded outcomes first."
                                .formatted(name, method)));
    if (!live.artifact().method().equals(method)) {
      throw new SettingsException(
          "artifact",
          "artifact '%s' was fitted by %s; it takes one of %s."
              .formatted(name, live.artifact().method(), method));
    }
    return live;
  }
}
