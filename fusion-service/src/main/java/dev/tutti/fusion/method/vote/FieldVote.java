package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.AnswerSchema;
import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.answer.ObjectFields;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.IntStream;

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
 * <p>Where the request names a JSON schema ({@code response_format} of the type {@code
 * json_schema}), what is given satisfies it: an answer that does not has no vote, and the fields as
 * most have them are put together, {@code (v*_f)_f}. Where that does not satisfy the schema, the
 * answer above is given, and none where no answer does. Lists whose values the schema wants unique
 * are compared without their order. The support of an answer is then the share of the weight behind
 * its values, on average over the fields.
 *
 * <p>Departures: without a schema the majorities are not put together into an answer that nobody
 * gave: fields that fit each other in none of the answers need not fit at all. What the agreement
 * tells is the share behind the whole object that is given. Where fewer than half of the answers
 * are objects, it is {@link MajorityVote} in the form auto; answers that are none never win
 * otherwise. Defaults: every member counts alike. Cost per request: one call a member; the vote is
 * linear in answers times fields.
 */
public final class FieldVote implements Selector {

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
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.SCHEMA);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    Optional<AnswerSchema> schema = candidates.evidence().schema();
    if (schema.isPresent()) {
      long texts = candidates.answers().stream().filter(Answer::isText).count();
      // Who wants tools to be called gives no answer yet.
      return 2 * texts >= candidates.size()
          ? weigh(query, candidates, schema.get())
          : whole.weigh(query, satisfying(candidates, schema.get()));
    }
    List<Optional<SortedMap<String, String>>> answers =
        candidates.answers().stream()
            .map(its -> Optional.of(its.text()).filter(_ -> its.isText()).flatMap(ObjectFields::of))
            .toList();
    if (2 * answers.stream().filter(Optional::isPresent).count() < answers.size()) {
      return whole.weigh(query, candidates);
    }
    Weighing weighed = objects.weigh(query, candidates);
    var tally = new FieldTally(candidates, answers, weighed.weights());
    int chosen = tally.chosen();
    return new Weighing(
        weighed.weights(), weighed.answers(), chosen, explanation(candidates, tally, chosen));
  }

  private static String explanation(Candidates candidates, FieldTally tally, int chosen) {
    return "The answer of '%s' has %d of %d fields as most answers have them."
        .formatted(
            candidates.answers().get(chosen).member(), tally.agreeing(chosen), tally.fields());
  }

  private Weighing weigh(Query query, Candidates candidates, AnswerSchema schema) {
    List<Double> weights = objects.weigh(query, candidates).weights();
    List<Optional<SortedMap<String, String>>> answers =
        candidates.answers().stream().map(answer -> fields(answer, schema)).toList();
    List<Optional<String>> spelled =
        answers.stream().map(fields -> fields.flatMap(ObjectFields::spelled)).toList();
    var tally = new FieldTally(candidates, answers, weights);
    int chosen = tally.chosen();
    if (chosen < 0) {
      return new Weighing(
          weights,
          spelled,
          OptionalInt.empty(),
          "None of %d answers satisfies the schema.".formatted(answers.size()));
    }
    List<Double> support =
        tally.fields() == 0
            ? Weighing.equal(weights, spelled)
            : IntStream.range(0, answers.size())
                .mapToObj(i -> tally.behind(i) / tally.fields())
                .toList();
    var weighing =
        new Weighing(
            weights,
            spelled,
            support,
            OptionalInt.of(chosen),
            explanation(candidates, tally, chosen));
    String best = spelled.get(chosen).orElseThrow();
    String voted = ObjectFields.spelled(tally.voted(chosen)).filter(schema::accepts).orElse(best);
    if (!voted.equals(best)) {
      return weighing
          .giving(voted)
          .explained(
              "Each of %d fields is given as most answers have it; that of '%s' has the most of them, %d."
                  .formatted(
                      tally.fields(),
                      candidates.answers().get(chosen).member(),
                      tally.agreeing(chosen)));
    }
    return schema.accepts(candidates.answers().get(chosen).text())
        ? weighing
        : weighing.giving(best);
  }

  private static Candidates satisfying(Candidates candidates, AnswerSchema schema) {
    return new Candidates(
        candidates.answers().stream()
            .map(its -> its.isText() && fields(its, schema).isEmpty() ? its.withoutVote() : its)
            .toList());
  }

  /** Empty where it does not satisfy the schema. */
  private static Optional<SortedMap<String, String>> fields(Answer answer, AnswerSchema schema) {
    return ObjectFields.of(answer.text(), schema.unordered())
        .filter(_ -> answer.isText())
        .filter(fields -> ObjectFields.spelled(fields).filter(schema::accepts).isPresent());
  }
}
