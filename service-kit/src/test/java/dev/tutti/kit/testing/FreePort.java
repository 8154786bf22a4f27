package dev.tutti.kit.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** A port that stays free until a test opens it, or opens it again. */
public final class FreePort {

  // Below the ports that systems give to outgoing connections (Linux: 32768 to 60999): whoever
  // keeps calling a port in that range while nobody listens may be given the port itself.
  private static final int LOWEST = 20_000;
  private static final int BOUND = 32_000;

  // A port that was given may not be open yet.
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /** A port of the loopback address at which nobody listens; none that was given before. */
  public static int find() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BOUND);
      if (!GIVEN.add(port)) {
        continue;
      }
      try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (BindException e) {
        // Taken: another one.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
