import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FusionServiceGrpc;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Usage;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Started by {@code deploy/bench/fusions}, which explains it: {@code PORT PID ROUNDS}. */
public final class FusionsBench {

  private static final int FUSIONS = 200;
  private static final double DEADLINE_SECONDS = 3;
  private static final double SLOW_SECONDS = 0.3;
  private static final int WARM_UPS = 3;
  private static final double MOST_OVERRUN_SECONDS = 1;

  private static final String LATE = "late";

  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

  /** What is asked, of whom, and how it is to end: a writer that hangs has begun to write. */
  private enum Kind {
    SETTLED("majority-vote", 0, "14", "fast", "slow", "hang"),
    GIVEN_UP("majority-vote", 3, "14", "fast", "fail", "hang"),
    HANGING("majority-vote", 0, LATE, "hang", "hang-2", "hang-3"),
    WRITTEN("self-moa", 0, "14", "slow"),
    DEBATED("debate", 0, "14", "fast", "slow", "hang"),
    BROUGHT("majority-vote", 0, "14", "fast", "slow"),
    REWRITTEN("self-moa", 0, LATE, "hang"),
    LEFT("majority-vote", 0, "left", "slow", "hang", "hang-2");

    private final String method;
    private final int enough;
    private final String outcome;
    private final List<String> members;

    Kind(String method, int enough, String outcome, String... members) {
      this.method = method;
      this.enough = enough;
      this.outcome = outcome;
      this.members = List.of(members);
    }

    /** Whether somebody who hangs is waited for until the deadline. */
    boolean waits() {
      return this == GIVEN_UP || this == HANGING || this == REWRITTEN;
    }

    Recipe recipe() {
      Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e").setMethod(method);
      for (String member : members) {
        recipe.addMembers(
            Member.newBuilder()
                .setModel(member)
                .addCapabilities(Capability.CAPABILITY_GENERATION));
      }
      if (enough > 0) {
        recipe
            .getSettingsBuilder()
            .putFields(
                "enough",
                com.google.protobuf.Value.newBuilder().setNumberValue(enough).build());
      }
      return recipe.build();
    }
  }

  private record Ended(Kind kind, String outcome, double seconds) {

    /** Whether it had an answer, but no time left to give it: a matter of the machine. */
    boolean isTooLate() {
      return outcome.equals(LATE) && !kind.outcome.equals(LATE);
    }

    double overrun() {
      return Math.max(0, seconds - DEADLINE_SECONDS);
    }
  }

  /** What the service has. */
  private record Held(long calls, long threads, long virtual, long sockets, long heap) {}

  private final int port;
  private final long pid;
  private final AtomicInteger atWork = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  /** When each request was asked, and how long beyond its deadline a member was at work for it. */
  private final Map<String, Long> begun = new ConcurrentHashMap<>();

  private final Map<String, Double> beyond = new ConcurrentHashMap<>();

  private FusionsBench(int port, long pid) {
    this.port = port;
    this.pid = pid;
  }

  public static void main(String[] args) throws Exception {
    var bench = new FusionsBench(Integer.parseInt(args[0]), Long.parseLong(args[1]));
    System.exit(bench.run(Integer.parseInt(args[2])) ? 0 : 1);
  }

