package dev.tutti.registry.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server that can be cut, with all connections on it, and opened again. */
final class CuttableProxy {

  private final int port;
  private final String host;
  private final int target;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private ServerSocket entrance;

  CuttableProxy(int port, String host, int target) {
    this.port = port;
    this.host = host;
    this.target = target;
    open();
  }

  /** Lets connections through; nothing where it does already. */
  synchronized void open() {
    if (entrance != null) {
      return;
    }
    try {
      var socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new java.net.InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
      entrance = socket;
      Thread.ofVirtual().start(() -> accept(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Cuts every connection and refuses new ones. */
  synchronized void cut() {
    close(entrance);
    entrance = null;
    open.forEach(CuttableProxy::close);
    open.clear();
  }

  private void accept(ServerSocket socket) {
    try {
      while (true) {
        Socket near = socket.accept();
        Socket far = new Socket(host, target);
        open.add(near);
        open.add(far);
        Thread.ofVirtual().start(() -> pump(near, far));
        Thread.ofVirtual().start(() -> pump(far, near));
      }
    } catch (IOException e) {
      close(socket);
    }
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One end is gone; so is the other one then.
    } finally {
      close(from);
      close(to);
    }
  }

  private static void close(Closeable end) {
    try {
      if (end != null) {
        end.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
