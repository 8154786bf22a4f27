package dev.tutti.decoder.learning;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.learning.RecordedReferences.Row;
import dev.tutti.decoder.method.routing.Completions;
import dev.tutti.decoder.method.routing.RecordedSteps.Rollout;
import dev.tutti.decoder.method.routing.RecordedSteps.Rollouts;
import dev.tutti.decoder.method.routing.Reference;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.measure.HeldOut;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A fit at work: has the models walk references, drawn at random until enough is recorded, learns,
 * and has the ensemble answer the questions that were held out.
 *
 * <p>Whatever reads or writes with models waits for sessions as answers do, one reference, roll-out
 * or answer at a time; between two of them it asks whether to go on. What came of answers is kept:
 * a fit that is resumed reads the references again, and writes only the answers that it had not.
 */
final class WalkedFit implements Fitting.Fit {

  /** Held-out questions that are answered: an answer costs as much as one to a caller. */
  private static final int MEASURED = 500;

  /** Most tokens of such an answer. */
  private static final int LONGEST = 500;

  private final FitRequest request;
  private final List<String> members;
  private final RecordedReferences references;
  private final ModelPool pool;
  private final SessionLimit limit;
  private final ComputeThreads threads;

  WalkedFit(
      FitRequest request,
      List<String> members,
      ModelPool pool,
      SessionLimit limit,
      ComputeThreads threads) {
    this.request = request;
    this.members = members;
    this.references = new RecordedReferences(request);
    this.pool = pool;
    this.limit = limit;
    this.threads = threads;
  }

  /**
   * How many sessions a fit has open at once.
   *
   * @param here of each member whether it runs here; others have theirs elsewhere
   * @return at least 1
   * @throws FailureException {@link Failure.InvalidArgument} when there are not as many
   */
  static int sessions(FitRequest request, List<Boolean> here, SessionLimit limit) {
    int most = Math.max(1, Recording.sessions(request.method(), here));
    if (most > limit.most()) {
      throw FitRequest.refused(
          "members",
          "%s has %d sessions of members that run here open at once; this service runs %d."
              .formatted(request.method().name(), most, limit.most()));
    }
    return most;
  }

  @Override
  public List<String> texts(RecordedQuery row) {
    return List.of();
  }

  @Override
  public void take(RecordedQuery row, List<float[]> vectors) {
    references.add(row);
  }

  @Override
  public Fitting.Result learn(FitContext context) {
    List<Row> learned = references.side(false);
    List<Row> held = references.side(true);
    var leases = new ArrayList<ModelPool.Lease>();
    try {
      for (String member : members) {
        leases.add(pool.acquire(member, "parameters.members"));
      }
      return learn(context, leases, learned, held);
    } catch (DecodeException e) {
      if (leases.stream().allMatch(lease -> lease.model().runsHere())) {
        throw e;
      }
      // Who is elsewhere may be back for the next try, as where it could not be acquired.
      throw new FailureException(new Failure.Unavailable("MEMBER_FAILED", e.getMessage()), e);
    } finally {
      leases.forEach(ModelPool.Lease::close);
    }
  }

  private Fitting.Result learn(
      FitContext context, List<ModelPool.Lease> leases, List<Row> learned, List<Row> held) {
    List<LanguageModel> models = leases.stream().map(ModelPool.Lease::model).toList();
    int sessions = sessions(request, models.stream().map(LanguageModel::runsHere).toList(), limit);
    var outcomes = new KeptOutcomes(context, origin(leases, learned, held));
    Recording<?> recording = suited("members", () -> Recording.of(request, models, outcomes));
    var walked = new ArrayList<Row>();
    for (int i : Shuffle.of(learned.size(), context.random())) {
      if (recording.walk().isFull()) {
        break;
      }
      context.progress(
          walked.size(), learned.size(), "record: %d steps".formatted(recording.walk().steps()));
      Reference reference = learned.get(i).reference();
      if (suited("members", () -> computed(sessions, () -> recording.walk().walk(reference)))) {
        walked.add(learned.get(i));
      }
      outcomes.keep();
    }
    context.progress(
        0, 0, "fit: %s learns from %d questions".formatted(request.method().name(), walked.size()));
    var files = new TreeMap<String, String>();
    leases
        .subList(0, recording.read())
        .forEach(l -> files.put(l.model().name(), l.registered().getSha256()));
    return result(
        context, outcomes, recording, models, sessions, new FittedOn(0, files), walked, held);
  }

