package dev.tutti.fusion.method.similarity;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.fusion.AskAll;
import dev.tutti.fusion.AskSettings;
import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.similarity.AgentForest.Similarity;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Answers compared with each other, and votes that stop early, over recorded answers. */
@Tag("replay")
class SimilarityReplayTest {

  private static final int FOLDS = 5;
  private static final String EXPERTS = "more_experts4";
  private static final String VOTES = "mmlupro_votes";
  private static final String MACRO = "macro exact match";
  private static final ReplayReport REPORT = FusionReplays.REPORT;

  @AfterAll
  static void write() {
    REPORT.write();
  }

  private static RecordedAnswers read(String set, boolean embedded) {
    var members = new ArrayList<String>();
    var rows = new ArrayList<JsonNode>();
    Recordings.read(set, rows::add);
    rows.getFirst().get("models").fieldNames().forEachRemaining(members::add);
    var embeddings = new RecordedEmbeddings();
    if (embedded) {
      var texts = new ArrayList<String>();
      rows.forEach(
          row -> {
            texts.add(row.get("query").asText());
            members.forEach(member -> texts.add(response(row, member)));
          });
      texts.removeIf(String::isBlank);
      embeddings.embed(texts);
    }
    return new RecordedAnswers(
        members, rows.stream().map(row -> row(row, members, embedded, embeddings)).toList());
  }

  private static String response(JsonNode row, String member) {
    return row.get("models").get(member).path("response").asText("");
  }

  private static Row row(
      JsonNode json, List<String> members, boolean embedded, RecordedEmbeddings embeddings) {
    var answers = new ArrayList<Answer>();
    var vectors = new ArrayList<Optional<float[]>>();
    var scores = new float[members.size()];
    for (int m = 0; m < scores.length; m++) {
      String text = response(json, members.get(m));
      answers.add(new Answer(members.get(m), 1, text));
      vectors.add(text.isBlank() ? Optional.empty() : Optional.ofNullable(embeddings.of(text)));
      scores[m] = (float) json.get("models").get(members.get(m)).get("score").asDouble();
    }
    String query = json.get("query").asText();
    var evidence =
        embedded
            ? new Evidence(
                Optional.of(embeddings.of(query)), vectors, new LinkedHashMap<>(), List.of())
            : Evidence.NONE;
    return new Row(
        0,
        json.get("dataset").asText(),
        Map.of(),
        new Query(query),
        new Candidates(answers, evidence),
        scores);
  }

  /** Of each question, by what was made of the other folds. */
  private static double[] scores(
      RecordedAnswers data, Function<RecordedAnswers, Selector> fit, boolean accurate) {
    var scores = new double[data.rows().size()];
    for (int fold = 0; fold < FOLDS; fold++) {
      RecordedAnswers training = others(data, fold);
      Selector selector = fit.apply(training);
      Map<String, Double> priors = priors(training);
      for (int i = fold; i < scores.length; i += FOLDS) {
        Row row = data.rows().get(i);
        var candidates =
            new Candidates(
                row.candidates().answers().stream()
                    .map(a -> accurate ? a.withPrior(priors.get(a.member())) : a)
                    .toList(),
                row.candidates().evidence());
        scores[i] = row.scores()[selector.weigh(row.query(), candidates).chosen().orElseThrow()];
      }
    }
    return scores;
  }

  private static RecordedAnswers others(RecordedAnswers data, int fold) {
    return data.at(IntStream.range(0, data.rows().size()).filter(i -> i % FOLDS != fold).toArray());
  }

  private static Map<String, Double> priors(RecordedAnswers data) {
    return data.members().stream().collect(Collectors.toMap(m -> m, data::mean));
  }

  private static double macro(RecordedAnswers data, double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .collect(
            Collectors.groupingBy(
                i -> data.rows().get(i).set(), Collectors.averagingDouble(i -> scores[i])))
        .values()
        .stream()
        .mapToDouble(mean -> mean)
        .average()
        .orElseThrow();
  }

  private static void forest(RecordedAnswers data, Similarity similarity) {
    var forest = new AgentForest(new AgentForest.Settings(similarity, AnswerForm.TEXT));
    REPORT.add(
        EXPERTS,
        "agent-forest, %s, ties to the more accurate expert"
            .formatted(similarity.name().toLowerCase(Locale.ROOT)),
        MACRO,
        macro(data, scores(data, _ -> forest, true)));
  }

