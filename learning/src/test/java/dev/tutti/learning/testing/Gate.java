package dev.tutti.learning.testing;

import dev.tutti.kit.testing.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP relay in front of a server; shut, the server is gone for whoever comes through it. */
public final class Gate implements AutoCloseable {

  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final int port = FreePort.find();
  private ServerSocket door;

  public Gate(int target) {
    this.target = target;
  }

  public synchronized void open() {
    try {
      door = new ServerSocket();
      door.setReuseAddress(true);
      door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      ServerSocket mine = door;
      Thread.ofVirtual().start(() -> admit(mine));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public synchronized void shut() {
    close(door);
    sockets.forEach(Gate::close);
    sockets.clear();
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    shut();
  }

  private void admit(ServerSocket mine) {
    while (true) {
      try {
        Socket client = mine.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> pump(client, server));
        Thread.ofVirtual().start(() -> pump(server, client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void pump(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // Shut.
    }
  }

  private static void close(java.io.Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
