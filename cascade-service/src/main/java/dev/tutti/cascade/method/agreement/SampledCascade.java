package dev.tutti.cascade.method.agreement;

import dev.tutti.cascade.Policy.Abstain;
import dev.tutti.cascade.Policy.Accept;
import dev.tutti.cascade.Policy.Ask;
import dev.tutti.cascade.Policy.Step;
import dev.tutti.cascade.method.agreement.Ballot.Agreement;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Members in turn, each but the last sampled from the same sources until one agrees with itself;
 * the last one answers once, as it was asked. Thread-safe.
 */
final class SampledCascade {

  /** One answer agrees with itself. */
  private static final int FEWEST = 2;

  private final List<Source> sources;
  private final AgreementRule rule;
  private final int samples;
  private final SamplingChange change;
  private final AnswerForm form;
  private final UnaryOperator<String> spelling;

  /**
   * Of samples.
   *
   * @param samples of each source
   * @param form in which answers are compared
   * @param spelling in which they are after that
   */
  SampledCascade(
      List<Source> sources,
      AgreementRule rule,
      int samples,
      double temperature,
      AnswerForm form,
      UnaryOperator<String> spelling) {
    this.sources = List.copyOf(sources);
    this.rule = rule;
    this.samples = samples;
    this.change = SamplingChange.temperature(temperature);
    this.form = form;
    this.spelling = spelling;
  }

  /** Whether samples are drawn. */
  boolean draws() {
    return change.temperature().orElseThrow() > 0;
  }

  /** The next step. */
  Step next(Episode episode) {
    int members = episode.members().size();
    if (episode.stages().isEmpty()) {
      return ask(0, episode, new Abstain(OptionalDouble.empty(), ""));
    }
    int latest = episode.stages().getLast().asked().member();
    boolean last = latest == members - 1;
    Agreement agreement = agreement(episode, latest);
    OptionalDouble share =
        last || agreement.stage() < 0
            ? OptionalDouble.empty()
            : OptionalDouble.of(agreement.share());
    OptionalDouble threshold = last ? OptionalDouble.empty() : rule.threshold(latest);
    if (last && agreement.stage() >= 0) {
      return new Accept(agreement.stage(), share, "The last member always answers.");
    }
    if (!last && agreement.stage() >= 0) {
      Optional<Agreement> taken = taken(episode, latest, agreement);
      if (taken.isPresent()) {
        return accept(
            episode,
            taken.get(),
            share,
            threshold,
            rule.explanation(true, agreement.share(), latest));
      }
    }
    if (!last && !episode.exhausted()) {
      String why =
          agreement.stage() < 0 ? "It failed." : rule.explanation(false, agreement.share(), latest);
      return ask(latest + 1, episode, new Abstain(share, threshold, why));
    }
    return best(episode, latest, new Abstain(share, threshold, "No member answered."));
  }

  /**
   * Whether what the samples agree on, and whether they do, is so whatever the pending ones say.
   */
  boolean isSettled(Episode episode, List<Integer> pending) {
    List<Stage> round =
        episode.stages().stream()
            .filter(stage -> stage.asked().round() == episode.rounds())
            .toList();
    List<Integer> answered = episode.answered(episode.rounds());
    if (answered.isEmpty()) {
      return false;
    }
    Optional<AnswerForm> settled = form.settled(texts(episode, answered), pending.size());
    if (settled.isEmpty()) {
      return false;
    }
    return switch (rule) {
      case AgreementRule.Vote vote ->
          ballot(episode, answered, settled.get(), round.size())
              .isSettled(
                  pending.size(), vote.least().applyAsDouble(round.getLast().asked().member()));
      case AgreementRule.Verify _ -> {
        int each = (round.size() + pending.size()) / sources.size();
        yield sources.stream()
            .allMatch(
                source -> {
                  int ended = (int) round.stream().filter(stage -> is(source, stage)).count();
                  return ballot(episode, of(source, episode, answered), settled.get(), ended)
                      .isLed(each - ended);
                });
      }
    };
  }

  /** What is taken of this member's answers; empty where they do not agree. */
  private Optional<Agreement> taken(Episode episode, int member, Agreement agreement) {
    return switch (rule) {
      case AgreementRule.Vote vote ->
          agreement.share() >= vote.least().applyAsDouble(member)
              ? Optional.of(agreement)
              : Optional.empty();
      case AgreementRule.Verify _ -> {
        List<Integer> answered = answered(episode, member);
        AnswerForm resolved = form.resolve(texts(episode, answered));
        List<Agreement> each =
            sources.stream()
                .map(
                    source ->
                        ballot(episode, of(source, episode, answered), resolved, 1).agreement())
                .toList();
        Optional<String> first = each.getFirst().answer();
        yield first.isPresent() && each.stream().allMatch(its -> its.answer().equals(first))
            ? Optional.of(each.getFirst())
            : Optional.empty();
      }
    };
  }

