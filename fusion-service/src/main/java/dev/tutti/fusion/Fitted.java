package dev.tutti.fusion;

import java.util.List;

/**
 * What a method stands on that was fitted: a decision says which version of it.
 *
 * @param artifact its name; empty where it has none, which is for tests and replays only
 * @param version at least 1; 0 where it has no name
 * @param members whom it has learned about, as datasets know them
 */
public record Fitted(String artifact, int version, List<String> members) {

  /** Settings of a method that stands on an artifact. */
  public interface Settings {

    /** Its name. */
    String artifact();
  }
}
