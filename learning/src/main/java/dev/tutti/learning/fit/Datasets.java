package dev.tutti.learning.fit;

import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetServiceGrpc.DatasetServiceBlockingStub;
import dev.tutti.registry.v1.DescribeRequest;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.ReadRequest;
import dev.tutti.registry.v1.ReadResponse;
import dev.tutti.registry.v1.RecordedQuery;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Recorded outcomes, which the registry keeps. */
@ApplicationScoped
public class Datasets {

  /** Whoever reads may embed meanwhile. */
  private static final Duration LONGEST = Duration.ofHours(2);

  @GrpcClient("registry")
  DatasetServiceBlockingStub registry;

  /** Takes the queries of a dataset one by one. */
  @FunctionalInterface
  public interface Reader {

    /** The next one. */
    void take(RecordedQuery query) throws SQLException;
  }

  /**
   * What a dataset holds, as it is now.
   *
   * @throws FailureException when there is none of that name, or the registry cannot tell
   */
  public Dataset describe(String name) {
    try {
      return Deadlines.apply(registry)
          .describe(DescribeRequest.newBuilder().setName(name).build())
          .getDataset();
    } catch (StatusRuntimeException e) {
      throw new FailureException(FailureStatus.fromThrowable(e), e);
    }
  }

  /**
   * Which of some members have an outcome in a split; looks no further than it must.
   *
   * @param dataset at the revision that it must have
   * @param split all where empty
   * @param most how long it looks
   * @return empty where that was not enough to tell
   * @throws FailureException as {@link #read}
   */
  public Optional<Set<String>> seen(
      Dataset dataset, String split, List<String> members, Duration most) {
    var seen = new HashSet<String>();
    boolean enough =
        look(
            dataset,
            split,
            members,
            most,
            query -> {
              query.getOutcomesList().stream()
                  .map(Outcome::getMember)
                  .filter(members::contains)
                  .forEach(seen::add);
              return seen.size() < members.size();
            });
    return enough ? Optional.of(seen) : Optional.empty();
  }

  /**
   * Reads the first queries of a split, in the order of their ids.
   *
   * @param dataset at the revision that it must have
   * @param split all where empty
   * @param members who must have answered them; anybody where empty
   * @param most how long it reads
   * @param reader says whether it wants another one
   * @return whether that was long enough
   * @throws FailureException as {@link #read}
   */
  boolean look(
      Dataset dataset,
      String split,
      List<String> members,
      Duration most,
      Predicate<RecordedQuery> reader) {
    try (ClientStream<ReadResponse> parts = open(dataset, split, members, most)) {
      boolean on = true;
      while (on && parts.hasNext()) {
        ReadResponse part = parts.next();
        on = !part.hasQuery() || reader.test(part.getQuery());
      }
      return true;
    } catch (FailureException e) {
      Deadline callers = Context.current().getDeadline();
      if (e.failure() instanceof Failure.DeadlineExceeded
          && (callers == null || !callers.isExpired())) {
        return false;
      }
      throw changed(dataset, e);
    }
  }

  /**
   * Reads the queries of a split, in the order of their ids.
   *
   * @param dataset at the revision that it must have
   * @param split all where empty
   * @param members who must have answered them; anybody where empty
   * @throws FailureException {@link Failure.Unavailable} where the dataset has changed meanwhile;
   *     or when there is no such split or member, or the registry fails
   * @throws SQLException as the reader threw it
   */
  public void read(Dataset dataset, String split, List<String> members, Reader reader)
      throws SQLException {
    try (ClientStream<ReadResponse> parts = open(dataset, split, members, LONGEST)) {
      while (parts.hasNext()) {
        ReadResponse part = parts.next();
        if (part.hasQuery()) {
          reader.take(part.getQuery());
        }
      }
    } catch (FailureException e) {
      throw changed(dataset, e);
    }
  }

  private ClientStream<ReadResponse> open(
      Dataset dataset, String split, List<String> members, Duration most) {
    ReadRequest request =
        ReadRequest.newBuilder()
            .setName(dataset.getName())
            .setRevision(dataset.getRevision())
            .setSplit(split)
            .addAllMembers(members)
            .build();
    return ClientStream.open(
        () -> registry.withDeadlineAfter(most.toMillis(), TimeUnit.MILLISECONDS).read(request));
  }

  private static FailureException changed(Dataset dataset, FailureException e) {
    return e.failure().reason().equals("REVISION_PASSED")
        ? new Failure.Unavailable(
                "DATASET_CHANGED",
                "Dataset '%s' has changed while it was read.".formatted(dataset.getName()))
            .exception()
        : e;
  }
}
