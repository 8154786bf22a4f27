package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.StepRunner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * An answer whose members propose and check in turn. The first token is drawn from what all of them
 * hold, as the prompts have to be read anyway; from then on each draw goes on until the next token
 * is decided, by as many turns as it takes.
 */
final class SpeculativeSession extends BlockSession {

  private final SpeculativePlan plan;
  // The text in the members' own tokens, as far as somebody has read it: every one has them under
  // the same ids.
  private final IntSequence ids = new IntSequence();
  // What each token that is not decided was drawn from.
  private final Deque<double[]> proposals = new ArrayDeque<>();
  // Who had the last turn and may go on with the text; null where nobody can.
  private Reader ahead;
  // Index of the member that has the next turn.
  private int turn;
  private long turns;
  private long judged;
  private long accepted;

  SpeculativeSession(SpeculativePlan plan, List<Reader> readers, StepRunner runner) {
    super(plan, plan.vocabulary(), plan.target(), readers, runner);
    this.plan = plan;
  }

  /** {@inheritDoc} What the others have proposed since a member's last turn. */
  @Override
  int block() {
    int sum = 0;
    int least = Integer.MAX_VALUE;
    for (Reader reader : readers()) {
      if (reader.failure() == null) {
        int proposed = plan.proposed().get(reader.index());
        sum += proposed;
        least = Math.min(least, proposed);
      }
    }
    return sum == least ? sum : sum - least;
  }

  @Override
  int capacity(Reader reader) {
    return reader.capacity();
  }

  @Override
  void changed(int place) {
    ids.cut(place);
    readers().forEach(reader -> reader.cut(place));
    proposals.clear();
    ahead = null;
    turn = 0;
  }

  @Override
  public List<Drawn> draw(Picker picker, int most) {
    requireAppended();
    if (steps() == 0) {
      return List.of(first(picker));
    }
    // Proposals end where the answer must.
    int limit = decided() + Math.max(1, Math.min(most, remaining()));
    var drawn = new ArrayList<Drawn>();
    while (drawn.isEmpty()) {
      propose(picker, limit);
      Reader reader = next();
      read(reader, limit);
      if (reader.failure() != null) {
        left();
        continue;
      }
      turns++;
      judge(picker, limit, drawn);
    }
    readers().forEach(reader -> reader.forget(decided() - 1));
    return drawn;
  }

  /** A step of the plain ensemble. */
  private Drawn first(Picker picker) {
    spell(text.size());
    each(reader -> reader.read(ids, text.size()));
    left();
    Joint joint = joint(decided());
    return decide(picker.pick(joint.distribution()), joint);
  }

  private Joint joint(int place) {
    return joint(reader -> Optional.of(reader.at(place)));
  }

  /** Who has a turn now. */
  private Reader next() {
    List<Reader> left = left();
    Reader reader =
        left.stream().filter(each -> each.index() >= turn).findFirst().orElse(left.getFirst());
    turn = reader.index() + 1;
    return reader;
  }

  /** It reads what it has not, and knows what follows it unless nothing does. */
  private void read(Reader reader, int limit) {
    boolean ends = text.size() > decided() && isEnd(text.last());
    boolean full = text.size() >= limit;
    int count = ends || full ? text.size() - 1 : text.size();
    spell(count);
    one(reader, its -> its.read(ids, count));
    ahead = reader.failure() == null && reader.knows(text.size()) ? reader : null;
  }

  private boolean isEnd(int token) {
    return vocabulary().isEnd(token);
  }

  /** The first tokens in the members' own, as far as they are new. */
  private void spell(int count) {
    for (int place = ids.size(); place < count; place++) {
      ids.add(vocabulary.tokens(0, text.get(place)).orElseThrow()[0]);
    }
  }

  /** Whoever is ahead goes on with the text. */
  private void propose(Picker picker, int limit) {
    if (ahead == null) {
      return;
    }
    Prefix prefix = picker.prefix();
    for (int place = decided(); place < text.size(); place++) {
      prefix = with(prefix, place);
    }
    for (int i = 0; i < plan.proposed().get(ahead.index()); i++) {
      int place = text.size();
      if (place >= limit || place > decided() && isEnd(text.last())) {
        return;
      }
      if (!ahead.knows(place)) {
        spell(place);
        one(ahead, its -> its.read(ids, place));
        if (ahead.failure() != null) {
          return;
        }
      }
      double[] shaped = behind(picker, prefix).shaped(ahead.at(place).shared());
      proposals.add(shaped);
      text.add(draw(shaped, picker.random()));
      prefix = with(prefix, place);
    }
  }

  /** Decides, one after the other, the tokens of which everybody told what it holds. */
  private void judge(Picker picker, int limit, List<Drawn> drawn) {
    Prefix prefix = picker.prefix();
    while (decided() < Math.min(limit, text.size())
        && left().stream().allMatch(r -> r.knows(decided()))) {
      Joint joint = joint(decided());
      double[] target = behind(picker, prefix).shaped(joint.distribution());
      double[] proposal = proposals.remove();
      int token = text.get(decided());
      judged++;
      if (picker.random().nextDouble() * proposal[token] < target[token]) {
        accepted++;
        drawn.add(decide(token, joint));
      } else {
        int instead = instead(target, proposal, picker.random());
        cut(decided());
        drawn.add(decide(instead, joint));
      }
      prefix = with(prefix, decided() - 1);
    }
  }

  /** From {@code norm(max(0, r - q))}. */
  private static int instead(double[] target, double[] proposal, RandomGenerator random) {
    var rest = new double[target.length];
    double sum = 0;
    for (int t = 0; t < rest.length; t++) {
      rest[t] = Math.max(0, target[t] - proposal[t]);
      sum += rest[t];
    }
    // Nothing is left where both are the same but for rounding.
    return draw(sum > 0 ? rest : target, random);
  }

  private static int draw(double[] weights, RandomGenerator random) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double mark = random.nextDouble() * sum;
    int last = -1;
    for (int t = 0; t < weights.length; t++) {
      if (weights[t] > 0) {
        last = t;
        mark -= weights[t];
        if (mark < 0) {
          return t;
        }
      }
    }
    return last;
  }

  @Override
  public Map<String, Double> measures() {
    var measures = new LinkedHashMap<String, Double>();
    measures.put("turns", (double) turns);
    if (judged > 0) {
      measures.put("acceptance", accepted / (double) judged);
    }
    measures.putAll(passes());
    return measures;
  }
}
