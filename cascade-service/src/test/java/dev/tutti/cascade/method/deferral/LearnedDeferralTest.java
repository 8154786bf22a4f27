package dev.tutti.cascade.method.deferral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.PolicyContract;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.tuning.StageThresholds;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearnedDeferralTest extends PolicyContract {

  private static final float ALL = StageThresholds.ALWAYS;
  private static final float OUT = StageThresholds.LEFT_OUT;

  /** Of the answer's ten signals and one axis: the mean log-probability, and the axis. */
  private static final int MEAN = 1;

  private static final int AXIS = 10;

  /** Says {@code sigmoid(mean * mean log-probability + axis * place)}. */
  private static DeferralHead head(double mean, double axis) {
    var weights = new Matrix(1, 12);
    weights.values()[MEAN] = (float) mean;
    weights.values()[AXIS] = (float) axis;
    var scale = new Matrix(2, 11);
    Arrays.fill(scale.values(), 11, 22, 1);
    return new DeferralHead.Linear(scale, new LinearHeads(weights));
  }

  private static LearnedDeferral policy(Target target, List<DeferralHead> heads, float... values) {
    int members = heads.size() + 1;
    float[] all = Arrays.copyOf(values, 2 * members);
    Arrays.fill(all, members, 2 * members, ALL);
    return new LearnedDeferral(
        LearnedDeferral.Settings.DEFAULTS,
        new DeferralMembers(
            IntStream.range(0, members).mapToObj(m -> "m" + m).toList(),
            AnswerFeatures.SIGNALS,
            new QuestionAxes(Matrix.row(1.0)),
            target,
            heads,
            new TunedPoints(List.of(new TunedPoints.Point(1, .5, all)), 0)));
  }

  @Override
  protected Policy policy(int members, Random random) {
    var heads = new ArrayList<DeferralHead>();
    var values = new float[members];
    for (int m = 0; m < members; m++) {
      values[m] = random.nextInt(4) == 0 ? OUT : random.nextFloat();
      if (m > 0) {
        heads.add(head(random.nextGaussian(), random.nextGaussian()));
      }
    }
    values[members - 1] = ALL;
    return policy(Target.values()[random.nextInt(4)], heads, values);
  }

  /** The embedding of the question, then answers of these mean log-probabilities; NaN fails. */
  private static List<Stage> said(double... logprobs) {
    var stages = new ArrayList<Stage>();
    stages.add(new Embedded(new Asked(0, 0, Call.PLATFORM, 1, ""), List.of(new float[] {.5f})));
    for (int m = 0; m < logprobs.length; m++) {
      var asked = new Asked(m + 1, 0, m, m + 1, "");
      stages.add(Double.isNaN(logprobs[m]) ? new Failed(asked) : says(asked, "x", logprobs[m]));
    }
    return stages;
  }

  private static Policy.Step next(Policy policy, int members, double... logprobs) {
    return policy.next(episode(members, said(logprobs), false));
  }

  /**
   * sigmoid(ln 3) = .75 of being better: .25 that it is not; at mean log-probability 0 it is .5.
   */
  @Test
  void theNextIsAskedWhereItIsProbablyBetter() {
    Policy policy = policy(Target.BETTER, List.of(head(-Math.log(3), 0)), .4f, ALL);
    Policy.Ask ask = assertInstanceOf(Policy.Ask.class, next(policy, 2, -1));
    assertEquals(1, ask.calls().getFirst().member());
    assertTrue(ask.live());
    assertEquals(.25, ask.confidence().getAsDouble(), 1e-6);
    assertEquals(.4, ask.threshold().getAsDouble(), 1e-6);
    assertEquals(
        "probability that the next member is no better 0.25 <= threshold 0.4.", ask.explanation());
    Policy.Accept accept = assertInstanceOf(Policy.Accept.class, next(policy, 2, 0));
    assertEquals(1, accept.stage());
    assertEquals(.5, accept.confidence().getAsDouble(), 1e-6);
  }

  /** By the question: the place .5 times 2 ln 3 makes sigmoid(ln 3) = .75. */
  @Test
  void theQuestionTells() {
    Policy asks = policy(Target.DIFF_01, List.of(head(0, 2 * Math.log(3))), .3f, ALL);
    assertInstanceOf(Policy.Ask.class, next(asks, 2, 0));
    Policy keeps = policy(Target.DIFF_01, List.of(head(0, -2 * Math.log(3))), .3f, ALL);
    Policy.Accept accept = assertInstanceOf(Policy.Accept.class, next(keeps, 2, 0));
    assertEquals(
        "confidence that the answer should stand 0.75 > threshold 0.3.", accept.explanation());
  }

  /** The next is .5 sure, this one .9: half of 1 - (.5 - .9) is .7. */
  @Test
  void maxProbComparesWithTheAnswersOwn() {
    Policy policy = policy(Target.MAX_PROB, List.of(head(0, 0)), .69f, ALL);
    Policy.Accept accept = assertInstanceOf(Policy.Accept.class, next(policy, 2, Math.log(.9)));
    assertEquals(.7, accept.confidence().getAsDouble(), 1e-6);
    Policy.Ask ask = assertInstanceOf(Policy.Ask.class, next(policy, 2, Math.log(.8)));
    assertEquals(.65, ask.confidence().getAsDouble(), 1e-6);
  }

  /** The embedding is asked for beside the first answer, and not where that is taken anyway. */
  @Test
  void theEmbeddingComesWithTheFirstAnswer() {
    Policy policy = policy(Target.DIFF_01, List.of(head(0, 0)), .5f, ALL);
    Policy.Ask first =
        assertInstanceOf(Policy.Ask.class, policy.next(episode(2, List.of(), false)));
    assertEquals(
        List.of(
            new Call.Embed(Call.PLATFORM, List.of("What is 6 x 7?"), ""), Call.Generate.asAsked(0)),
        first.calls());
    assertFalse(first.live());
    Policy sure = policy(Target.DIFF_01, List.of(head(0, 0)), ALL, ALL);
    Policy.Ask only = assertInstanceOf(Policy.Ask.class, sure.next(episode(2, List.of(), false)));
    assertEquals(List.of(Call.Generate.asAsked(0)), only.calls());
    assertTrue(only.live());
  }

  @Test
  void withoutTheEmbeddingTheNextIsAsked() {
    Policy policy = policy(Target.DIFF_01, List.of(head(0, 0)), .1f, ALL);
    List<Stage> stages = said(0);
    stages.set(0, new Failed(stages.getFirst().asked()));
    Policy.Ask ask = assertInstanceOf(Policy.Ask.class, policy.next(episode(2, stages, false)));
    assertEquals("Its answer lacks the signal that confidence is read from.", ask.explanation());
    Policy.Accept accept =
        assertInstanceOf(Policy.Accept.class, policy.next(episode(2, stages, true)));
    assertEquals(1, accept.stage());
  }

  /** The first one's answer looks the surer, but the second was asked as it would be better. */
  @Test
  void whereNobodyIsLeftTheLatestAnswerStands() {
    Policy policy = policy(Target.DIFF_01, List.of(head(0, 0), head(0, 2)), .9f, .9f, ALL);
    Policy.Accept accept = assertInstanceOf(Policy.Accept.class, next(policy, 3, 0, 0, Double.NaN));
    assertEquals(2, accept.stage());
  }

  /** Sorted -3, -2, -1, 0: a tenth of the way is .3 of a token further. */
  @Test
  void quantilesOfFewTokensAreInterpolated() {
    float[] features =
        AnswerFeatures.QUANTILES.of(tokens(-1.0, -3.0, -2.0, 0.0), Optional.empty()).orElseThrow();
    assertArrayEquals(
        new float[] {
          -3, -2.7f, -2.4f, -2.1f, -1.8f, -1.5f, -1.2f, -.9f, -.6f, -.3f, 0, -6, -1.5f, 4
        },
        features,
        1e-6f);
    float[] one = AnswerFeatures.QUANTILES.of(tokens(-2.0), Optional.empty()).orElseThrow();
    for (int q = 0; q < 11; q++) {
      assertEquals(-2, one[q]);
    }
    assertTrue(AnswerFeatures.QUANTILES.of(tokens(), Optional.empty()).isEmpty());
    assertTrue(AnswerFeatures.QUANTILES.of(tokens(-1, Double.NaN), Optional.empty()).isEmpty());
    assertEquals(
        -50,
        AnswerFeatures.QUANTILES.of(tokens(Double.NEGATIVE_INFINITY), Optional.empty())
            .orElseThrow()[0]);
  }

  /** Eleven quantiles stand for the tokens that they are of. */
  @Test
  void quantilesOfQuantilesAreTheSame() {
    var random = new Random(3);
    for (int n = 1; n < 40; n++) {
      double[] drawn = random.doubles(n, -4, 0).toArray();
      float[] told = AnswerFeatures.QUANTILES.of(tokens(drawn), Optional.empty()).orElseThrow();
      double[] tenths = IntStream.range(0, 11).mapToDouble(q -> told[q]).toArray();
      float[] again = AnswerFeatures.QUANTILES.of(tokens(tenths), Optional.empty()).orElseThrow();
      assertArrayEquals(Arrays.copyOf(told, 11), Arrays.copyOf(again, 11), 1e-5f);
    }
  }

  private static AnswerSignals tokens(double... logprobs) {
    double sum = Arrays.stream(logprobs).sum();
    OptionalDouble none = OptionalDouble.empty();
    return new AnswerSignals(
        OptionalDouble.of(sum / logprobs.length),
        OptionalDouble.of(sum),
        none,
        none,
        none,
        Arrays.stream(logprobs).boxed().toList());
  }

  @Test
  void onlyQuantilesAskForLogprobs() {
    assertTrue(AnswerFeatures.QUANTILES.sampling().logprobs());
    assertFalse(AnswerFeatures.SIGNALS.sampling().logprobs());
  }

  @Test
  void signalsThatAreNotToldAreNotNumbers() {
    AnswerSignals some = says(new Asked(0, 0, 0, 1, ""), "", Math.log(.5)).signals();
    float[] features = AnswerFeatures.SIGNALS.of(some, Optional.of(new float[] {7})).orElseThrow();
    float log = (float) Math.log(.5);
    assertArrayEquals(
        new float[] {log, log, log, .5f, .5f, .5f, .5f, .5f, Float.NaN, Float.NaN, 7}, features);
    assertTrue(AnswerFeatures.SIGNALS.of(some, Optional.empty()).isEmpty());
    assertTrue(
        AnswerFeatures.SIGNALS.of(AnswerSignals.NONE, Optional.of(new float[] {7})).isEmpty());
  }

  /** First .8 sure and right, next .6 sure and wrong, and the other way round. */
  @Test
  void targetsSayWhatTheNextDoesBetter() {
    Recorded right = recorded(.8, 1);
    Recorded wrong = recorded(.6, 0);
    assertEquals(0, Target.BETTER.of(right, wrong).getAsDouble());
    assertEquals(1, Target.BETTER.of(wrong, right).getAsDouble());
    assertEquals(0, Target.BETTER.of(right, right).getAsDouble());
    assertEquals(0, Target.DIFF_01.of(right, wrong).getAsDouble());
    assertEquals(1, Target.DIFF_01.of(wrong, right).getAsDouble());
    assertEquals(.5, Target.DIFF_01.of(right, right).getAsDouble());
    assertEquals((1 - .8) / 2, Target.DIFF_PROB.of(right, wrong).getAsDouble(), 1e-9);
    assertEquals((1 + .8) / 2, Target.DIFF_PROB.of(wrong, right).getAsDouble(), 1e-9);
    assertEquals(.6, Target.MAX_PROB.of(right, wrong).getAsDouble(), 1e-9);
    Recorded mute = new Recorded("", AnswerSignals.NONE, 1, 1, List.of());
    assertTrue(Target.MAX_PROB.of(right, mute).isEmpty());
    assertTrue(Target.DIFF_PROB.of(mute, right).isEmpty());
    assertEquals(1, Target.DIFF_01.of(wrong, mute).getAsDouble());
  }

  private static Recorded recorded(double probability, double score) {
    Answered answered = says(new Asked(0, 0, 0, 1, ""), "", Math.log(probability));
    return new Recorded("", answered.signals(), score, 1, List.of());
  }
}
