package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.answer.ObjectFields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * A vote field by field over answers that are JSON objects: the one is given that has most fields
 * as the majority has them.
 *
 * <p>{@code v*_f = argmax_v sum_i w_i I[y_i(f) = v]} for each field f of any of them (majority
 * vote, Hansen & Salamon 1990, by field); the answer is {@code argmax_i sum_f I[y_i(f) = v*_f]}. A
 * field that an answer lacks is a value like others. Objects within objects are voted on by their
 * own fields, a list is one value. Values are compared as {@link AnswerForm#JSON} spells them. Ties
 * go to the answer with the greater sum of its values' weights, then to the higher prior, then to
 * the first.
 *
 * <p>Departures: the majorities are not put together into an answer that nobody gave: fields that
 * fit each other in none of the answers need not fit at all. What the agreement tells is the share
 * behind the whole object that is given. Where fewer than half of the answers are objects, it is
 * {@link MajorityVote} in the form auto; answers that are none never win otherwise. Defaults: every
 * member counts alike. Cost per request: one call a member; the vote is linear in answers times
 * fields.
 */
public final class FieldVote implements Selector {

  private static final double ROUNDING = 1e-12;

  /**
   * Settings.
   *
   * @param prior whether members count by their weights
   */
  public record Settings(
      @Setting(help = "Whether members count by member.weight; else all count alike.")
          boolean prior) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(false);
  }

  private final MajorityVote whole;
  private final MajorityVote objects;

  /** A vote with these settings. */
  public FieldVote(Settings settings) {
    var weights = settings.prior() ? MajorityVote.Weights.PRIOR : MajorityVote.Weights.UNIFORM;
    int unread = MajorityVote.Settings.DEFAULTS.options();
    whole = new MajorityVote(new MajorityVote.Settings(AnswerForm.AUTO, weights, unread));
    objects = new MajorityVote(new MajorityVote.Settings(AnswerForm.JSON, weights, unread));
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    List<Optional<SortedMap<String, String>>> answers =
        candidates.answers().stream().map(answer -> ObjectFields.of(answer.text())).toList();
    if (2 * answers.stream().filter(Optional::isPresent).count() < answers.size()) {
      return whole.weigh(query, candidates);
    }
    Weighing weighed = objects.weigh(query, candidates);
    List<Map<String, Double>> votes = new ArrayList<>();
    TreeSet<String> fields = fields(answers);
    var bests = new ArrayList<Double>();
    for (String field : fields) {
      Map<String, Double> its = votes(field, answers, weighed.weights());
      votes.add(its);
      bests.add(its.values().stream().mapToDouble(v -> v).max().orElseThrow());
    }
    int chosen = -1;
    long most = -1;
    double behind = 0;
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i).isEmpty()) {
        continue;
      }
      long agrees = 0;
      double weight = 0;
      int at = 0;
      for (String field : fields) {
        double best = bests.get(at);
        Map<String, Double> its = votes.get(at++);
        double vote = its.get(answers.get(i).get().getOrDefault(field, ""));
        agrees += vote >= best - ROUNDING ? 1 : 0;
        weight += vote;
      }
      if (chosen < 0
          || agrees > most
          || agrees == most && isBetter(candidates, i, weight, chosen, behind)) {
        chosen = i;
        most = agrees;
        behind = weight;
      }
    }
    return new Weighing(
        weighed.weights(),
        weighed.answers(),
        chosen,
        "The answer of '%s' has %d of %d fields as most answers have them."
            .formatted(candidates.answers().get(chosen).member(), most, votes.size()));
  }

  private static boolean isBetter(
      Candidates candidates, int one, double weight, int other, double behind) {
    Answer a = candidates.answers().get(one);
    Answer b = candidates.answers().get(other);
    return Math.abs(weight - behind) <= ROUNDING ? a.prior() > b.prior() : weight > behind;
  }

  private static TreeSet<String> fields(List<Optional<SortedMap<String, String>>> answers) {
    var fields = new TreeSet<String>();
    answers.forEach(answer -> answer.ifPresent(its -> fields.addAll(its.keySet())));
    return fields;
  }

  /** The weight behind each value of a field; the empty one is that it is not there. */
  private static Map<String, Double> votes(
      String field, List<Optional<SortedMap<String, String>>> answers, List<Double> weights) {
    var votes = new HashMap<String, Double>();
    for (int i = 0; i < answers.size(); i++) {
      double weight = weights.get(i);
      answers
          .get(i)
          .ifPresent(its -> votes.merge(its.getOrDefault(field, ""), weight, Double::sum));
    }
    return votes;
  }
}
