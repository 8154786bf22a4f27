package dev.tutti.decoder.runtime;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What can be configured, below {@code tutti.decoder}; README.md explains each. */
@ConfigMapping(prefix = "tutti.decoder")
public interface DecoderConfig {

  /** The folder below which all models lie. Without it only the embedding model is there. */
  Optional<Path> modelsDir();

  /** File that keeps the registry's last snapshot; without it nothing is kept over restarts. */
  Optional<Path> snapshotFile();

  /** Where models run. */
  @WithDefault("cpu")
  OnnxRuntime.Device device();

  /** Most bytes of all loaded models together. */
  @WithDefault("2G")
  MemorySize memoryBudget();

  /** Sessions that run at once; each member of an ensemble is one. */
  @WithDefault("32")
  int maxSessions();

  /** Requests that wait for sessions at once. */
  @WithDefault("64")
  int maxQueued();

  /** Most short texts that are embedded in one pass. */
  @WithDefault("16")
  int embeddingBatch();

  /** Its own name, by which models of the registry name their decoder; none where it is alone. */
  Optional<String> name();

  /** The other decoders, by their names: host and port of their gRPC. */
  Map<String, String> peers();

  /** Longest silence of another decoder that was asked for something. */
  @WithDefault("30s")
  Duration peerTimeout();

  /** Of each distribution of another decoder so many of the most probable tokens; else all. */
  OptionalInt peerTop();

  /** The TLS configuration of connections to other decoders, by its name; else plain text. */
  Optional<String> peerTls();

  /** Longest silence of another decoder that holds a session here. */
  @WithDefault("10m")
  Duration guestTimeout();
}
