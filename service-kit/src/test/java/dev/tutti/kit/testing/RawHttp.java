package dev.tutti.kit.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that sends what no HTTP library would. */
public final class RawHttp implements AutoCloseable {

  /** After which a server that says nothing has failed the test. */
  private static final int PATIENCE_MILLIS = 30_000;

  private final Socket socket;

  private RawHttp(Socket socket) {
    this.socket = socket;
  }

  /** Connects to a port of this machine. */
  public static RawHttp connect(int port) throws IOException {
    var socket = new Socket("127.0.0.1", port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return new RawHttp(socket);
  }

  /** Connects to the server of this address. */
  public static RawHttp connect(URI http) throws IOException {
    return connect(http.getPort());
  }

  /** Sends text, one byte a character. */
  public RawHttp send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes. */
  public RawHttp send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /**
   * All that the server says until it closes the connection.
   *
   * @throws java.net.SocketTimeoutException when it does not close it
   */
  public String untilClosed() throws IOException {
    var said = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(said);
    } catch (SocketException e) {
      // Reset by a server that did not read all that was sent.
    }
    return said.toString(StandardCharsets.ISO_8859_1);
  }

  /** What the server says up to and with this text. */
  public String until(String end) throws IOException {
    InputStream in = socket.getInputStream();
    var said = new StringBuilder();
    while (said.indexOf(end) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("Closed before '%s': %s".formatted(end, said));
      }
      said.append((char) next);
    }
    return said.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
