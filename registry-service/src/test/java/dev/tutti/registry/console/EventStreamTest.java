package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.kit.grpc.CancelledException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {

  private static final String LARGE = "x".repeat(40_000);

  private final List<String> called = new ArrayList<>();

  private HttpServerResponse response(Future<Void> written) {
    return (HttpServerResponse)
        Proxy.newProxyInstance(
            EventStreamTest.class.getClassLoader(),
            new Class<?>[] {HttpServerResponse.class},
            (proxy, method, _) -> {
              called.add(method.getName());
              return switch (method.getName()) {
                case "write", "end" -> written;
                case "reset" -> method.getReturnType() == boolean.class ? true : written;
                default -> proxy;
              };
            });
  }

  private EventStream open(Future<Void> written) {
    var events = new EventStream(response(written), new ObjectMapper(), Duration.ofMillis(20));
    called.clear();
    return events;
  }

  @Test
  void whoDoesNotReadIsNotWaitedForWithoutEnd() {
    EventStream events = open(Promise.<Void>promise().future());
    events.send("delta", LARGE);
    assertThrows(CancelledException.class, () -> events.send("delta", LARGE));
    assertEquals(List.of("write", "reset"), called);
    EventStream last = open(Promise.<Void>promise().future());
    last.send("end", "");
    assertThrows(CancelledException.class, last::end);
    assertEquals(List.of("write", "reset"), called);
  }

  @Test
  void whoReadsIsToldTheEndAfterAnyTime() throws InterruptedException {
    EventStream events = open(Future.succeededFuture());
    Thread.sleep(25);
    for (int i = 0; i < 3; i++) {
      events.send("delta", LARGE);
    }
    events.end();
    assertEquals(List.of("write", "write", "write", "end"), called);
  }
}
