package dev.tutti.kit.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Follows the requests and answers of one HTTP/1 connection: tells {@link ConnectionGuard} what is
 * waited for, measures bodies, and answers what is late (408) or wrongly framed (400, 414, 431),
 * which would otherwise reach the service as a body that never ends.
 */
final class ExchangeGuard extends ChannelDuplexHandler {

  /** How long an answer to a client that is still sending has to arrive. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final ConnectionGuard guard;
  private final ConnectionLimits limits;
  private ChannelHandlerContext context;

  /** Path of the last request. */
  private String path = "";

  /** Requests that have not been answered whole; above 1 where a client sends ahead. */
  private int unanswered;

  private boolean readingBody;
  private boolean answering;
  private boolean refused;
  private long received;
  private long receivedBefore;
  private boolean pausedBefore;

  ExchangeGuard(ConnectionGuard guard, ConnectionLimits limits) {
    this.guard = guard;
    this.limits = limits;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (refused) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      unanswered++;
      path = request.uri();
      Refusal refusal = refusal(request);
      if (refusal != null) {
        ReferenceCountUtil.release(message);
        refuse("framing", refusal);
        return;
      }
      readingBody = true;
      received = 0;
      measure();
    }
    if (message instanceof HttpContent content) {
      if (content.decoderResult().isFailure() && readingBody) {
        ReferenceCountUtil.release(message);
        refuse("framing", badFraming("The body's chunks are malformed."));
        return;
      }
      received += content.content().readableBytes();
    }
    if (message instanceof LastHttpContent) {
      readingBody = false;
      guard.stop();
      waitIfDone();
    }
    context.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (refused) {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new ClosedChannelException());
      return;
    }
    if (message instanceof HttpResponse response) {
      if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        context.write(message, promise);
        return;
      }
      answering = true;
    }
    context.write(message, promise);
    if (message instanceof LastHttpContent) {
      answering = false;
      unanswered = Math.max(0, unanswered - 1);
      waitIfDone();
    }
  }

  /** The headers of a request did not come to their end in time. */
  void headersLate() {
    late("headers", "The headers took longer than %s.".formatted(seconds()));
  }

  /** Why a request's head is not handed on; null where it is. */
  private static Refusal refusal(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return malformed(request.decoderResult().cause());
    }
    if (request.protocolVersion().majorVersion() != 1) {
      return new Refusal(
          HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "http_version", "REST speaks HTTP/1.1.");
    }
    List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty() && !(codings.size() == 1 && isChunked(codings.getFirst()))) {
      // Netty takes whatever holds the word for chunked; whoever stands before us may not.
      return badFraming("Transfer-Encoding can only be chunked.");
    }
    return null;
  }

  private static boolean isChunked(String coding) {
    return coding.strip().equalsIgnoreCase("chunked");
  }

  private static Refusal malformed(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ ->
          new Refusal(
              HttpResponseStatus.REQUEST_URI_TOO_LONG,
              "uri_too_long",
              "The request's first line is too long.");
      case TooLongHttpHeaderException _ ->
          new Refusal(
              HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
              "headers_too_large",
              "The request's headers are too long.");
      default -> badFraming("The request's first line or headers are malformed.");
    };
  }

  private static Refusal badFraming(String message) {
    return new Refusal(HttpResponseStatus.BAD_REQUEST, "bad_framing", message);
  }

  private void waitIfDone() {
    if (!readingBody && unanswered == 0) {
      guard.waiting();
    }
  }

  /** Holds what came since the last look against the least rate, window after window. */
  private void measure() {
    receivedBefore = received;
    pausedBefore = paused();
    guard.start(limits.window(), this::lookAtBody);
  }

  private void lookAtBody() {
    // While the service does not read, the client cannot send.
    boolean paused = pausedBefore || paused();
    if (paused || received - receivedBefore >= limits.bytesPerWindow()) {
      measure();
    } else {
      late(
          "body",
          "The body brought less than %d bytes in %s."
              .formatted(limits.bytesPerWindow(), seconds()));
    }
  }

  private boolean paused() {
    return !context.channel().config().isAutoRead();
  }

  private String seconds() {
    return "%.3g s".formatted(limits.window().toMillis() / 1_000.0);
  }

  private void late(String reason, String message) {
    refuse(reason, new Refusal(HttpResponseStatus.REQUEST_TIMEOUT, "request_timeout", message));
  }

  /** Answers, where nothing else has been said, and closes the connection. */
  private void refuse(String reason, Refusal refusal) {
    refused = true;
    EndedConnections.count(reason);
    guard.stop();
    boolean said = answering || unanswered > 1 || readingBody && unanswered == 0;
    if (said) {
      // It may not have left yet.
      context.flush();
      linger(true);
    } else {
      context.writeAndFlush(response(refusal)).addListener(written -> linger(written.isSuccess()));
    }
  }

  /**
   * Reads on for a moment: closed with bytes unread, the connection would take the answer along.
   */
  private void linger(boolean written) {
    if (written && context.channel() instanceof DuplexChannel connection) {
      connection.shutdownOutput();
      connection.config().setAutoRead(true);
      guard.start(LINGER, context::close);
    } else {
      context.close();
    }
  }

  private DefaultFullHttpResponse response(Refusal refusal) {
    ByteBuf bytes = Unpooled.copiedBuffer(refusal.body(path), StandardCharsets.UTF_8);
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, refusal.status(), bytes);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, Refusal.contentType(path))
        .set(HttpHeaderNames.CONTENT_LENGTH, bytes.readableBytes())
        .set(HttpHeaderNames.CONNECTION, "close");
    return response;
  }
}
