package dev.tutti.decoder.learning;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.learning.RecordedReferences.Row;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.measure.HeldOut;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A fit at work: has the models walk references, drawn at random until enough is recorded, learns,
 * and has the ensemble answer the questions that were held out.
 */
final class WalkedFit implements Fitting.Fit {

  /** Held-out questions that are answered: an answer costs as much as one to a caller. */
  private static final int MEASURED = 500;

  private final FitRequest request;
  private final List<String> members;
  private final RecordedReferences references;
  private final ModelPool pool;
  private final ComputeThreads threads;

  WalkedFit(FitRequest request, Dataset data, ModelPool pool, ComputeThreads threads) {
    this.request = request;
    this.members =
        request.parameters().members().isEmpty()
            ? data.getMembersList().stream().map(DatasetMember::getMember).toList()
            : request.parameters().members();
    this.references = new RecordedReferences(request);
    this.pool = pool;
    this.threads = threads;
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
      List<LanguageModel> models = leases.stream().map(ModelPool.Lease::model).toList();
      return learn(context, models, learned, held);
    } finally {
      leases.forEach(ModelPool.Lease::close);
    }
  }

  private Fitting.Result learn(
      FitContext context, List<LanguageModel> models, List<Row> learned, List<Row> held) {
    Recording<?> recording = Recording.of(request, models);
    var walked = new ArrayList<Row>();
    for (int i : Shuffle.of(learned.size(), context.random())) {
      if (recording.isFull()) {
        break;
      }
      context.progress(
          walked.size(), learned.size(), "record: %d steps".formatted(recording.steps()));
      Row row = learned.get(i);
      if (threads.run(() -> recording.walk(row.reference()))) {
        walked.add(row);
      }
    }
    context.progress(
        0, 0, "fit: %s learns from %d questions".formatted(request.method().name(), walked.size()));
    return result(context, recording, walked, held);
  }

  private <T extends LearnedEnsemble> Fitting.Result result(
      FitContext context, Recording<T> recording, List<Row> walked, List<Row> held) {
    T fitted;
    try {
      fitted = recording.fit(context.random());
    } catch (IllegalArgumentException e) {
      throw FitRequest.refused("dataset", e.getMessage());
    }
    List<Row> measured = held.subList(0, Math.min(MEASURED, held.size()));
    var quality = new float[measured.size()];
    for (int i = 0; i < quality.length; i++) {
      context.progress(i, quality.length, "measure: answers to what was held out");
      Row row = measured.get(i);
      quality[i] = threads.run(() -> recording.answers(row.reference(), fitted)) ? 1 : 0;
    }
    double mean =
        IntStream.range(0, quality.length).mapToDouble(i -> quality[i]).average().orElse(0);
    return new Fitting.Result(
        fitted.parameters(),
        new Fitting.Data(
            RecordedReferences.fingerprint(members, walked), walked.size(), measured.size()),
        JsonNodeFactory.instance
            .objectNode()
            .put("queries", quality.length)
            .put("quality", mean)
            .put("recorded_steps", recording.steps()),
        new HeldOut(measured.stream().mapToLong(Row::query).toArray(), quality),
        new Fitting.Comparison(Map.of(), sets(measured, quality), List.of()));
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