  private boolean run(int rounds) throws Exception {
    var decoder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port + 90))
            .addService(new Members())
            .build()
            .start();
    awaitService();
    for (int i = 0; i < WARM_UPS; i++) {
      round("warm-up-" + i);
    }
    Held before = held();
    System.out.println(
        "| round | at once | overrun: median, s | greatest, s | member freed after, s | too late | calls | threads | virtual | sockets | heap, MB |\n"
            + "|---|---|---|---|---|---|---|---|---|---|---|");
    show("before", "", before);
    boolean good = true;
    for (int round = 1; round <= rounds; round++) {
      most.set(0);
      List<Ended> ended = round("" + round);
      Held after = settled(before);
      double[] overruns =
          ended.stream()
              .filter(its -> its.kind().waits())
              .mapToDouble(Ended::overrun)
              .sorted()
              .toArray();
      double greatest = ended.stream().mapToDouble(Ended::overrun).max().orElse(0);
      show(
          "" + round,
          String.format(
              Locale.ROOT,
              "%d | %.3f | %.3f | %.3f | %d",
              most.get(),
              overruns[overruns.length / 2],
              greatest,
              beyond.values().stream().mapToDouble(its -> its).max().orElse(0),
              ended.stream().filter(Ended::isTooLate).count()),
          after);
      for (Ended its : ended) {
        if (!its.outcome().equals(its.kind().outcome) && !its.isTooLate()) {
          System.err.println(its.kind() + " ended with " + its.outcome());
          good = false;
        }
      }
      good &= greatest <= MOST_OVERRUN_SECONDS && isBack(before, after);
    }
    decoder.shutdownNow();
    return good;
  }

  private static void show(String round, String figures, Held held) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %d | %d | %d | %d | %.1f |%n",
        round,
        figures.isEmpty() ? " | | | | " : figures,
        held.calls(),
        held.threads(),
        held.virtual(),
        held.sockets(),
        held.heap() / 1e6);
  }

  private List<Ended> round(String name) throws Exception {
    begun.clear();
    beyond.clear();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port + 1000).usePlaintext().build();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = new ArrayList<Future<Ended>>();
      for (int i = 0; i < FUSIONS; i++) {
        Kind kind = Kind.values()[i % Kind.values().length];
        String id = name + "-" + i;
        asked.add(threads.submit(() -> ask(channel, kind, id)));
      }
      var ended = new ArrayList<Ended>();
      for (Future<Ended> its : asked) {
        ended.add(its.get());
      }
      return ended;
    } finally {
      channel.shutdownNow();
    }
  }

  private Ended ask(ManagedChannel channel, Kind kind, String id) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setRequestId(id)
            .setRecipe(kind.recipe())
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("7+7="))
            .build();
    // In the header alone: the client itself ends nothing.
    var header = new Metadata();
    header.put(TIMEOUT, (long) (DEADLINE_SECONDS * 1e3) + "m");
    var deadline = MetadataUtils.newAttachHeadersInterceptor(header);
    long start = System.nanoTime();
    begun.put(id, start);
    String outcome;
    try {
      outcome =
          switch (kind) {
            case BROUGHT, REWRITTEN -> {
              List<String> answers =
                  kind == Kind.BROUGHT ? List.of("14", "13", "14") : List.of("thirteen", "14");
              FuseRequest.Builder fuse = FuseRequest.newBuilder().setRequest(request);
              answers.forEach(
                  text -> fuse.addAnswersBuilder().setMember(kind.members.get(0)).setText(text));
              yield FusionServiceGrpc.newBlockingStub(channel)
                  .withInterceptors(deadline)
                  .fuse(fuse.build())
                  .getCompletion()
                  .getText();
            }
            case LEFT -> {
              Context.CancellableContext context = Context.current().withCancellation();
              context.call(
                  () ->
                      GenerationServiceGrpc.newBlockingStub(channel)
                          .withInterceptors(deadline)
                          .generate(request)
                          .next());
              context.cancel(null);
              yield "left";
            }
            case SETTLED, GIVEN_UP, HANGING, WRITTEN, DEBATED -> {
              String text = "";
              var events =
                  GenerationServiceGrpc.newBlockingStub(channel)
                      .withInterceptors(deadline)
                      .generate(request);
              while (events.hasNext()) {
                text = events.next().getCompletion().getText();
              }
              yield text;
            }
          };
    } catch (StatusRuntimeException e) {
      // The server tells a stream that it cuts off for its time no more than that.
      outcome =
          switch (e.getStatus().getCode()) {
            case DEADLINE_EXCEEDED, CANCELLED -> LATE;
            default -> e.getMessage();
          };
    } catch (Exception e) {
      outcome = e.toString();
    }
    return new Ended(kind, outcome, (System.nanoTime() - start) / 1e9);
  }

  /** Plays every model, by its name. */
  private final class Members extends GenerationServiceGrpc.GenerationServiceImplBase {

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
      var call = (ServerCallStreamObserver<GenerateResponse>) observer;
      Thread thread = Thread.ofVirtual().unstarted(() -> answer(request, call));
      call.setOnCancelHandler(thread::interrupt);
      thread.start();
    }

    private void answer(
        GenerateRequest request, ServerCallStreamObserver<GenerateResponse> observer) {
      most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
      try {
        String name = request.getMember().getModel();
        write(observer, "1");
        switch (name.replaceAll("-.*", "")) {
          case "slow" -> Thread.sleep((long) (SLOW_SECONDS * 1e3));
          case "hang" -> Thread.sleep(Long.MAX_VALUE);
          case "fail" -> throw Status.UNAVAILABLE.withDescription("Cut off.").asRuntimeException();
          default -> {}
        }
        write(observer, "4");
        observer.onNext(
            GenerateResponse.newBuilder()
                .setCompletion(
                    Completion.newBuilder()
                        .setText("14")
                        .setAuthor(name)
                        .setFinishReason(FinishReason.FINISH_REASON_STOP)
                        .setUsage(Usage.newBuilder().setPromptTokens(3).setCompletionTokens(2)))
                .build());
        observer.onCompleted();
      } catch (InterruptedException e) {
        // Nobody waits for it any more.
      } catch (StatusRuntimeException e) {
        if (!observer.isCancelled()) {
          observer.onError(e);
        }
      } finally {
        Long start = begun.get(request.getRequestId());
        if (start != null) {
          double after = (System.nanoTime() - start) / 1e9 - DEADLINE_SECONDS;
          beyond.merge(request.getRequestId(), Math.max(0, after), Math::max);
        }
        atWork.decrementAndGet();
      }
    }

    private static void write(StreamObserver<GenerateResponse> observer, String text) {
      observer.onNext(
          GenerateResponse.newBuilder().setDelta(TextDelta.newBuilder().setText(text)).build());
    }
  }

  /** Once nothing is at work any more, or after half a minute. */
  private Held settled(Held before) throws Exception {
    long end = System.nanoTime() + 30_000_000_000L;
    Held held = held();
    while (!isBack(before, held) && System.nanoTime() < end) {
      Thread.sleep(500);
      held = held();
    }
    return held;
  }

  /** Heaps breathe, and pools of threads shrink late: they are shown. */
  private boolean isBack(Held before, Held now) {
    return atWork.get() == 0
        && now.calls() == 0
        && now.virtual() <= before.virtual()
        && now.sockets() <= before.sockets();
  }

  private Held held() throws Exception {
    command("GC.run");
    String metrics = get("/q/metrics");
    Path dump = Files.createTempDirectory("fusions").resolve("threads.json");
    command("Thread.dump_to_file", "-format=json", dump.toString());
    String threads = Files.readString(dump);
    Files.delete(dump);
    Files.delete(dump.getParent());
    long sockets;
    try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      sockets = files.filter(FusionsBench::isSocket).count();
    }
    return new Held(
        sum(metrics, "tutti_calls_live"),
        sum(metrics, "jvm_threads_live_threads"),
        threads.split("\"virtual\": *true", -1).length - 1,
        sockets,
        sum(metrics, "jvm_memory_used_bytes{area=\"heap\""));
  }

  private static boolean isSocket(Path file) {
    try {
      return Files.readSymbolicLink(file).toString().startsWith("socket:");
    } catch (IOException e) {
      return false;
    }
  }

  private static long sum(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private void command(String... words) throws Exception {
    var line = new ArrayList<String>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    line.add("" + pid);
    line.addAll(List.of(words));
    var process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IllegalStateException(said);
    }
  }

  private String get(String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + (port + 2000) + path)).build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  private void awaitService() throws Exception {
    for (int i = 0; i < 240; i++) {
      try {
        if (get("/q/health/started").contains("\"UP\"")) {
          return;
        }
      } catch (IOException e) {
        // Not yet.
      }
      Thread.sleep(250);
    }
    throw new IllegalStateException("fusion-service does not start.");
  }
}
