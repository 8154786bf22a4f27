package dev.tutti.fusion.method.prompt;

import dev.tutti.kit.calls.Episode;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Who has which role. */
public final class Roles {

  /** Answers as the request was asked. */
  public static final String PROPOSER = "proposer";

  /** Reads the answers and writes one. */
  public static final String AGGREGATOR = "aggregator";

  /** Says how good answers are. */
  public static final String JUDGE = "judge";

  /** Reads the answers that were judged best and writes one. */
  public static final String FUSER = "fuser";

  private Roles() {}

  /** Places of the members with a role, in the order of the recipe. */
  public static List<Integer> all(Episode episode, String role) {
    return IntStream.range(0, episode.members().size())
        .filter(m -> episode.members().get(m).role().equals(role))
        .boxed()
        .toList();
  }

  /** Place of the first member with a role; empty where none has it. */
  public static Optional<Integer> first(Episode episode, String role) {
    return all(episode, role).stream().findFirst();
  }
}
