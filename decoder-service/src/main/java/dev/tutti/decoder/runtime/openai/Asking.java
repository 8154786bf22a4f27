package dev.tutti.decoder.runtime.openai;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * One request to one endpoint: without the fields of this service's own that the endpoint is known
 * to refuse, and asked again where it refuses more of them. Confined to one thread.
 */
final class Asking {

  private final RefusedFields refused;
  private final String path;
  private final EndpointBody body;
  private final Set<String> without;
  private final Set<String> found = new TreeSet<>();
  private Set<String> named = Set.of();
  private Set<String> guessed = Set.of();
  private boolean guesses;

  /**
   * A request.
   *
   * @param refused what is known of the endpoint
   * @param path below its base URL
   */
  Asking(RefusedFields refused, String path, EndpointBody body) {
    this.refused = refused;
    this.path = path;
    this.body = body;
    this.without = new TreeSet<>(refused.known(path, body.added(Set.of())));
  }

  /** What to send now; null to GET. */
  byte[] bytes() {
    return body.bytes(without);
  }

  /** Whether a field is left out that the body would have. */
  boolean leavesOut(String field) {
    return without.contains(field);
  }

  /** Notes what an answer other than 200 says. */
  void refused(int status, byte[] answer) {
    named = RefusedFields.named(status, answer, body.added(without));
    guesses = RefusedFields.isSilent(answer);
  }

  /**
   * Calls until the endpoint takes the request, or refuses something else.
   *
   * @param call sends {@link #bytes} and tells {@link #refused}
   * @throws EndpointException as the last call
   */
  <T> T ask(Supplier<T> call) {
    while (true) {
      named = Set.of();
      try {
        T answer = call.get();
        found.addAll(guessed);
        refused.learn(path, found);
        return answer;
      } catch (EndpointException e) {
        if (named.isEmpty()) {
          throw e;
        }
        if (guesses) {
          // Of several guesses the last made the difference.
          guessed = named;
        } else {
          found.addAll(named);
        }
        without.addAll(named);
      }
    }
  }
}
