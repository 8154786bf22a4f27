package dev.tutti.registry.dataset;

import static dev.tutti.registry.testing.Datasets.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.JobServiceGrpc;
import dev.tutti.job.v1.JobState;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetServiceGrpc;
import dev.tutti.registry.v1.DescribeRequest;
import dev.tutti.registry.v1.ReadRequest;
import dev.tutti.registry.v1.ReadResponse;
import dev.tutti.registry.v1.RecordedQuery;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Datasets and jobs as services see them. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class DatasetReadTest {

  private final ManagedChannel channel = channel();
  private final DatasetServiceGrpc.DatasetServiceBlockingStub stub =
      DatasetServiceGrpc.newBlockingStub(channel);

  static ManagedChannel channel() {
    return ManagedChannelBuilder.forAddress(
            "127.0.0.1",
            ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class))
        .usePlaintext()
        .build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
  }

  private ClientStream<ReadResponse> open(ReadRequest.Builder request) {
    return ClientStream.open(() -> stub.read(request.build()));
  }

  private List<RecordedQuery> queries(ReadRequest.Builder request) {
    var queries = new ArrayList<RecordedQuery>();
    try (var events = open(request)) {
      assertTrue(events.next().hasDataset());
      events.forEachRemaining(event -> queries.add(event.getQuery()));
    }
    return queries;
  }

  private static List<String> ids(List<RecordedQuery> queries) {
    return queries.stream().map(RecordedQuery::getId).toList();
  }

  @Test
  void aDatasetIsReadInOrderAfterItsDescription() {
    var lines = new StringBuilder();
    for (int i = 0; i < 1_200; i++) {
      lines.append(
          line(
              "%c-%d".formatted("zäZ0".charAt(i % 4), i * 7 % 1_200),
              i % 3 == 0 ? "test" : "train",
              1));
    }
    String job = Datasets.start("read", "", lines.toString());
    Datasets.end(job);
    Dataset described =
        stub.describe(DescribeRequest.newBuilder().setName("read").build()).getDataset();
    assertEquals(CostUnit.COST_UNIT_USD_PER_CALL, described.getCostUnit());
    ReadRequest.Builder all = ReadRequest.newBuilder().setName("read");
    try (var events = open(all)) {
      assertEquals(described, events.next().getDataset());
    }
    List<String> ids = ids(queries(all));
    assertEquals(1_200, ids.size());
    assertEquals(new ArrayList<>(new TreeSet<>(ids)), ids);
    assertEquals(ids, ids(queries(all.clone().setRevision(described.getRevision()))));
    assertEquals(400, queries(all.clone().setSplit("test")).size());
    List<RecordedQuery> one = queries(all.clone().addMembers("good").addSets("sums"));
    assertEquals(ids, ids(one));
    assertEquals(1, one.getFirst().getOutcomesCount());
    assertEquals("good", one.getFirst().getOutcomes(0).getMember());
    assertEquals(
        JobState.JOB_STATE_SUCCEEDED,
        JobServiceGrpc.newBlockingStub(channel)
            .get(GetRequest.newBuilder().setId(job).build())
            .getJob()
            .getState());
  }

  @Test
  void queriesThatNoneOfTheMembersAnsweredAreLeftOut() {
    Datasets.take("sparse", "", line("a", "train", 1) + line("b", "train", 1));
    Datasets.take(
        "sparse",
        "",
        "{\"id\":\"b\",\"query\":\"What is b?\",\"models\":{\"rare\":{\"score\":1}}}");
    assertEquals(
        List.of("b"), ids(queries(ReadRequest.newBuilder().setName("sparse").addMembers("rare"))));
  }

  @Test
  void whatTheDatasetDoesNotHaveIsRefused() {
    Datasets.take("small", "", line("a", "train", 1));
    ReadRequest.Builder all = ReadRequest.newBuilder().setName("small");
    assertInvalid("split", "train", all.clone().setSplit("tset"));
    assertInvalid("sets", "sums", all.clone().addSets("sum"));
    assertInvalid("members", "bad, good", all.clone().addMembers("best"));
    assertInstanceOf(Failure.NotFound.class, failure(ReadRequest.newBuilder().setName("nobody's")));
    assertEquals("REVISION_PASSED", failure(all.clone().setRevision(1_000_000)).reason());
  }

  private void assertInvalid(String field, String known, ReadRequest.Builder request) {
    Failure.InvalidArgument failure =
        assertInstanceOf(Failure.InvalidArgument.class, failure(request));
    assertEquals(field, failure.field());
    assertTrue(failure.message().contains(known), failure.message());
  }

  private Failure failure(ReadRequest.Builder request) {
    try (var events = open(request)) {
      return assertThrows(FailureException.class, events::next).failure();
    }
  }

  @Test
  void aSlowReaderIsNotServedAheadAndIsToldOfAChange() {
    var lines = new StringBuilder();
    String filling = "y".repeat(8_000);
    for (int i = 0; i < 2_000; i++) {
      lines.append(line("q%05d".formatted(i), "train", 1).replace("What", filling + " What"));
    }
    Datasets.take("slow", "", lines.toString());
    try (var events = open(ReadRequest.newBuilder().setName("slow"))) {
      assertTrue(events.next().hasDataset());
      assertEquals("q00000", events.next().getQuery().getId());
      // Had the registry read on without being asked, it would be through by now.
      Datasets.take("slow", "", line("later", "train", 1));
      int read = 1;
      FailureException changed = null;
      while (changed == null) {
        try {
          events.next();
          read++;
        } catch (FailureException e) {
          changed = e;
        }
      }
      assertEquals("DATASET_CHANGED", changed.failure().reason());
      assertInstanceOf(Failure.Unavailable.class, changed.failure());
      assertTrue(read < 1_500, read + " were on their way");
    }
  }
}
