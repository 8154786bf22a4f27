package dev.tutti.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A model server as product teams have them: chats, calls tools, fails when it is told to. */
final class MockEndpoint implements AutoCloseable {

  static final String KEY = "sk-e2e-never-shown";

  static final List<String> TEXT =
      List.of(
          "{\"id\":\"m1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock-7b\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}",
          "{\"id\":\"m1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock-7b\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße\"},\"finish_reason\":null}],\"vendor\":{\"x\":1.50}}",
          "{\"id\":\"m1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock-7b\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");

  private static final String USAGE =
      "{\"id\":\"m1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock-7b\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14}}";

  private static final String CALL =
      "\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Ulm\\\"}\"}}]";

  private final CountDownLatch released = new CountDownLatch(1);
  private final HttpServer server;
  final List<String> bodies = new CopyOnWriteArrayList<>();

  MockEndpoint() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/", this::answer);
    server.start();
  }

  /**
   * Lets streams of "please wait" go on after their first event, of "please repeat" after their
   * first text.
   */
  void release() {
    released.countDown();
  }

  private void awaitRelease() {
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  String url() {
    return "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort());
  }

  private void answer(HttpExchange call) throws IOException {
    try (call) {
      String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String path = call.getRequestURI().getPath();
      if (!("Bearer " + KEY).equals(call.getRequestHeaders().getFirst("Authorization"))) {
        whole(call, 401, "{\"error\":{\"message\":\"Wrong key\"}}");
      } else if (path.equals("/v1/models")) {
        whole(call, 200, "{\"data\":[{\"id\":\"mock-7b\",\"max_model_len\":4096}]}");
      } else if (path.equals("/v1/chat/completions")) {
        bodies.add(body);
        chat(call, body);
      } else {
        whole(call, 404, "{\"error\":{\"message\":\"No such path\"}}");
      }
    }
  }

  private void chat(HttpExchange call, String body) throws IOException {
    boolean stream = body.matches("(?s).*\"stream\"\\s*:\\s*true.*");
    if (body.contains("please refuse")) {
      whole(
          call,
          400,
          "{\"error\":{\"message\":\"Schema is"
              + " wrong.\",\"type\":\"invalid_request_error\",\"param\":\"tools\",\"code\":\"invalid_schema\"}}");
    } else if (body.contains("please limit")) {
      call.getResponseHeaders().add("Retry-After", "9");
      whole(call, 429, "{\"error\":{\"message\":\"Too many.\"}}");
    } else if (stream) {
      stream(call, body);
    } else if (body.contains("\"tools\"")) {
      whole(
          call,
          200,
          "{\"id\":\"m1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"mock-7b\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":null,"
              + CALL.replace("\"index\":0,", "")
              + "},\"logprobs\":null,\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":7,\"total_tokens\":27}}");
    } else {
      whole(
          call,
          200,
          "{\"id\":\"m1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"mock-7b\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Grüße\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14}}");
    }
  }

  private void stream(HttpExchange call, String body) throws IOException {
    call.getResponseHeaders().add("Content-Type", "text/event-stream");
    call.sendResponseHeaders(200, 0);
    OutputStream out = call.getResponseBody();
    if (body.contains("please cut")) {
      send(out, TEXT.get(1));
      // Ends without saying that it does: a cut.
      return;
    }
    if (body.contains("\"tools\"")) {
      send(
          out,
          "{\"id\":\"m1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock-7b\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,"
              + CALL
              + "},\"finish_reason\":null}]}");
      send(
          out,
          "{\"id\":\"m1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock-7b\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}");
    } else {
      for (String event : TEXT) {
        if (body.contains("please repeat") && event.equals(TEXT.get(1))) {
          send(out, event);
          awaitRelease();
        }
        send(out, event);
        if (body.contains("please wait")) {
          awaitRelease();
        }
      }
    }
    if (body.contains("include_usage")) {
      send(out, USAGE);
    }
    send(out, "[DONE]");
  }

  private static void send(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static void whole(HttpExchange call, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    call.getResponseHeaders().add("Content-Type", "application/json");
    call.sendResponseHeaders(status, bytes.length);
    call.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    release();
    server.stop(0);
  }
}