  @Test
  void answersLikeTheOthersByTheirWords() {
    RecordedAnswers data = read(EXPERTS, false);
    for (Similarity similarity : Similarity.values()) {
      if (similarity != Similarity.COSINE) {
        forest(data, similarity);
      }
    }
  }

  @Test
  void answersLikeTheOthersByTheirEmbeddings() {
    RecordedAnswers data = read(EXPERTS, true);
    forest(data, Similarity.COSINE);
    for (int neighbours : new int[] {0, 1, 5, 20, 100}) {
      var settings = new SmoothieVoices.Settings(neighbours, 0.01);
      double reached =
          macro(
              data,
              scores(
                  data,
                  training -> {
                    return Smoothie.METHOD.selector(
                        Smoothie.METHOD.fit(training, settings, new SplittableRandom(1)), settings);
                  },
                  false));
      REPORT.add(
          EXPERTS,
          neighbours == 0
              ? "smoothie, global"
              : "smoothie, local, %d neighbours".formatted(neighbours),
          MACRO,
          reached);
    }
    REPORT.note(
        "agent-forest, smoothie: embeddings of answers are those of the platform's model; smoothie"
            + " is fitted, without scores, to four fifths of the questions and used on the other"
            + " fifth (row number modulo 5), in turn, with equal priors.");
  }

  @Test
  void votesThatStop() {
    stopping(EXPERTS, MACRO, AnswerForm.TEXT, 1);
    stopping(VOTES, "accuracy", AnswerForm.CHOICE, 4);
    REPORT.note(
        "ask_at_once: members are asked in the order of their accuracies over the other folds, so"
            + " many at a time; \"asked\" is the mean number of answers that were paid for.");
  }

  private static void stopping(String set, String metric, AnswerForm form, int atOnce) {
    RecordedAnswers data = read(set, false);
    double[] all = null;
    for (double confidence : new double[] {0, 1, .99, .95, .9, .8}) {
      var scores = new double[data.rows().size()];
      var asked = new double[scores.length];
      boolean one = confidence == 0;
      var asking =
          new AskSettings(1, OptionalDouble.empty(), 0, 0, one ? 0 : atOnce, one ? 1 : confidence);
      var stopping =
          new AskAll(
              new MajorityVote(new MajorityVote.Settings(form, MajorityVote.Weights.UNIFORM, 2)),
              asking);
      for (int fold = 0; fold < FOLDS; fold++) {
        Map<String, Double> priors = priors(others(data, fold));
        List<MemberCard> cards =
            data.members().stream().map(m -> MemberCard.of(m, priors.get(m))).toList();
        for (int i = fold; i < scores.length; i += FOLDS) {
          Row row = data.rows().get(i);
          var stages = new ArrayList<Stage>();
          Deliberation.Step step = stopping.next(episode(row, cards, stages));
          for (int round = 1; step instanceof Deliberation.Ask ask; round++) {
            for (Call call : ask.calls()) {
              String text = row.candidates().answers().get(call.member()).text();
              stages.add(
                  new Answered(
                      new Asked(stages.size(), 0, call.member(), round, ""),
                      text,
                      AnswerSignals.NONE));
            }
            step = stopping.next(episode(row, cards, stages));
          }
          var given = ((Deliberation.Give) step).weighed();
          int stage = given.stages().get(given.weighing().chosen().orElseThrow());
          scores[i] = row.scores()[stages.get(stage).asked().member()];
          asked[i] = stages.size();
        }
      }
      String name =
          one
              ? "majority-vote, all at once"
              : "majority-vote, ask_at_once %d, stop_confidence %.2f".formatted(atOnce, confidence);
      REPORT.add(set, name, metric, set.equals(EXPERTS) ? macro(data, scores) : mean(scores));
      REPORT.add(set, name, "asked", mean(asked));
      all = one ? scores : all;
      if (confidence == 1) {
        assertTrue(Arrays.equals(all, scores), "what nothing can change stays as it is");
      }
    }
  }

  private static Episode episode(Row row, List<MemberCard> cards, List<Stage> stages) {
    return new Episode(row.query(), cards, stages, OptionalDouble.empty(), false);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
