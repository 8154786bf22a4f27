package dev.tutti.learning.artifact;

import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.Artifact;
import dev.tutti.learning.artifact.ArtifactChange.Action;
import dev.tutti.learning.artifact.ArtifactTable.NewChange;
import dev.tutti.numerics.measure.HeldOut;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Versions of artifacts: what there is, what is active or in shadow, and how two compare.
 * Everything reads the database, on no request's path; a change is answered once it counts on this
 * replica, which others follow within about a second.
 *
 * <p>All of it throws {@link Failure.NotFound} for what does not exist and {@link
 * Failure.Unavailable} when the database is away.
 */
@ApplicationScoped
public class Artifacts {

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** Of what a version learned. */
  private static final int MOST_BYTES = 256 << 20;

  private final ArtifactTable table;
  private final LiveArtifacts<?> live;
  private final SwitchRules rules;
  private final Duration longestWait;

  @Inject
  Artifacts(ArtifactTable table, LiveArtifacts<?> live, EmbeddingModel embedder) {
    this(table, live, embedder, LONGEST_WAIT);
  }

  Artifacts(
      ArtifactTable table, LiveArtifacts<?> live, EmbeddingModel embedder, Duration longestWait) {
    this.table = table;
    this.live = live;
    this.rules = new SwitchRules(live, embedder);
    this.longestWait = longestWait;
  }

  /**
   * An artifact.
   *
   * @param newest version
   * @param active version; empty where none is
   * @param shadow version; empty where none is
   */
  public record Summary(KeptArtifact newest, OptionalInt active, OptionalInt shadow) {}

  /**
   * An artifact with all that is known of it.
   *
   * @param versions the newest first
   * @param changes what was switched, the oldest first
   */
  public record History(
      Summary summary, List<KeptArtifact> versions, List<ArtifactChange> changes) {}

  /**
   * A new version that is to be kept.
   *
   * @param artifact what was learned, with its number
   * @param provenance where it comes from, as JSON
   * @param metrics what was measured, as JSON
   * @param heldOut the same query by query
   * @param comparison what comparisons show of it, as JSON
   */
  public record Fresh(
      Artifact artifact, String provenance, String metrics, HeldOut heldOut, String comparison) {}

  /**
   * Refuses a method for an artifact whose versions are of another one: ensembles name the artifact
   * and the method, and go on when another version is activated.
   *
   * @throws FailureException {@link Failure.InvalidArgument}
   */
  public void requireMethod(String name, String method) {
    List<KeptArtifact> versions = read(() -> table.versions(name));
    if (!versions.isEmpty()) {
      requireSame(name, versions.getFirst().method(), method);
    }
  }

  /**
   * Adds a version; the transaction is the caller's.
   *
   * @param job that made it
   * @param fresh gives it, once its number is known
   * @return its number
   * @throws FailureException {@link Failure.InvalidArgument} when it is too large, or of another
   *     method than the versions before it
   */
  public int add(Connection connection, String job, String name, IntFunction<Fresh> fresh)
      throws SQLException {
    ArtifactTable.Next next = table.lock(connection, name);
    Fresh its = fresh.apply(next.version());
    next.method().ifPresent(method -> requireSame(name, method, its.artifact().method()));
    byte[] document = its.artifact().bytes();
    if (document.length > MOST_BYTES) {
      throw refused(
          "parameters.dataset",
          "ARTIFACT_TOO_LARGE",
          "What was learned takes %d bytes; at most %d are kept."
              .formatted(document.length, MOST_BYTES));
    }
    table.insert(connection, name, its, document, job);
    return next.version();
  }

  private static void requireSame(String name, String method, String other) {
    if (!method.equals(other)) {
      throw refused(
          "parameters.method",
          "METHOD_FIXED",
          "The versions of artifact '%s' are of %s; one of %s takes another name."
              .formatted(name, method, other));
    }
  }

  /** All artifacts, by name. */
  public List<Summary> list() {
    return read(
        () -> {
          List<ArtifactChange> changes = table.changes();
          return table.newest().stream()
              .map(
                  newest ->
                      summary(
                          newest,
                          changes.stream().filter(c -> c.name().equals(newest.name())).toList()))
              .toList();
        });
  }

  /** One artifact. */
  public History find(String name) {
    return read(
        () -> {
          List<KeptArtifact> versions = table.versions(name);
          if (versions.isEmpty()) {
            throw unknown("artifact", "There is no artifact '%s'.".formatted(shown(name)));
          }
          List<ArtifactChange> changes = table.changes(name);
          return new History(summary(versions.getFirst(), changes), versions, changes);
        });
  }

  /** One version. */
  public KeptArtifact find(String name, int version) {
    return read(() -> table.find(name, version).orElseThrow(() -> unknown(name, version)));
  }

  /**
   * What a version learned, read anew.
   *
   * @throws FailureException {@link Failure.InvalidArgument} where memory has no room for it
   */
  public Artifact artifact(String name, int version) {
    rules.requireRoom(find(name, version));
    return read(() -> Artifact.of(table.document(name, version).orElseThrow()));
  }

