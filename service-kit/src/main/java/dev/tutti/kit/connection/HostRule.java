package dev.tutti.kit.connection;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which {@code Host} headers are served.
 *
 * @param names in lower case, without ports; every one is served where it is empty
 */
record HostRule(Set<String> names) {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /**
   * The names that are listed, those of the loopback address, and the address that the service
   * listens at. Where none are listed: every one if other machines reach it there, since nobody
   * knows by which names a network does.
   *
   * @param listening address or name that the service listens at
   */
  static HostRule of(List<String> listed, String listening) {
    if (listed.isEmpty() && !isLoopback(listening)) {
      return new HostRule(Set.of());
    }
    Set<String> names = new HashSet<>(LOOPBACK);
    listed.forEach(name -> names.add(plain(name)));
    names.add(inHeader(plain(listening)));
    return new HostRule(Set.copyOf(names));
  }

  /** An address of IPv6 is in brackets there. */
  private static String inHeader(String name) {
    return name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name;
  }

  private static String plain(String name) {
    return name.strip().toLowerCase(Locale.ROOT);
  }

  /** Whether an address or a name is this machine's own, which no other reaches. */
  static boolean isLoopback(String host) {
    String name = plain(host);
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
    return names.contains(plain(name));
  }
}
