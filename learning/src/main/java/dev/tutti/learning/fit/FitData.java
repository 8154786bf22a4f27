package dev.tutti.learning.fit;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.Fitting.LiveCheck;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.DatasetSlice;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a fit asks of a dataset, held against what that has. */
final class FitData {

  /** Who asks for a fit waits: what takes longer to see, the fit itself refuses. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

  private FitData() {}

  /**
   * Refuses a fit that cannot work, when it is asked for.
   *
   * @throws FailureException {@link Failure.InvalidArgument} with the parameter that is wrong;
   *     {@link Failure.Unavailable} when the registry cannot tell
   */
  static void check(FitRequest request, Fitting<?> fitting, Datasets datasets) {
    Dataset dataset = dataset(request.parameters().dataset(), datasets);
    fitting.requireRoom(size(request, dataset));
    if (request.parameters().budgetUsd() > 0) {
      LiveCheck live = fitting.checkLive(request, dataset);
      datasets.look(
          dataset,
          request.parameters().split(),
          request.parameters().members(),
          LONGEST_LOOK,
          row -> {
            live.take(row);
            return true;
          });
      live.end();
    }
    List<String> wanted = request.parameters().members();
    boolean counts = request.method().members().most() < FitRequest.MOST_MEMBERS;
    if (wanted.isEmpty() && !counts) {
      // Whoever has outcomes there is learned about.
      return;
    }
    List<String> members = wanted.isEmpty() ? members(dataset) : wanted;
    Optional<Set<String>> seen =
        datasets.seen(dataset, request.parameters().split(), members, LONGEST_LOOK);
    var lacking = new TreeSet<>(members);
    lacking.removeAll(seen.orElse(Set.copyOf(members)));
    if (!lacking.isEmpty()) {
      throw FitRequest.refused(
          "members",
          "Without any outcome in this split of the dataset: %s.".formatted(quoted(lacking)));
    }
  }

  /**
   * How many queries the split has.
   *
   * @throws FailureException {@link Failure.InvalidArgument} where there is no such split, or too
   *     few or too many members
   */
  static long size(FitRequest request, Dataset dataset) {
    String split = request.parameters().split();
    List<DatasetSlice> slices =
        dataset.getSlicesList().stream()
            .filter(slice -> split.isEmpty() || slice.getSplit().equals(split))
            .toList();
    if (slices.isEmpty()) {
      throw FitRequest.refused(
          "split",
          "Dataset '%s' has no split '%s'; it has: %s. An empty one stands for all."
              .formatted(
                  dataset.getName(),
                  FitRequest.shown(split),
                  quoted(
                      new TreeSet<>(
                          dataset.getSlicesList().stream().map(DatasetSlice::getSplit).toList()))));
    }
    requireMembers(request, dataset);
    return slices.stream().mapToLong(DatasetSlice::getQueries).sum();
  }

  private static void requireMembers(FitRequest request, Dataset dataset) {
    List<String> wanted = request.parameters().members();
    List<String> members = members(dataset);
    for (String member : wanted) {
      if (!members.contains(member)) {
        throw FitRequest.refused(
            "members",
            "'%s' is no member of dataset '%s'; they are: %s."
                .formatted(
                    FitRequest.shown(member), dataset.getName(), quoted(new TreeSet<>(members))));
      }
    }
    int count = wanted.isEmpty() ? members.size() : wanted.size();
    Members bounds = request.method().members();
    if (count < bounds.least() || count > bounds.most()) {
      String takes =
          bounds.least() == bounds.most()
              ? "%d members".formatted(bounds.least())
              : "%d to %d members".formatted(bounds.least(), bounds.most());
      throw FitRequest.refused(
          "members",
          "%s learns about %s; there are %d%s."
              .formatted(
                  request.method().name(),
                  takes,
                  count,
                  wanted.isEmpty() ? " in the dataset: name those that are meant" : ""));
    }
  }

  private static Dataset dataset(String name, Datasets datasets) {
    if (name.isEmpty()) {
      throw FitRequest.refused(
          "dataset", "dataset is required: the name of one of the registry's.");
    }
    try {
      return datasets.describe(name);
    } catch (FailureException e) {
      if (e.failure() instanceof Failure.NotFound) {
        throw FitRequest.refused(
            "dataset",
            "There is no dataset '%s' in the registry.".formatted(FitRequest.shown(name)));
      }
      throw e;
    }
  }

  private static List<String> members(Dataset dataset) {
    return dataset.getMembersList().stream().map(DatasetMember::getMember).toList();
  }

  private static String quoted(Set<String> names) {
    return String.join(", ", names.stream().map(name -> "'" + name + "'").toList());
  }
}
