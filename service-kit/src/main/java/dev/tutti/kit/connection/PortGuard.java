package dev.tutti.kit.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** Accepts connections of one port while there are not too many; each gets its guard. */
final class PortGuard extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = Logger.getLogger(PortGuard.class);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ConnectionLimits limits;
  private final AtomicInteger open = new AtomicInteger();
  private long told = System.nanoTime() - QUIET_NANOS;

  PortGuard(ConnectionLimits limits) {
    this.limits = limits;
  }

  @Override
  public void channelRead(ChannelHandlerContext port, Object accepted) {
    var connection = (Channel) accepted;
    if (open.incrementAndGet() > limits.connections()) {
      open.decrementAndGet();
      // It is not registered with an event loop yet, which an orderly close needs.
      connection.unsafe().closeForcibly();
      EndedConnections.count("limit");
      tell(port.channel());
      return;
    }
    connection.closeFuture().addListener(_ -> open.decrementAndGet());
    connection.pipeline().addLast(new ConnectionGuard(limits));
    port.fireChannelRead(accepted);
  }

  private void tell(Channel port) {
    long now = System.nanoTime();
    if (now - told >= QUIET_NANOS) {
      told = now;
      LOG.warnf(
          "%s has %d connections, as many as tutti.connections.limit allows: new ones are closed",
          port.localAddress(), limits.connections());
    }
  }
}
