package dev.tutti.kit.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the clocks of one connection; all on its event loop. Of HTTP/1 it knows requests through
 * {@link ExchangeGuard}; any other connection (gRPC has limits of its own, TLS hides what it
 * carries) must only begin in time.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {

  /** Vert.x's name of the handler behind which requests and answers are messages, not bytes. */
  private static final String CODEC = "httpEncoder";

  /** Bytes of which HTTP/2's first ones, PRI, differ from those of every HTTP/1 request. */
  private static final int DECIDING = 3;

  /** Bytes that every HTTP/2 client begins with. */
  private static final int PREFACE = 24;

  private final ConnectionLimits limits;
  private ChannelHandlerContext context;
  private ExchangeGuard exchanges;
  private Future<?> clock;
  private Future<?> unread;
  private boolean waiting = true;
  private int seen;

  ConnectionGuard(ConnectionLimits limits) {
    this.limits = limits;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    this.context = context;
    follow();
    waiting();
    context.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    if (waiting) {
      waiting = false;
      start(limits.headerTimeout(), this::headersLate);
    }
    if (exchanges == null) {
      decide(context, (ByteBuf) bytes);
    } else {
      context.fireChannelRead(bytes);
    }
  }

  /**
   * Which protocol it is may be known only after the first bytes, and must be before a request is.
   */
  private void decide(ChannelHandlerContext context, ByteBuf bytes) {
    seen += bytes.readableBytes();
    if (bytes.readableBytes() > DECIDING) {
      context.fireChannelRead(bytes.readRetainedSlice(DECIDING));
    }
    follow();
    context.fireChannelRead(bytes);
    if (exchanges == null && seen >= PREFACE) {
      stop();
      context.pipeline().remove(this);
    }
  }

  /** Follows the requests where Vert.x reads HTTP/1. */
  private void follow() {
    if (context.pipeline().get(CODEC) != null) {
      exchanges = new ExchangeGuard(this, limits);
      context.pipeline().addAfter(CODEC, "exchanges", exchanges);
    }
  }

  private void headersLate() {
    if (exchanges == null) {
      end("headers");
    } else {
      exchanges.headersLate();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (unread != null) {
      unread.cancel(false);
      unread = null;
    }
    if (!context.channel().isWritable()) {
      unread = schedule(limits.unreadTimeout(), () -> end("unread"));
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stop();
    if (unread != null) {
      unread.cancel(false);
    }
    context.fireChannelInactive();
  }

  /** No request is on the connection. */
  void waiting() {
    waiting = true;
    start(limits.idleTimeout(), () -> end("idle"));
  }

  /** Runs the clock anew. */
  void start(Duration time, Runnable late) {
    stop();
    clock = schedule(time, late);
  }

  /** Runs no clock: the client is waited for no longer. */
  void stop() {
    if (clock != null) {
      clock.cancel(false);
      clock = null;
    }
  }

  /** Closes the connection without a word. */
  void end(String reason) {
    EndedConnections.count(reason);
    context.close();
  }

  private Future<?> schedule(Duration time, Runnable late) {
    if (context.executor().isShuttingDown()) {
      return null;
    }
    return context.executor().schedule(late, time.toMillis(), TimeUnit.MILLISECONDS);
  }
}