  private Accept accept(
      Episode episode,
      Agreement taken,
      OptionalDouble share,
      OptionalDouble threshold,
      String explanation) {
    var answer = (Answered) episode.stages().get(taken.stage());
    Source source = source(answer);
    Optional<String> value =
        source.isProgram() && answer.tools().isEmpty() ? source.read(answer) : Optional.empty();
    return new Accept(
        taken.stage(),
        share,
        threshold,
        value.map(its -> explanation + " Its program comes to " + its + ".").orElse(explanation),
        value);
  }

  /**
   * Asks the first member, from this one on, of whom enough is paid.
   *
   * @param why nobody's answer so far does
   */
  private Ask ask(int member, Episode episode, Step why) {
    int last = episode.members().size() - 1;
    for (int next = member; next < last; next++) {
      int paid = paid(episode, next);
      if (paid >= fewest()) {
        return ask(next, paid, episode, why);
      }
    }
    // Where nothing is paid, whoever would be asked first is named.
    boolean pays =
        episode.usdLeft().isEmpty()
            || episode.members().get(last).expectedUsd() <= episode.usdLeft().getAsDouble();
    return member == last || pays
        ? ask(last, 1, episode, why)
        : ask(member, fewest(), episode, why);
  }

  private Ask ask(int member, int each, Episode episode, Step why) {
    int last = episode.members().size() - 1;
    List<Call> calls =
        member == last
            ? List.of(Generate.asAsked(member))
            : sources.stream()
                .<Call>map(
                    source ->
                        new Generate(
                            member, source.prompt(episode.query()), each, change, source.purpose()))
                .toList();
    return new Ask(
        calls,
        last + 1 - member,
        member == last,
        why.confidence(),
        why.threshold(),
        why.explanation());
  }

  private int fewest() {
    return Math.ceilDiv(FEWEST, sources.size());
  }

  /** How many samples of each source a member is paid for, {@link #samples} at most. */
  private int paid(Episode episode, int member) {
    double each =
        sources.stream()
            .mapToDouble(source -> source.usd(episode.members().get(member), episode.query()))
            .sum();
    int paid = samples;
    if (episode.usdLeft().isPresent()) {
      while (paid > 0 && paid * each > episode.usdLeft().getAsDouble()) {
        paid--;
      }
    }
    return paid;
  }

  private Step best(Episode episode, int latest, Abstain none) {
    var best = new Agreement(-1, Optional.empty(), 0);
    for (int member = 0; member <= latest; member++) {
      Agreement its = agreement(episode, member);
      if (its.stage() >= 0 && its.share() >= best.share()) {
        best = its;
      }
    }
    return best.stage() < 0
        ? none
        : accept(
            episode,
            best,
            none.confidence(),
            none.threshold(),
            "No further member could answer; the answer that most samples agree on stands.");
  }

  /** What most samples of a member say, whatever their source. */
  private Agreement agreement(Episode episode, int member) {
    int ended =
        (int) episode.stages().stream().filter(its -> its.asked().member() == member).count();
    List<Integer> answered = answered(episode, member);
    return ballot(episode, answered, form.resolve(texts(episode, answered)), ended).agreement();
  }

  private Ballot ballot(
      Episode episode, List<Integer> answered, AnswerForm resolved, int samplesEnded) {
    var answers = new ArrayList<Optional<String>>();
    for (int i : answered) {
      var its = (Answered) episode.stages().get(i);
      answers.add(
          its.tools().isPresent()
              ? its.tools()
              : source(its).read(its).flatMap(resolved::canonical).map(spelling));
    }
    return new Ballot(answered, answers, samplesEnded);
  }

  private List<String> texts(Episode episode, List<Integer> answered) {
    return answered.stream()
        .map(i -> (Answered) episode.stages().get(i))
        .flatMap(its -> source(its).read(its).stream())
        .toList();
  }

  private static List<Integer> answered(Episode episode, int member) {
    List<Stage> stages = episode.stages();
    return IntStream.range(0, stages.size())
        .filter(i -> stages.get(i).asked().member() == member)
        .filter(i -> stages.get(i) instanceof Answered)
        .boxed()
        .toList();
  }

  private static List<Integer> of(Source source, Episode episode, List<Integer> answered) {
    return answered.stream().filter(i -> is(source, episode.stages().get(i))).toList();
  }

  private static boolean is(Source source, Stage stage) {
    return stage.asked().purpose().equals(source.purpose());
  }

  /** Where an answer comes from; the last member's from the request as it was asked. */
  private Source source(Stage stage) {
    return Stream.concat(sources.stream(), Stream.of(Source.AS_ASKED))
        .filter(source -> is(source, stage))
        .findFirst()
        .orElseThrow();
  }
}
