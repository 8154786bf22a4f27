package dev.tutti.kit.calls;

import java.util.Optional;

/**
 * What running an answer gave: a query's rows, or which tests code passed. The caller ran it; it is
 * what the answer is compared by.
 *
 * @param spelling in one spelling; empty where it gave nothing that counts
 */
public record Ran(Optional<String> spelling) {

  /** It gave nothing that counts. */
  public static final Ran NOTHING = new Ran(Optional.empty());
}
