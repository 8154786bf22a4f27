package dev.tutti.fusion;

import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.Episode.Scored;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.numerics.answer.VoteLead;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A selector as a deliberation: all members are asked as the request was, then the evidence is
 * fetched that the selector declares, then it weighs. Members that are there to judge are not asked
 * for an answer.
 *
 * <p>With {@link AskSettings#askAtOnce} they are asked in turn ({@link AskOrder}), and nobody more
 * once the rest cannot change the result ({@link Selector#isSettled}), or its lead is safe ({@link
 * VoteLead}, for selectors without evidence).
 *
 * @param selector weighs the answers
 * @param asking how often members are asked, and when an answer is good enough
 * @param schema that the request names, for selectors that look at it
 */
public record AskAll(Selector selector, AskSettings asking, Optional<AnswerSchema> schema)
    implements Deliberation {

  // Shares are sums of fractions: six of six are not quite 1.
  private static final double ROUNDING = 1e-9;

  /** Each is asked once, and some answer is given. */
  public AskAll(Selector selector) {
    this(selector, AskSettings.DEFAULTS);
  }

  /** The answers are to satisfy no schema. */
  public AskAll(Selector selector, AskSettings asking) {
    this(selector, asking, Optional.empty());
  }

  @Override
  public Step next(Episode episode) {
    List<Integer> answered = answered(episode);
    List<Integer> rest = order().rest(episode);
    if (!episode.exhausted() && !rest.isEmpty() && !isDone(episode, answered, rest)) {
      return ask(episode, rest);
    }
    List<Call> evidence = evidence(episode, texts(episode, answered));
    if (!isBeyondAnswers(episode) && !episode.exhausted() && !evidence.isEmpty()) {
      return new Ask(evidence, 1);
    }
    Weighing weighing = selector.weigh(episode.query(), candidates(episode, answered));
    var weighed = new Weighed(answered, rest.isEmpty() ? weighing : untold(weighing, rest.size()));
    if (weighing.chosen().isPresent() && agree(weighing.agreement())) {
      return new Give(weighed, true, weighing.text());
    }
    String explanation =
        weighing.chosen().isEmpty()
            ? weighing.explanation()
            : "%.2f of the weight is behind the best answer; at least %.2f is wanted."
                .formatted(weighing.agreement(), asking.leastAgreement());
    return new Abstain(Optional.of(weighed), explanation);
  }

  private AskOrder order() {
    return new AskOrder(selector, asking);
  }

  private boolean agree(double share) {
    return share >= asking.leastAgreement() - ROUNDING;
  }

  private static Weighing untold(Weighing weighing, int rest) {
    return weighing.explained(
        "%s %d more answers were not asked for.".formatted(weighing.explanation(), rest));
  }

  private Ask ask(Episode episode, List<Integer> rest) {
    int size = asking.askAtOnce() == 0 ? rest.size() : Math.min(asking.askAtOnce(), rest.size());
    boolean logprobs = selector.evidence().contains(Evidence.Kind.LOGPROBS);
    var change = new SamplingChange(asking.temperature(), OptionalInt.empty(), logprobs);
    var samples = new TreeMap<Integer, Integer>();
    rest.subList(0, size).forEach(member -> samples.merge(member, 1, Integer::sum));
    List<Call> calls =
        samples.entrySet().stream()
            .<Call>map(
                its -> new Call.Generate(its.getKey(), Prompt.AS_ASKED, its.getValue(), change, ""))
            .toList();
    boolean judged =
        selector.evidence().contains(Evidence.Kind.SCORES) && !AskOrder.judges(episode).isEmpty();
    boolean embedded =
        selector.evidence().contains(Evidence.Kind.EMBEDDINGS)
            || selector.evidence().contains(Evidence.Kind.QUERY);
    return new Ask(calls, Math.ceilDiv(rest.size(), size) + (judged || embedded ? 1 : 0));
  }

  /** Whether those that were asked so far do. */
  private boolean isDone(Episode episode, List<Integer> answered, List<Integer> rest) {
    if (answered.isEmpty()) {
      return false;
    }
    return isBeyondAnswers(episode) || isSettled(episode, rest) || isSafe(episode, answered);
  }

  private boolean isSafe(Episode episode, List<Integer> answered) {
    if (asking.stopConfidence() == 1 || !isByAnswers()) {
      return false;
    }
    Weighing weighing = selector.weigh(episode.query(), said(episode, answered));
    // Answers that count differently say nothing by their number.
    double first = weighing.weights().getFirst();
    if (weighing.weights().stream().anyMatch(weight -> Math.abs(weight - first) > ROUNDING)) {
      return false;
    }
    var counts = new HashMap<String, Integer>();
    weighing
        .answers()
        .forEach(its -> its.ifPresent(answer -> counts.merge(answer, 1, Integer::sum)));
    List<Integer> falling = counts.values().stream().sorted(Comparator.reverseOrder()).toList();
    return !falling.isEmpty()
        && VoteLead.probability(falling.getFirst(), falling.size() < 2 ? 0 : falling.get(1))
            >= asking.stopConfidence();
  }

  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    List<Integer> answered = answered(episode);
    if (answered.isEmpty()
        || isBeyondAnswers(episode)
        || !AskOrder.writers(episode).containsAll(pending)) {
      return false;
    }
    if (asking.enough() > 0) {
      return answered.size() >= asking.enough();
    }
    Candidates candidates = said(episode, answered);
    List<MemberCard> open =
        order().open(episode, pending).stream().map(episode.members()::get).toList();
    return selector.isSettled(
            candidates,
            open.stream().map(card -> selector.weight(card.knownAs(), card.prior())).toList())
        && (asking.leastAgreement() == 0 || agree(episode, candidates, open));
  }

  /**
   * Whether enough agree even where all that are open are against it. Who wins may be settled long
   * before by how much; how much is known only of answers that count as their members do.
   */
  private boolean agree(Episode episode, Candidates candidates, List<MemberCard> open) {
    if (!isByAnswers()) {
      return false;
    }
    List<Answer> answers = candidates.answers();
    Weighing weighing = selector.weigh(episode.query(), candidates);
    double said = answers.stream().mapToDouble(Answer::prior).sum();
    boolean byPrior =
        IntStream.range(0, answers.size())
            .allMatch(
                i ->
                    Math.abs(weighing.weights().get(i) - answers.get(i).prior() / said)
                        <= ROUNDING);
    double all = said + open.stream().mapToDouble(MemberCard::prior).sum();
    return byPrior && agree(weighing.agreement() * said / all);
  }

  @Override
  public boolean asksOn(Episode episode) {
    return !order().rest(episode).isEmpty();
  }

  private static boolean isBeyondAnswers(Episode episode) {
    return episode.stages().stream().anyMatch(stage -> !AskOrder.isAnswer(stage));
  }

  /** Places of the answers, in the order of the members and of each one's samples. */
  private static List<Integer> answered(Episode episode) {
    List<Stage> stages = episode.stages();
    return IntStream.range(0, stages.size())
        .filter(i -> stages.get(i) instanceof Answered)
        .boxed()
        .sorted(Comparator.comparingInt(i -> stages.get(i).asked().member()))
        .toList();
  }

  private static List<String> texts(Episode episode, List<Integer> answered) {
    return answered.stream().map(i -> ((Answered) episode.stages().get(i)).text()).toList();
  }

  /** The calls that fetch what the selector declares; nothing can be said of empty texts. */
  private List<Call> evidence(Episode episode, List<String> texts) {
    var calls = new ArrayList<Call>();
    List<String> said = texts.stream().filter(text -> !text.isBlank()).toList();
    boolean answers = selector.evidence().contains(Evidence.Kind.EMBEDDINGS);
    if (answers || selector.evidence().contains(Evidence.Kind.QUERY)) {
      var embedded = new ArrayList<>(List.of(episode.query().text()));
      embedded.addAll(answers ? said : List.of());
      embedded.removeIf(String::isBlank);
      if (!embedded.isEmpty()) {
        calls.add(new Call.Embed(Call.PLATFORM, embedded, "evidence"));
      }
    }
    if (selector.evidence().contains(Evidence.Kind.SCORES) && !said.isEmpty()) {
      for (int judge : AskOrder.judges(episode)) {
        for (int i = 0; i < said.size(); i += Call.MOST) {
          List<String> some = said.subList(i, Math.min(i + Call.MOST, said.size()));
          calls.add(new Call.Score(judge, Prompt.AS_ASKED, some, "judge"));
        }
      }
    }
    return calls;
  }

  /** Whether nothing has to be fetched to weigh them. */
  private boolean isByAnswers() {
    return Set.of(Evidence.Kind.SCHEMA).containsAll(selector.evidence());
  }

  /** What was said, without what is fetched. */
  private Candidates said(Episode episode, List<Integer> answered) {
    return new Candidates(Candidates.answers(episode, answered), Evidence.of(schema));
  }

  private Candidates candidates(Episode episode, List<Integer> answered) {
    if (isByAnswers()) {
      return said(episode, answered);
    }
    List<Answer> answers = Candidates.answers(episode, answered);
    List<String> texts = answers.stream().map(Answer::text).toList();
    Optional<float[]> query = Optional.empty();
    List<Optional<float[]>> embeddings = List.of();
    var told = new LinkedHashMap<String, List<TextScore>>();
    for (Stage stage : episode.stages()) {
      if (stage instanceof Embedded embedded) {
        Iterator<float[]> vectors = embedded.vectors().iterator();
        query = episode.query().text().isBlank() ? Optional.empty() : Optional.of(vectors.next());
        embeddings =
            selector.evidence().contains(Evidence.Kind.EMBEDDINGS)
                ? placed(texts, vectors)
                : List.of();
      } else if (stage instanceof Scored scored) {
        String judge = episode.members().get(scored.asked().member()).name();
        told.computeIfAbsent(judge, _ -> new ArrayList<>()).addAll(scored.scores());
      }
    }
    // A judge of whom a part of them failed has scored nothing that can be held together.
    long said = texts.stream().filter(text -> !text.isBlank()).count();
    var scores = new LinkedHashMap<String, List<Optional<TextScore>>>();
    told.forEach(
        (judge, its) -> {
          if (its.size() == said) {
            scores.put(judge, placed(texts, its.iterator()));
          }
        });
    List<AnswerSignals> signals = Candidates.signals(episode, answered);
    return new Candidates(answers, new Evidence(query, embeddings, scores, signals, schema));
  }

  /** One a text; none for those of which nothing was asked. */
  private static <T> List<Optional<T>> placed(List<String> texts, Iterator<T> told) {
    return texts.stream()
        .map(text -> text.isBlank() ? Optional.<T>empty() : Optional.of(told.next()))
        .toList();
  }
}
