package dev.tutti.decoder.runtime.openai;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How endpoints are called, below {@code tutti.decoder.endpoints}; README.md explains each. */
@ConfigMapping(prefix = "tutti.decoder.endpoints")
public interface EndpointConfig {

  /**
   * Hosts that get keys, and may be called whatever their address: {@code host}, {@code host:port},
   * {@code *.domain}.
   */
  Optional<List<String>> allowedHosts();

  /** Whether hosts with a public address may be called without being listed: https, no key. */
  @WithDefault("true")
  boolean publicHosts();

  /** Keys. */
  Keys credentials();

  /** Longest time until a connection stands. */
  @WithDefault("3s")
  Duration connectTimeout();

  /** Longest time until the first event of a stream; models may reason for minutes before it. */
  @WithDefault("10m")
  Duration firstTokenTimeout();

  /** Longest time until a whole answer begins, which is when all of it is written. */
  @WithDefault("10m")
  Duration answerTimeout();

  /** Longest silence within an answer. */
  @WithDefault("30s")
  Duration idleTimeout();

  /** Longest time in which signs of life may come without a word among them. */
  @WithDefault("10m")
  Duration aliveTimeout();

  /** Calls that run at once at one endpoint. */
  @WithDefault("128")
  int maxConcurrent();

  /** Calls that wait for one endpoint at once. */
  @WithDefault("256")
  int maxQueued();

  /** Further tries of a call of which nothing was streamed yet. */
  @WithDefault("2")
  int retries();

  /** Pause before the first further try; doubles, and up to half of it is left to chance. */
  @WithDefault("200ms")
  Duration retryDelay();

  /** Longest Retry-After that is waited for; a longer one is passed on to the caller. */
  @WithDefault("2s")
  Duration longestRetryAfter();

  /** How long an endpoint that keeps failing is left alone. */
  @WithDefault("5s")
  Duration breakerDelay();

  /** Calls of which half must fail for that. */
  @WithDefault("10")
  int breakerCalls();

  /** How long a field is left out that an endpoint refused and that no caller wrote. */
  @WithDefault("1h")
  Duration refusalsKept();

  /** Most bytes of one event of a stream. */
  @WithDefault("16M")
  MemorySize longestEvent();

  /** Most bytes of a whole answer. */
  @WithDefault("16M")
  MemorySize longestAnswer();

  /** Where keys may be read. */
  interface Keys {

    /** Beginning of the environment variables that {@code env:NAME} may name. */
    @WithDefault("TUTTI_CREDENTIAL_")
    String envPrefix();

    /** Folder of {@code file:PATH}; without it files are refused. */
    Optional<Path> filesDir();

    /** Folder below which secrets are mounted, {@code NAME/KEY}; without it secrets are refused. */
    Optional<Path> secretsDir();
  }
}