  /**
   * Lets a version answer. One that answers already stays; one that was in shadow leaves it.
   *
   * @param author who wants it
   * @throws FailureException {@link Failure.InvalidArgument} where it was fitted to embeddings of
   *     another model than the present one, as far as this can be told, or memory has no room
   */
  public History activate(String name, int version, String author) {
    KeptArtifact kept = find(name, version);
    Optional<String> embedding = rules.embedding(kept);
    return change(
        name,
        author,
        changes -> {
          List<Integer> activated = ArtifactChange.activated(changes);
          if (!activated.isEmpty() && activated.getLast() == version) {
            return List.of();
          }
          rules.requireSameEmbedder(kept, embedding);
          if (!ArtifactChange.shadow(changes).equals(OptionalInt.of(version))) {
            // One in shadow is in memory.
            rules.requireRoom(kept);
          }
          return outOfShadow(changes, new NewChange(Action.ACTIVATE, version));
        });
  }

  /**
   * Lets the version answer again that did before the present one was activated. One that was in
   * shadow leaves it.
   *
   * @throws FailureException {@link Failure.InvalidArgument} where there is none
   */
  public History rollBack(String name, String author) {
    find(name);
    return change(
        name,
        author,
        changes -> {
          List<Integer> activated = ArtifactChange.activated(changes);
          if (activated.size() < 2) {
            throw refused(
                "artifact",
                "NOTHING_TO_ROLL_BACK",
                "No version of artifact '%s' was active before the present one."
                    .formatted(shown(name)));
          }
          int before = activated.get(activated.size() - 2);
          return outOfShadow(changes, new NewChange(Action.ROLL_BACK, before));
        });
  }

  /**
   * Puts a version in shadow, in place of one that is there.
   *
   * @throws FailureException {@link Failure.InvalidArgument} where none is active, or this one is,
   *     and as {@link #activate}
   */
  public History shadow(String name, int version, String author) {
    KeptArtifact kept = find(name, version);
    Optional<String> embedding = rules.embedding(kept);
    return change(
        name,
        author,
        changes -> {
          List<Integer> activated = ArtifactChange.activated(changes);
          if (activated.isEmpty() || activated.getLast() == version) {
            throw refused(
                "version",
                "NO_SHADOW",
                activated.isEmpty()
                    ? "No version of artifact '%s' is active, to be in the shadow of."
                        .formatted(shown(name))
                    : "Version %d of artifact '%s' is the active one."
                        .formatted(version, shown(name)));
          }
          if (ArtifactChange.shadow(changes).equals(OptionalInt.of(version))) {
            return List.of();
          }
          rules.requireSameEmbedder(kept, embedding);
          rules.requireRoom(kept);
          return List.of(new NewChange(Action.SHADOW, version));
        });
  }

  /** Takes the version in shadow out of it; nothing where there is none. */
  public History unshadow(String name, String author) {
    find(name);
    return change(
        name,
        author,
        changes -> {
          OptionalInt shadow = ArtifactChange.shadow(changes);
          return shadow.isEmpty()
              ? List.of()
              : List.of(new NewChange(Action.UNSHADOW, shadow.getAsInt()));
        });
  }

  /** A change of who is active, who is not in shadow beside itself. */
  private static List<NewChange> outOfShadow(List<ArtifactChange> changes, NewChange active) {
    return ArtifactChange.shadow(changes).equals(OptionalInt.of(active.version()))
        ? List.of(new NewChange(Action.UNSHADOW, active.version()), active)
        : List.of(active);
  }

  private History change(
      String name, String author, Function<List<ArtifactChange>, List<NewChange>> decision) {
    long number = read(() -> table.change(name, author, decision));
    if (!live.await(number, longestWait)) {
      throw new Failure.Unavailable(
              "NOT_TAKEN_OVER",
              "The change of artifact '%s' is written, but after %s this replica has not taken it over; it goes on trying."
                  .formatted(shown(name), Deadlines.shown(longestWait)))
          .exception();
    }
    return find(name);
  }

  private static Summary summary(KeptArtifact newest, List<ArtifactChange> changes) {
    List<Integer> activated = ArtifactChange.activated(changes);
    return new Summary(
        newest,
        activated.isEmpty() ? OptionalInt.empty() : OptionalInt.of(activated.getLast()),
        ArtifactChange.shadow(changes));
  }

  /** A question to the database. */
  interface Question<T> {
    T ask() throws SQLException;
  }

  static <T> T read(Question<T> question) {
    try {
      return question.ask();
    } catch (SQLException e) {
      throw new FailureException(
          new Failure.Unavailable(
              "DATABASE_UNREACHABLE",
              "Artifacts cannot be read or switched: the database is out of reach."),
          e);
    }
  }

  /** There is no such version, or not any more. */
  static FailureException unknown(String name, int version) {
    return unknown("version", "Artifact '%s' has no version %d.".formatted(shown(name), version));
  }

  private static FailureException unknown(String field, String message) {
    return new Failure.NotFound(field, "ARTIFACT_NOT_FOUND", message).exception();
  }

  static FailureException refused(String field, String reason, String message) {
    return new Failure.InvalidArgument(field, reason, message).exception();
  }

  static String shown(String name) {
    return name.length() <= 128 ? name : name.substring(0, 128) + "...";
  }
}
