package dev.tutti.cascade.estimate;

import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one question and its answers; a set of members is a number whose bit m says
 * whether member m is in it. Immutable.
 */
public final class Evidence {

  private static final double LEAST = 1e-4;

  private final double[] exAnte;
  private final double[][] own;
  private final AnswerRelation[][] relations;

  /**
   * Of one question.
   *
   * @param exAnte log-odds that a member's answer is right, by what the question alone tells
   * @param answers one a member; empty where it has not answered
   * @param form in which answers are compared
   */
  public Evidence(double[] exAnte, List<Optional<GivenAnswer>> answers, AnswerForm form) {
    int members = answers.size();
    this.exAnte = exAnte;
    this.own = new double[members][];
    this.relations = new AnswerRelation[members][members];
    for (int m = 0; m < members; m++) {
      if (answers.get(m).isEmpty()) {
        continue;
      }
      GivenAnswer its = answers.get(m).get();
      own[m] = its.own();
      for (int other = 0; other < m; other++) {
        if (own[other] != null) {
          relations[m][other] = AnswerRelation.of(its, answers.get(other).orElseThrow(), form);
          relations[other][m] = relations[m][other];
        }
      }
    }
  }

  /** How many members there are. */
  public int members() {
    return own.length;
  }

  /** Those that have answered. */
  public int answered() {
    int set = 0;
    for (int m = 0; m < own.length; m++) {
      set |= own[m] == null ? 0 : 1 << m;
    }
    return set;
  }

  /** Log-odds that a member's answer is right, by what the question alone tells. */
  double[] exAnte() {
    return exAnte;
  }

  /**
   * What tells of the answer of a member of a set: the question, the answer by itself, and of each
   * other answer whether it agrees or disagrees, alone and times the other's log-odds.
   *
   * @param set that has answered, with the member
   */
  double[] ofAnswered(int member, int set) {
    var x = new double[1 + GivenAnswer.OWN + 4 * (Integer.bitCount(set) - 1)];
    x[0] = exAnte[member];
    System.arraycopy(own[member], 0, x, 1, GivenAnswer.OWN);
    int at = 1 + GivenAnswer.OWN;
    for (int other = 0; other < own.length; other++) {
      if (other != member && (set >> other & 1) == 1) {
        double agrees = relations[member][other] == AnswerRelation.AGREE ? 1 : 0;
        double disagrees = relations[member][other] == AnswerRelation.DISAGREE ? 1 : 0;
        x[at++] = agrees;
        x[at++] = disagrees;
        x[at++] = agrees * exAnte[other];
        x[at++] = disagrees * exAnte[other];
      }
    }
    return x;
  }

  /**
   * What tells of a member that has not answered: the question, how good the answers are that there
   * are, and which of them agree and disagree.
   *
   * @param set that has answered, without the member
   * @param estimated how good its answers are, by member
   */
  double[] ofSilent(int member, int set, double[] estimated) {
    int answers = Integer.bitCount(set);
    var x = new double[1 + answers + answers * (answers - 1)];
    x[0] = exAnte[member];
    int at = 1;
    for (int one = 0; one < own.length; one++) {
      if ((set >> one & 1) == 0) {
        continue;
      }
      x[at++] = logOdds(estimated[one]);
      for (int other = 0; other < one; other++) {
        if ((set >> other & 1) == 1) {
          x[at++] = relations[one][other] == AnswerRelation.AGREE ? 1 : 0;
          x[at++] = relations[one][other] == AnswerRelation.DISAGREE ? 1 : 0;
        }
      }
    }
    return x;
  }

  static double logOdds(double probability) {
    double p = Math.clamp(probability, LEAST, 1 - LEAST);
    return Math.log(p / (1 - p));
  }

  /** Log-odds of probabilities. */
  static double[] logOdds(double[] probabilities) {
    return Arrays.stream(probabilities).map(Evidence::logOdds).toArray();
  }
}
