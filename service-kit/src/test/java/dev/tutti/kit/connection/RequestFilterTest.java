package dev.tutti.kit.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.kit.testing.RawHttp;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On the router of callers and on that of probes. */
class RequestFilterTest {

  /** As a Kubernetes probe has it. */
  private static final String POD = "10.1.2.3:9000";

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private int serve(Router router) {
    router.route().handler(http -> http.response().end("served"));
    return vertx
        .createHttpServer()
        .requestHandler(router)
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .actualPort();
  }

  private int rest(RequestFilter filter) {
    Router router = Router.router(vertx);
    var filters = new Filters();
    filter.register(filters);
    filters.getFilters().forEach(each -> router.route().handler(each.getHandler()));
    return serve(router);
  }

  private int management(RequestFilter filter) {
    Router router = Router.router(vertx);
    filter.register((ManagementInterface) () -> router);
    return serve(router);
  }

  private static int status(int port, String host) throws IOException {
    try (var client = RawHttp.connect(port)) {
      client.send("GET /q HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
      return Integer.parseInt(client.untilClosed().substring(9, 12));
    }
  }

  @Test
  void probesAndScrapesAreServedWhateverRestServes() throws IOException {
    var listed = new RequestFilter(Optional.of(List.of("api.example.com")), "0.0.0.0", "0.0.0.0");
    assertEquals(200, status(rest(listed), "api.example.com"));
    assertEquals(421, status(rest(listed), POD));
    assertEquals(200, status(management(listed), POD));

    var restAlone = new RequestFilter(Optional.empty(), "127.0.0.1", "0.0.0.0");
    assertEquals(421, status(rest(restAlone), POD));
    assertEquals(200, status(management(restAlone), POD));
  }

  @Test
  void managementThatListensOnLoopbackServesItsNamesOnly() throws IOException {
    var filter = new RequestFilter(Optional.empty(), "0.0.0.0", "127.0.0.1");
    assertEquals(200, status(rest(filter), "evil.example"));
    assertEquals(421, status(management(filter), "evil.example"));
    assertEquals(200, status(management(filter), "localhost:9000"));
  }
}
