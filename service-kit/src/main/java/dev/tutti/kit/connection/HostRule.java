package dev.tutti.kit.connection;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which {@code Host} headers are served.
 *
 * @param names in lower case, without ports; every one is served where it is empty
 */
record HostRule(Set<String> names) {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /**
   * The names that are listed, and those of the loopback address. Where none are listed: those of
   * the loopback address if the service listens there only, else every one, since nobody knows by
   * which names a network reaches it.
   *
   * @param listening address or name that the service listens at
   */
  static HostRule of(List<String> listed, String listening) {
    if (listed.isEmpty()) {
      return new HostRule(isLoopback(listening) ? LOOPBACK : Set.of());
    }
    Set<String> names =
        listed.stream()
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    names.addAll(LOOPBACK);
    return new HostRule(Set.copyOf(names));
  }

  /** Whether an address or a name is this machine's own, which no other reaches. */
  static boolean isLoopback(String host) {
    String name = host.strip().toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.startsWith("127.")
        || name.equals("::1")
        || name.equals("[::1]");
  }

  /**
   * Whether a request is served.
   *
   * @param host its header, with a port or without; null where it has none, as HTTP/1.0 may
   */
  boolean allows(String host) {
    if (names.isEmpty() || host == null) {
      return true;
    }
    int port = host.lastIndexOf(':');
    String name = port > host.lastIndexOf(']') ? host.substring(0, port) : host;
    return names.contains(name.strip().toLowerCase(Locale.ROOT));
  }
}