  private String origin(List<ModelPool.Lease> leases, List<Row> learned, List<Row> held) {
    var all = new ArrayList<>(members);
    leases.forEach(lease -> all.add(lease.registered().getSha256()));
    return RecordedReferences.fingerprint(all, learned) + RecordedReferences.fingerprint(all, held);
  }

  private <T extends LearnedEnsemble> Fitting.Result result(
      FitContext context,
      KeptOutcomes outcomes,
      Recording<T> recording,
      List<LanguageModel> models,
      int sessions,
      FittedOn on,
      List<Row> walked,
      List<Row> held) {
    Recording.Telling telling =
        (rollouts, total) -> told(context, outcomes, sessions, rollouts, total);
    T fitted =
        suited(
            "dataset",
            () -> threads.run(() -> recording.learning().learn(telling, context.random())));
    List<Row> measured = sample(held, request.parameters().seed());
    var quality = new float[measured.size()];
    Completions together =
        suited(
            "members",
            () -> threads.run(() -> new Completions(recording.method().apply(fitted), models)));
    for (int i = 0; i < quality.length; i++) {
      context.progress(i, quality.length, "measure: answers to what was held out");
      Reference reference = measured.get(i).reference();
      boolean right =
          outcomes.of(
              () ->
                  computed(
                      sessions,
                      () ->
                          together
                              .of(reference.question(), "", LONGEST)
                              .filter(text -> reference.agrees(text, recording.form()))
                              .isPresent()));
      outcomes.keep();
      quality[i] = right ? 1 : 0;
    }
    double mean =
        IntStream.range(0, quality.length).mapToDouble(i -> quality[i]).average().orElse(0);
    return new Fitting.Result(
        on.in(fitted.parameters()),
        new Fitting.Data(
            RecordedReferences.fingerprint(members, walked), walked.size(), measured.size()),
        JsonNodeFactory.instance
            .objectNode()
            .put("queries", quality.length)
            .put("quality", mean)
            .put("recorded_steps", recording.walk().steps()),
        new HeldOut(measured.stream().mapToLong(Row::query).toArray(), quality),
        new Fitting.Comparison(Map.of(), sets(measured, quality), List.of()));
  }

  /** Work with models, once there are sessions for it. */
  private <R> R computed(int sessions, Supplier<R> work) {
    try (SessionLimit.Permit _ = limit.acquirePatiently(sessions)) {
      return threads.run(work);
    }
  }

  /** Roll-outs that wait for sessions, and tell how far they are. */
  private Rollouts told(
      FitContext context, KeptOutcomes outcomes, int sessions, Rollouts rollouts, long total) {
    var done = new AtomicLong();
    return current -> {
      Rollout rollout = rollouts.by(current);
      // Before there are routers each member goes on alone.
      int its = current.isEmpty() ? 1 : sessions;
      return (member, open) -> {
        context.progress(
            done.getAndIncrement(), total, "label: answers that no reference goes on with");
        boolean right = outcomes.of(() -> computed(its, () -> rollout.right(member, open)));
        outcomes.keep();
        return right;
      };
    };
  }

  private static <R> R suited(String field, Supplier<R> work) {
    try {
      return work.get();
    } catch (IllegalArgumentException e) {
      throw FitRequest.refused(field, e.getMessage());
    }
  }

  /**
   * Some of the questions that were held out, whatever their order in the dataset. Text and seed
   * alone decide, so that versions are compared on the same ones.
   */
  static List<Row> sample(List<Row> held, long seed) {
    return held.stream()
        .sorted(
            Comparator.comparingLong(row -> new SplittableRandom(row.query() ^ ~seed).nextLong()))
        .limit(MEASURED)
        .toList();
  }

  private static List<Fitting.SetResult> sets(List<Row> measured, float[] quality) {
    return IntStream.range(0, quality.length)
        .boxed()
        .collect(
            Collectors.groupingBy(
                i -> measured.get(i).set(),
                TreeMap::new,
                Collectors.summarizingDouble(i -> quality[i])))
        .entrySet()
        .stream()
        .map(
            e ->
                new Fitting.SetResult(
                    e.getKey(), e.getValue().getCount(), e.getValue().getAverage()))
        .toList();
  }
}
