package dev.tutti.registry.signin;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What somebody who is signed in may do; each may what those before it may. */
public enum Role {
  /** Reads. */
  VIEWER,
  /** Changes models and ensembles, datasets, fits and jobs. */
  OPERATOR,
  /** Makes teams, keys and users. */
  ADMINISTRATOR;

  /** In lower case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it may what another one may. */
  public boolean covers(Role other) {
    return compareTo(other) >= 0;
  }

  /** The role of a word; empty where there is none. */
  public static Optional<Role> of(String word) {
    return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
  }

  /** All of them, as they are told. */
  public static String words() {
    return Arrays.stream(values()).map(Role::word).collect(Collectors.joining(", "));
  }
}
