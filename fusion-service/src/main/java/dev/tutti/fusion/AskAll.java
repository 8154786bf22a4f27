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
      boolean more = judged || selector.evidence().contains(Evidence.Kind.EMBEDDINGS);
      return new Ask(calls, more ? 2 : 1);
    }
    List<Integer> answered = episode.answered(1);
    List<Call> evidence = evidence(episode, texts(episode, answered));
    if (episode.rounds() == 1 && !episode.exhausted() && !evidence.isEmpty()) {
      return new Ask(evidence, 1);
    }
    Weighing weighing = selector.weigh(episode.query(), candidates(episode, answered));
    var weighed = new Weighed(answered, weighing);
    if (weighing.chosen().isPresent() && weighing.agreement() >= asking.leastAgreement()) {
      return new Give(weighed);
    }
    String explanation =
        weighing.chosen().isEmpty()
            ? weighing.explanation()
            : "%.2f of the weight is behind the best answer; at least %.2f is wanted."
                .formatted(weighing.agreement(), asking.leastAgreement());
    return new Abstain(Optional.of(weighed), explanation);
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
    // Who wins may be settled long before by how much.
    return asking.leastAgreement() == 0
        && selector.isSettled(
            new Candidates(answers(episode, answered)),
            pending.stream().map(m -> episode.members().get(m).prior()).toList());
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
    if (selector.evidence().contains(Evidence.Kind.EMBEDDINGS)) {
      var embedded = new ArrayList<>(List.of(episode.query().text()));
      embedded.addAll(said);
      embedded.removeIf(String::isBlank);
      if (!embedded.isEmpty()) {
        calls.add(new Call.Embed(Call.PLATFORM, embedded, "evidence"));
      }
    }
    if (selector.evidence().contains(Evidence.Kind.SCORES) && !said.isEmpty()) {
      for (int judge : members(episode, true)) {
        for (int i = 0; i < said.size(); i += Call.MOST) {
          List<String> some = said.subList(i, Math.min(i + Call.MOST, said.size()));
          calls.add(new Call.Score(judge, Prompt.AS_ASKED, some, "judge"));
        }
      }
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
    var told = new LinkedHashMap<String, List<TextScore>>();
    for (Stage stage : episode.stages()) {
      if (stage instanceof Embedded embedded) {
        Iterator<float[]> vectors = embedded.vectors().iterator();
        query = episode.query().text().isBlank() ? Optional.empty() : Optional.of(vectors.next());
        embeddings = placed(texts, vectors);
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
