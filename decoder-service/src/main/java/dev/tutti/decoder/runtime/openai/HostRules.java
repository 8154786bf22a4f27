package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.Failure;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;

/**
 * Which hosts may be called, and which get keys. What counts is the address that a name stands for
 * at this moment, and the connection goes to that very address: a name that changes its address
 * between check and call gains nothing.
 */
public final class HostRules {

  private static final int LAST_PORT = 65_535;

  private final List<String> allowed;
  private final boolean publicHosts;

  /**
   * Rules.
   *
   * @param allowed hosts that get keys, and may be called whatever their address: {@code host},
   *     {@code host:port}, {@code *.domain}
   * @param publicHosts whether others may be over https and without a key, where their address is
   *     public
   */
  public HostRules(List<String> allowed, boolean publicHosts) {
    this.allowed = allowed.stream().map(h -> h.strip().toLowerCase(Locale.ROOT)).toList();
    this.publicHosts = publicHosts;
  }

  /**
   * The address to connect to.
   *
   * @throws EndpointException when the host may not be called, or has no address
   */
  InetAddress resolve(URI url) {
    String host = url.getHost();
    int port = port(url);
    if (port == 0 || port > LAST_PORT) {
      throw refused("The host '%s' is named with a port that is not 1 to 65535.", host);
    }
    boolean listed = isListed(host, port);
    if (!listed && !publicHosts) {
      throw refused("The host '%s' is not in tutti.decoder.endpoints.allowed-hosts.", host);
    }
    if (!listed && !"https".equals(url.getScheme())) {
      throw refused(
          "The host '%s' is called over http, which only hosts in tutti.decoder.endpoints.allowed-hosts may be.",
          host);
    }
    try {
      InetAddress[] addresses = InetAddress.getAllByName(host);
      for (InetAddress address : addresses) {
        if (listed || isPublic(address)) {
          return address;
        }
      }
    } catch (UnknownHostException e) {
      throw EndpointFailures.unreachable("The host '%s'".formatted(host), e);
    }
    // The address is not told: a registrant is not to learn what lies inside.
    throw refused(
        "The host '%s' has a private, local or metadata address; such hosts must be in tutti.decoder.endpoints.allowed-hosts.",
        host);
  }

  /**
   * Keys go to listed hosts only: whoever may register a model names its host and its key, and
   * could have any key sent to a host of their own otherwise.
   *
   * @throws EndpointException when the host gets no key
   */
  void requireKeysAllowed(URI url) {
    if (!isListed(url.getHost(), port(url))) {
      throw EndpointException.lasting(
          new Failure.FailedPrecondition(
              "",
              "CREDENTIAL_NOT_FOR_HOST",
              "The host '%s' gets no key: it is not in tutti.decoder.endpoints.allowed-hosts."
                  .formatted(url.getHost())));
    }
  }

  /** The port that a URL stands for. */
  static int port(URI url) {
    return url.getPort() >= 0 ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
  }

  private boolean isListed(String host, int port) {
    String name = host.toLowerCase(Locale.ROOT);
    for (String rule : allowed) {
      if (rule.equals(name)
          || rule.equals(name + ":" + port)
          || (rule.startsWith("*.") && name.endsWith(rule.substring(1)))) {
        return true;
      }
    }
    return false;
  }

  private static EndpointException refused(String message, String host) {
    return EndpointException.lasting(
        new Failure.FailedPrecondition("", "ENDPOINT_NOT_ALLOWED", message.formatted(host)));
  }

  /** Whether an address is one of the open internet. */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] b = address.getAddress();
    int first = b[0] & 0xFF;
    int second = b[1] & 0xFF;
    return address instanceof Inet4Address
        ? first != 0
            // Shared by carriers, where one cloud has its metadata.
            && !(first == 100 && second >= 64 && second < 128)
            && !(first == 192 && second == 0 && b[2] == 0)
            && !(first == 198 && (second == 18 || second == 19))
            && first < 240
        // Global unicast, without the ways to wrap an IPv4 address (6to4, Teredo).
        : (first & 0xE0) == 0x20
            && !(first == 0x20 && second == 0x02)
            && !(first == 0x20 && second == 0x01 && b[2] == 0 && b[3] == 0);
  }
}
