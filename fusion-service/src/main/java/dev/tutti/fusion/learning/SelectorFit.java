package dev.tutti.fusion.learning;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A fit of a selector at work. */
final class SelectorFit<L extends LearnedFusion, S extends Record> implements Fitting.Fit {

  private final FittedSelector<L, S, ?> method;
  private final S settings;
  private final RecordedTexts texts;
  private final RecordedSamples samples;

  SelectorFit(FittedSelector<L, S, ?> method, FitRequest request, Dataset data) {
    this.method = method;
    this.settings = request.settings(method);
    this.texts = RecordedTexts.of(method, request, data);
    this.samples = new RecordedSamples(request, texts.members());
  }

  @Override
  public List<String> texts(RecordedQuery row) {
    return texts.toEmbed(row);
  }

  @Override
  public void take(RecordedQuery row, List<float[]> vectors) {
    texts.add(row, vectors);
    samples.add(row);
  }

  @Override
  public Fitting.Result learn(FitContext context) {
    RecordedAnswers learned = texts.side(false);
    RecordedAnswers held = texts.side(true);
    context.progress(
        0, 0, "fit: %s learns from %d questions".formatted(method.name(), learned.rows().size()));
    L fusion;
    try {
      fusion = method.fit(learned, settings, context.random());
    } catch (IllegalArgumentException e) {
      throw FitRequest.refused("dataset", e.getMessage());
    }
    var measured =
        MeasuredChoices.of(
            held.members(), choices(method.selector(fusion, settings), held, context), samples);
    return new Fitting.Result(
        measured.quality().with(method.parameters(fusion)),
        new Fitting.Data(learned.fingerprint(), learned.rows().size(), held.rows().size()),
        measured.json(),
        measured.heldOut(),
        measured.comparison());
  }

  private static List<MeasuredChoices.Choice> choices(
      Selector selector, RecordedAnswers held, FitContext context) {
    var choices = new ArrayList<MeasuredChoices.Choice>();
    for (int i = 0; i < held.rows().size(); i++) {
      Row row = held.rows().get(i);
      if (i % 64 == 0) {
        context.progress(i, held.rows().size(), "measure: on what was held out");
      }
      OptionalInt chosen = selector.weigh(row.query(), row.candidates()).chosen();
      var scores = new float[held.members().size()];
      int column = -1;
      for (int m = 0; m < scores.length; m++) {
        int place = row.place(held.members().get(m));
        scores[m] = place < 0 ? Float.NaN : row.scores()[place];
        column = chosen.isPresent() && place == chosen.getAsInt() ? m : column;
      }
      int asked = selector.asks(row.query(), row.candidates()).orElse(held.members().size());
      choices.add(new MeasuredChoices.Choice(row.number(), row.set(), scores, column, asked));
    }
    return choices;
  }
}
