package dev.tutti.fusion.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.fusion.v1.FusionServiceGrpc;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hundred fusions at once, over members that are slow, fail and hang: each ends as its members
 * let it, and nothing is left of any. How long they take beyond their deadlines is {@code
 * deploy/bench/fusions}'s to measure.
 */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
class FusionLoadTest {

  private static final int FUSIONS = 200;
  private static final String ID = "load-";

  /** Far beyond what anything takes, but where a deadline is what is waited for. */
  private static final int SECONDS = 120;

  /** Who is asked, and what comes of it. */
  private enum Kind {
    /** Two agree; the third hangs. */
    SETTLED("majority-vote", "fast", "slow", "hang"),
    /** One fails after its first words, the others agree. */
    FAILING("majority-vote", "fast", "fail", "slow"),
    /** Nobody answers before the deadline. */
    HANGING("majority-vote", "hang", "hang-2", "hang-3"),
    /** An answer is written of three. */
    WRITTEN("self-moa", "slow"),
    /** Two discuss, a third fails in every round. */
    DEBATED("debate", "fast", "slow", "fail"),
    /** Nobody is asked. */
    BROUGHT("majority-vote", "fast", "slow"),
    /** The writer fails after its first words, which cannot be taken back. */
    REWRITTEN("self-moa", "fail"),
    /** The client leaves as soon as somebody is asked. */
    LEFT("majority-vote", "slow", "hang", "hang-2");

    private final String method;
    private final List<String> members;

    Kind(String method, String... members) {
      this.method = method;
      this.members = List.of(members);
    }

    Recipe recipe() {
      Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e").setMethod(method);
      for (String member : members) {
        recipe.addMembers(
            Member.newBuilder().setModel(member).addCapabilities(Capability.CAPABILITY_GENERATION));
      }
      return recipe.build();
    }

    /** Its text, or the reason of its failure. */
    String outcome() {
      return switch (this) {
        case SETTLED, FAILING, WRITTEN, DEBATED, BROUGHT -> "14";
        case HANGING -> "late";
        case REWRITTEN -> "ENDPOINT_CUT";
        case LEFT -> "left";
      };
    }
  }

  @Inject MeterRegistry meters;

  private static final int WAITING =
      (int)
          IntStream.range(0, FUSIONS)
              .mapToObj(FusionLoadTest::kind)
              .filter(FusionLoadTest::waits)
              .count();

  private final CountDownLatch begun = new CountDownLatch(WAITING);
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final AtomicInteger atWork = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  private static Kind kind(int fusion) {
    return Kind.values()[fusion % Kind.values().length];
  }

  /**
   * Whether it asks a slow member for certain: who leaves may have left before, and whoever has a
   * short deadline may meet it before.
   */
  private static boolean waits(Kind kind) {
    return kind.members.contains("slow") && kind != Kind.BROUGHT && kind != Kind.LEFT;
  }

  /** A member; those that are slow wait until every such request has asked one. */
  private void member(GenerateRequest request, EventSink<GenerateResponse> sink) {
    most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
    try {
      String id = request.getRequestId();
      String name = request.getMember().getModel();
      if (name.equals("slow")
          && waits(kind(Integer.parseInt(id.substring(ID.length()))))
          && seen.add(id)) {
        begun.countDown();
      }
      sink.emit(ScriptedGeneration.delta("1"));
      switch (name.replaceAll("-.*", "")) {
        case "slow" -> begun.await();
        case "hang" -> new CountDownLatch(1).await();
        case "fail" -> throw new Failure.Unavailable("ENDPOINT_CUT", "Cut off.").exception();
        default -> {}
      }
      sink.emit(ScriptedGeneration.delta("4"));
      sink.emit(ScriptedGeneration.completion(name, "14").build());
    } catch (InterruptedException e) {
      throw new CancelledException();
    } finally {
      atWork.decrementAndGet();
    }
  }

  private static GenerateRequest.Builder request(int fusion) {
    return GenerateRequest.newBuilder()
        .setRequestId(ID + fusion)
        .setRecipe(kind(fusion).recipe())
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("7+7="));
  }

  /** How one ends. */
  private static String outcome(ManagedChannel channel, int fusion) {
    try {
      return switch (kind(fusion)) {
        case BROUGHT -> fuse(channel, fusion, "14", "13", "14").getCompletion().getText();
        case REWRITTEN -> fuse(channel, fusion, "thirteen", "fourteen").getCompletion().getText();
        case HANGING -> generate(channel, fusion, 3);
        case LEFT -> leave(channel, fusion);
        case SETTLED, FAILING, WRITTEN, DEBATED -> generate(channel, fusion, SECONDS);
      };
    } catch (FailureException e) {
      assertInstanceOf(Failure.DeadlineExceeded.class, e.failure(), e.getMessage());
      return "late";
    } catch (StatusRuntimeException e) {
      return FailureStatus.fromThrowable(e).reason();
    }
  }

  private static ClientStream<GenerateResponse> open(
      ManagedChannel channel, int fusion, int seconds) {
    return ClientStream.open(
        () ->
            GenerationServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(seconds, TimeUnit.SECONDS)
                .generate(request(fusion).build()));
  }

  private static String generate(ManagedChannel channel, int fusion, int seconds) {
    String text = "";
    try (var events = open(channel, fusion, seconds)) {
      while (events.hasNext()) {
        text = events.next().getCompletion().getText();
      }
    }
    return text;
  }

  private static String leave(ManagedChannel channel, int fusion) {
    try (var events = open(channel, fusion, SECONDS)) {
      assertEquals("asking", events.next().getProgress().getStage());
      return "left";
    }
  }

  /** Answers of the first member. */
  private static FuseResponse fuse(ManagedChannel channel, int fusion, String... answers) {
    FuseRequest.Builder request = FuseRequest.newBuilder().setRequest(request(fusion));
    for (String answer : answers) {
      request.addAnswersBuilder().setMember(kind(fusion).members.getFirst()).setText(answer);
    }
    return FusionServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)
        .fuse(request.build());
  }

  @Test
  void eachEndsAsItsMembersLetItAndNothingIsLeft(@TempDir Path folder) throws Exception {
    ScriptedGeneration decoder = NeighbourPorts.start("decoder", this::member);
    ManagedChannel channel = NeighbourPorts.service();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> asked =
          IntStream.range(0, FUSIONS)
              .mapToObj(fusion -> threads.submit(() -> outcome(channel, fusion)))
              .toList();
      for (int fusion = 0; fusion < FUSIONS; fusion++) {
        assertEquals(kind(fusion).outcome(), asked.get(fusion).get(), kind(fusion) + " " + fusion);
      }
      assertTrue(most.get() >= WAITING, "together: " + most.get());
      await("members at work", () -> atWork.get() == 0);
      await("live calls", () -> meters.get("tutti.calls.live").gauge().value() == 0);
      await("threads of fusions", () -> threads(folder).isEmpty());
    } finally {
      channel.shutdownNow();
      decoder.close();
    }
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what + " are left");
      Thread.sleep(20);
    }
  }

  /** Lines of all stacks, those of virtual threads among them, that are at work for a fusion. */
  private static List<String> threads(Path folder) {
    try {
      Path file = folder.resolve("threads.txt");
      Files.deleteIfExists(file);
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
      return Files.readAllLines(file).stream()
          .filter(
              line ->
                  line.contains("dev.tutti.kit.calls.")
                      || line.contains("dev.tutti.fusion.answer."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
