package dev.tutti.learning.testing;

import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.DatasetServiceGrpc;
import dev.tutti.registry.v1.DatasetSlice;
import dev.tutti.registry.v1.DescribeRequest;
import dev.tutti.registry.v1.DescribeResponse;
import dev.tutti.registry.v1.ReadRequest;
import dev.tutti.registry.v1.ReadResponse;
import dev.tutti.registry.v1.RecordedQuery;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Datasets that the registry is told to have, as {@code dataset.proto} has it. */
public final class ScriptedDatasets extends DatasetServiceGrpc.DatasetServiceImplBase {

  private final Map<String, List<RecordedQuery>> datasets = new ConcurrentHashMap<>();
  private volatile Runnable beforeEach = () -> {};

  /** Has these queries under this name, at revision 7. */
  public void put(String name, List<RecordedQuery> queries) {
    datasets.put(name, queries);
  }

  /** Before each query that is read, on the caller's stream; may block. */
  public void beforeEach(Runnable next) {
    beforeEach = next;
  }

  public void calm() {
    beforeEach = () -> {};
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> observer) {
    if (!datasets.containsKey(request.getName())) {
      observer.onError(
          Status.NOT_FOUND
              .withDescription("There is no dataset '%s'.".formatted(request.getName()))
              .asRuntimeException());
      return;
    }
    observer.onNext(DescribeResponse.newBuilder().setDataset(dataset(request.getName())).build());
    observer.onCompleted();
  }

  @Override
  public void read(ReadRequest request, StreamObserver<ReadResponse> observer) {
    if (request.getRevision() != 7) {
      observer.onError(Status.FAILED_PRECONDITION.asRuntimeException());
      return;
    }
    observer.onNext(ReadResponse.newBuilder().setDataset(dataset(request.getName())).build());
    for (RecordedQuery query : datasets.get(request.getName())) {
      boolean wanted =
          request.getMembersCount() == 0
              || query.getOutcomesList().stream()
                  .anyMatch(o -> request.getMembersList().contains(o.getMember()));
      if (wanted && (request.getSplit().isEmpty() || request.getSplit().equals(query.getSplit()))) {
        beforeEach.run();
        try {
          observer.onNext(ReadResponse.newBuilder().setQuery(query).build());
        } catch (RuntimeException e) {
          return;
        }
      }
    }
    observer.onCompleted();
  }

  private Dataset dataset(String name) {
    List<RecordedQuery> queries = datasets.get(name);
    Dataset.Builder dataset =
        Dataset.newBuilder()
            .setName(name)
            .setRevision(7)
            .setFingerprint("f".repeat(64))
            .setQueries(queries.size())
            .setCostUnit(CostUnit.COST_UNIT_USD_PER_CALL);
    queries.stream()
        .collect(
            Collectors.groupingBy(RecordedQuery::getSplit, TreeMap::new, Collectors.counting()))
        .forEach(
            (split, count) ->
                dataset.addSlices(DatasetSlice.newBuilder().setSplit(split).setQueries(count)));
    queries.stream()
        .flatMap(q -> q.getOutcomesList().stream())
        .map(o -> o.getMember())
        .distinct()
        .sorted()
        .forEach(m -> dataset.addMembers(DatasetMember.newBuilder().setMember(m)));
    return dataset.build();
  }
}
