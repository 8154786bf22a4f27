package dev.tutti.registry.dataset;

import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.registry.Names;
import dev.tutti.registry.store.LostDatabase;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.DatasetServiceGrpc;
import dev.tutti.registry.v1.DatasetSlice;
import dev.tutti.registry.v1.DescribeRequest;
import dev.tutti.registry.v1.DescribeResponse;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.ReadRequest;
import dev.tutti.registry.v1.ReadResponse;
import dev.tutti.registry.v1.RecordedQuery;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code DatasetService}. A slow reader holds neither a connection nor a transaction: a dataset is
 * read part by part, and after each part its revision says whether that was still the same dataset.
 */
@GrpcService
public class DatasetEndpoint extends DatasetServiceGrpc.DatasetServiceImplBase {

  private static final int ROWS = 500;
  private static final int BYTES = 1 << 20;

  private final DatasetStore datasets;

  DatasetEndpoint(DatasetStore datasets) {
    this.datasets = datasets;
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> DescribeResponse.newBuilder().setDataset(dataset(request.getName())).build());
  }

  @Override
  public void read(ReadRequest request, StreamObserver<ReadResponse> observer) {
    ServerCalls.<ReadResponse>streaming(observer, sink -> read(request, sink));
  }

  private void read(ReadRequest request, EventSink<ReadResponse> sink) {
    Dataset dataset = dataset(request.getName());
    check(request, dataset);
    sink.emit(ReadResponse.newBuilder().setDataset(dataset).build());
    var members = Set.copyOf(request.getMembersList());
    var part =
        new DatasetStore.Part(
            request.getName(), request.getSplit(), Set.copyOf(request.getSetsList()));
    String after = "";
    boolean more = true;
    while (more) {
      DatasetStore.Queries found = next(part, after, dataset.getRevision());
      for (RecordedQuery query : found.queries()) {
        RecordedQuery told = only(members, query);
        if (told.getOutcomesCount() > 0) {
          sink.emit(ReadResponse.newBuilder().setQuery(told).build());
        }
        after = query.getId();
      }
      more = found.more();
    }
  }

  private DatasetStore.Queries next(DatasetStore.Part part, String after, long revision) {
    return reached(
        () -> {
          DatasetStore.Queries found = datasets.queries(part, after, ROWS, BYTES);
          // Looked at afterwards: as long as it stands, all that was read belongs to it.
          if (datasets.revision(part.name()) != revision) {
            throw new Failure.Unavailable(
                    "DATASET_CHANGED",
                    "Dataset '%s' changed while it was read; read it again.".formatted(part.name()))
                .exception();
          }
          return found;
        });
  }

  private static RecordedQuery only(Set<String> members, RecordedQuery query) {
    if (members.isEmpty()) {
      return query;
    }
    List<Outcome> outcomes =
        query.getOutcomesList().stream()
            .filter(outcome -> members.contains(outcome.getMember()))
            .toList();
    return query.toBuilder().clearOutcomes().addAllOutcomes(outcomes).build();
  }

  private static void check(ReadRequest request, Dataset dataset) {
    if (request.getRevision() != 0 && request.getRevision() != dataset.getRevision()) {
      throw new Failure.FailedPrecondition(
              "revision",
              "REVISION_PASSED",
              "Dataset '%s' is at revision %d, not at %d."
                  .formatted(dataset.getName(), dataset.getRevision(), request.getRevision()))
          .exception();
    }
    List<DatasetSlice> slices = dataset.getSlicesList();
    if (!request.getSplit().isEmpty()) {
      requireKnown(
          "split",
          List.of(request.getSplit()),
          slices.stream().map(DatasetSlice::getSplit).toList());
    }
    requireKnown("sets", request.getSetsList(), slices.stream().map(DatasetSlice::getSet).toList());
    requireKnown(
        "members",
        request.getMembersList(),
        dataset.getMembersList().stream().map(DatasetMember::getMember).toList());
  }

  private static void requireKnown(
      String field, Collection<String> asked, Collection<String> known) {
    for (String name : asked) {
      if (!known.contains(name)) {
        throw Failure.invalid(
            field,
            "%s holds '%s', which the dataset does not have; it has: %s."
                .formatted(field, name, String.join(", ", new TreeSet<>(known))));
      }
    }
  }

  private Dataset dataset(String name) {
    return reached(
        () ->
            (Names.isName(name) ? datasets.find(name) : Optional.<Dataset>empty())
                .orElseThrow(
                    () ->
                        new Failure.NotFound(
                                "name",
                                "DATASET_NOT_FOUND",
                                "There is no dataset '%s'.".formatted(name))
                            .exception()));
  }

  private interface Query<T> {
    T run() throws SQLException;
  }

  private static <T> T reached(Query<T> query) {
    try {
      return query.run();
    } catch (SQLException e) {
      if (LostDatabase.causes(e)) {
        throw new FailureException(
            new Failure.Unavailable(
                "DATABASE_UNREACHABLE", "The registry's database cannot be reached. Try again."),
            e);
      }
      throw new IllegalStateException("Datasets cannot be read", e);
    }
  }
}
