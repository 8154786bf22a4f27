package dev.tutti.decoder.runtime.openai;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.net.URI;
import java.util.Optional;

/**
 * Calls endpoints over HTTP: bounded pools, HTTP/2 where it is offered, no redirects, and only to
 * addresses, and with keys only to hosts, that {@link HostRules} let through. Blocking, for virtual
 * threads. Thread-safe.
 */
public final class EndpointClient implements AutoCloseable {

  private static final int KEEP_ALIVE_SECONDS = 30;

  /** Each of them carries many calls at once. */
  private static final int MOST_HTTP2 = 8;

  private final Vertx vertx;
  private final HttpClient plain;
  private final HttpClient secure;
  private final HostRules hosts;
  private final EndpointConfig config;

  /**
   * A client.
   *
   * @param trust certificates to trust; the JDK's where empty
   */
  public EndpointClient(
      Vertx vertx, EndpointConfig config, HostRules hosts, Optional<TrustOptions> trust) {
    this.vertx = vertx;
    this.hosts = hosts;
    this.config = config;
    PoolOptions pools =
        new PoolOptions()
            .setHttp1MaxSize(config.maxConcurrent())
            .setHttp2MaxSize(MOST_HTTP2)
            // The bulkhead before it is the one that queues.
            .setMaxWaitQueueSize(config.maxConcurrent());
    plain = vertx.createHttpClient(options(config), pools);
    HttpClientOptions https =
        options(config).setProtocolVersion(HttpVersion.HTTP_2).setUseAlpn(true);
    trust.ifPresent(https::setTrustOptions);
    secure = vertx.createHttpClient(https, pools);
  }

  private static HttpClientOptions options(EndpointConfig config) {
    return new HttpClientOptions()
        .setConnectTimeout(Math.toIntExact(config.connectTimeout().toMillis()))
        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
        .setTcpNoDelay(true)
        .setTracingPolicy(TracingPolicy.IGNORE)
        .setName("endpoints");
  }

  /**
   * Sends a request and waits for the head of its answer.
   *
   * @param endpoint as its caller may know it
   * @param url whole
   * @param body JSON; null to GET
   * @return the exchange, whatever its status; the caller closes it
   * @throws EndpointException when there is no answer
   */
  Exchange send(String endpoint, URI url, byte[] body, Credential key, boolean stream) {
    String address = address(endpoint, url, key);
    boolean https = "https".equals(url.getScheme());
    RequestOptions options =
        new RequestOptions()
            .setMethod(body == null ? HttpMethod.GET : HttpMethod.POST)
            .setServer(SocketAddress.inetSocketAddress(HostRules.port(url), address))
            .setHost(url.getHost())
            .setPort(HostRules.port(url))
            .setSsl(https)
            .setURI(url.getRawPath())
            .setFollowRedirects(false)
            .setConnectTimeout(config.connectTimeout().toMillis())
            .putHeader("accept", stream ? "text/event-stream" : "application/json")
            // An event that waits for its compressor's next block comes too late.
            .putHeader("accept-encoding", "identity");
    if (body != null) {
      options.putHeader("content-type", "application/json");
    }
    if (key.isPresent()) {
      options.putHeader("authorization", key.bearer());
    }
    var exchange = new Exchange(endpoint);
    exchange.start(
        vertx.getOrCreateContext(),
        () -> (https ? secure : plain).request(options),
        body == null ? Buffer.buffer() : Buffer.buffer(body));
    return exchange;
  }

  private String address(String endpoint, URI url, Credential key) {
    try {
      if (key.isPresent()) {
        hosts.requireKeysAllowed(url);
      }
      return hosts.resolve(url).getHostAddress();
    } catch (EndpointException e) {
      throw e.toldAs(EndpointFailures.atHost(endpoint, e.failure()));
    }
  }

  @Override
  public void close() {
    plain.close();
    secure.close();
  }
}
