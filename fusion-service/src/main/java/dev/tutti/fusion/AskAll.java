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
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A selector as a deliberation: all members are asked as the request was, then the evidence is
 * fetched that the selector declares, then it weighs. Members that are there to judge are not asked
 * for an answer.
 *
 * @param selector weighs the answers
 * @param asking how often members are asked, and when an answer is good enough
 */
public record AskAll(Selector selector, AskSettings asking) implements Deliberation {

  // Shares are sums of fractions: six of six are not quite 1.
  private static final double ROUNDING = 1e-9;
  private static final Set<String> JUDGES = Set.of("judge", "reward");

  /** Each is asked once, and some answer is given. */
  public AskAll(Selector selector) {
    this(selector, AskSettings.DEFAULTS);
  }

  @Override
  public Step next(Episode episode) {
    if (episode.stages().isEmpty()) {
      boolean logprobs = selector.evidence().contains(Evidence.Kind.LOGPROBS);
      var change = new SamplingChange(asking.temperature(), OptionalInt.empty(), logprobs);
      List<Call> calls =
          members(episode, false).stream()
              .<Call>map(m -> new Call.Generate(m, Prompt.AS_ASKED, asking.samples(), change, ""))
              .toList();
      boolean judged =
          selector.evidence().contains(Evidence.Kind.SCORES) && !members(episode, true).isEmpty();
      boolean embedded =
          selector.evidence().contains(Evidence.Kind.EMBEDDINGS)
              || selector.evidence().contains(Evidence.Kind.QUERY);
      return new Ask(calls, judged || embedded ? 2 : 1);
    }
    List<Integer> answered = episode.answered(1);
    List<Call> evidence = evidence(episode, texts(episode, answered));
    if (episode.rounds() == 1 && !episode.exhausted() && !evidence.isEmpty()) {
      return new Ask(evidence, 1);
    }
    Weighing weighing = selector.weigh(episode.query(), candidates(episode, answered));
    var weighed = new Weighed(answered, weighing);
    if (weighing.chosen().isPresent() && agree(weighing.agreement())) {
      return new Give(weighed);
    }
    String explanation =
        weighing.chosen().isEmpty()
            ? weighing.explanation()
            : "%.2f of the weight is behind the best answer; at least %.2f is wanted."
                .formatted(weighing.agreement(), asking.leastAgreement());
    return new Abstain(Optional.of(weighed), explanation);
  }

  private boolean agree(double share) {
    return share >= asking.leastAgreement() - ROUNDING;
  }

  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    List<Integer> answered = episode.answered(1);
    if (episode.rounds() != 1 || answered.isEmpty()) {
      return false;
    }
    if (asking.enough() > 0) {
      return answered.size() >= asking.enough();
    }
    var candidates = new Candidates(answers(episode, answered));
    List<Double> open = pending.stream().map(m -> episode.members().get(m).prior()).toList();
    return selector.isSettled(candidates, open)
        && (asking.leastAgreement() == 0 || agree(episode, candidates, open));
  }

  /**
   * Whether enough agree even where all that are open are against it. Who wins may be settled long
   * before by how much; how much is known only of answers that count as their members do.
   */
  private boolean agree(Episode episode, Candidates candidates, List<Double> open) {
    if (!selector.evidence().isEmpty()) {
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
    double all = said + open.stream().mapToDouble(prior -> prior).sum();
    return byPrior && agree(weighing.agreement() * said / all);
  }

  private static List<Integer> members(Episode episode, boolean judges) {
    List<MemberCard> members = episode.members();
    return IntStream.range(0, members.size())
        .filter(m -> JUDGES.contains(members.get(m).role()) == judges)
        .boxed()
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
      members(episode, true)
          .forEach(m -> calls.add(new Call.Score(m, Prompt.AS_ASKED, said, "judge")));
    }
    return calls;
  }

  private static List<Answer> answers(Episode episode, List<Integer> answered) {
    var answers = new ArrayList<Answer>();
    for (int stage : answered) {
      var its = (Answered) episode.stages().get(stage);
      MemberCard card = episode.members().get(its.asked().member());
      answers.add(
          new Answer(
              card.name(),
              its.asked().sample(),
              card.prior(),
              its.text(),
              its.tools(),
              card.knownAs()));
    }
    return answers;
  }

  private Candidates candidates(Episode episode, List<Integer> answered) {
    List<Answer> answers = answers(episode, answered);
    if (selector.evidence().isEmpty()) {
      return new Candidates(answers);
    }
    List<String> texts = answers.stream().map(Answer::text).toList();
    Optional<float[]> query = Optional.empty();
    List<Optional<float[]>> embeddings = List.of();
    var scores = new LinkedHashMap<String, List<Optional<TextScore>>>();
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
        scores.put(judge, placed(texts, scored.scores().iterator()));
      }
    }
    List<AnswerSignals> signals =
        answered.stream().map(i -> ((Answered) episode.stages().get(i)).signals()).toList();
    return new Candidates(answers, new Evidence(query, embeddings, scores, signals));
  }

  /** One a text; none for those of which nothing was asked. */
  private static <T> List<Optional<T>> placed(List<String> texts, Iterator<T> told) {
    return texts.stream()
        .map(text -> text.isBlank() ? Optional.<T>empty() : Optional.of(told.next()))
        .toList();
  }
}
