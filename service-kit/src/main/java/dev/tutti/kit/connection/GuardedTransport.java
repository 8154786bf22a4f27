package dev.tutti.kit.connection;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.spi.VertxServiceProvider;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Puts {@link ConnectionLimits} around every port that is opened through Vert.x: REST, gRPC and
 * management. Quarkus has settings for the length of headers and bodies, but none for how slowly
 * they come, and its idle timeout would end an answer that takes its time to begin.
 */
public final class GuardedTransport extends JDKTransport implements VertxServiceProvider {

  private final Supplier<ConnectionLimits> limits;

  /** With the limits of the service's settings. */
  public GuardedTransport() {
    this(() -> ConnectionLimits.of(ConfigProvider.getConfig()));
  }

  /** With these limits, which are asked for when a port is opened. */
  GuardedTransport(Supplier<ConnectionLimits> limits) {
    this.limits = limits;
  }

  /** Takes the place of Vert.x's own transport; of a native one it does not. */
  @Override
  public void init(VertxBuilder builder) {
    if (builder.findTransport() == null || builder.findTransport() == JDKTransport.INSTANCE) {
      builder.findTransport(this);
    }
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    if (domainSocket) {
      return super.serverChannelFactory(true);
    }
    ConnectionLimits now = limits.get();
    return () -> {
      var port = new NioServerSocketChannel();
      port.pipeline().addLast(new PortGuard(now));
      return port;
    };
  }
}
