package dev.tutti.cascade.method.verification;

import dev.tutti.cascade.Policy.Abstain;
import dev.tutti.cascade.Policy.Accept;
import dev.tutti.cascade.Policy.Ask;
import dev.tutti.cascade.Policy.Step;
import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Members in turn, each asked as the request was; each but the last then checks its own answer, and
 * the share of its checks that say it is correct tells whether the next one is asked. Thread-safe.
 *
 * @param verification how a member checks
 * @param routing what is made of that
 */
record VerifiedCascade(SelfVerification verification, Routing routing) {

  /** What is made of checks. */
  interface Routing {

    /**
     * Who is asked in turn, by place in the recipe; at least one. The others are asked only where
     * all of these fail.
     */
    List<Integer> chain(List<MemberCard> members);

    /** Whether the next member is asked, at such a share of a member's checks. */
    boolean isRouted(MemberCard member, int place, double share);

    /** Share above which an answer is taken; empty where there is no such one. */
    OptionalDouble threshold(int place);
  }

  /** Whether checks are drawn. */
  boolean draws() {
    return verification.temperature() > 0;
  }

  /** The next step. */
  Step next(Episode episode) {
    List<Integer> order = order(episode.members());
    int chain = routing.chain(episode.members()).size();
    int answer = lastAnswer(episode);
    if (answer < 0) {
      return ask(episode, order, 0, chain, OptionalDouble.empty(), OptionalDouble.empty(), "");
    }
    List<Stage> checks = episode.stages().subList(answer + 1, episode.stages().size());
    int place = order.indexOf(episode.stages().get(answer).asked().member());
    boolean isLast = place >= chain - 1;
    Optional<Double> share = SelfVerification.share(checks);
    OptionalDouble confidence = share.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    OptionalDouble threshold =
        isLast ? OptionalDouble.empty() : routing.threshold(order.get(place));
    String why = "It failed.";
    if (episode.stages().get(answer) instanceof Answered its) {
      if (isLast) {
        return new Accept(answer, confidence, "The last member always answers.");
      }
      MemberCard card = episode.members().get(order.get(place));
      if (share.isPresent() && !routing.isRouted(card, order.get(place), share.get())) {
        return new Accept(answer, confidence, threshold, told(share.get()) + " It is taken.");
      }
      int paid = checks.isEmpty() && !episode.exhausted() ? verification.paid(episode, its) : 0;
      if (paid > 0) {
        return new Ask(
            List.of(verification.call(episode, its, paid)),
            chain - place,
            false,
            confidence,
            threshold,
            "Its answer is to be checked.");
      }
      why = share.map(VerifiedCascade::told).orElseGet(() -> whyUnchecked(episode, its, checks));
    }
    int given = lastAnswered(episode);
    boolean isLeft = place + 1 < chain || given < 0 && place + 1 < order.size();
    if (!episode.exhausted() && isLeft) {
      return ask(episode, order, place + 1, chain, confidence, threshold, why);
    }
    return given < 0
        ? new Abstain(OptionalDouble.empty(), "No member answered.")
        : new Accept(
            given,
            confidence,
            threshold,
            "No further member could answer; the latest answer stands.");
  }

  private String whyUnchecked(Episode episode, Answered answer, List<Stage> checks) {
    if (!checks.isEmpty()) {
      return "No check of it was answered.";
    }
    return verification.fits(episode, answer)
        ? "The budget pays no check."
        : "Its context holds no check of it.";
  }

  /** Whether the pending checks change nothing. */
  boolean isSettled(Episode episode, List<Integer> pending) {
    int answer = lastAnswer(episode);
    if (answer < 0 || !(episode.stages().get(answer) instanceof Answered its)) {
      return false;
    }
    List<Stage> checks = episode.stages().subList(answer + 1, episode.stages().size());
    if (SelfVerification.share(checks).isEmpty()) {
      return false;
    }
    int place = its.asked().member();
    MemberCard card = episode.members().get(place);
    int least = SelfVerification.correct(checks);
    int all = checks.size() + pending.size();
    return IntStream.rangeClosed(least, least + pending.size())
            .mapToObj(correct -> routing.isRouted(card, place, (double) correct / all))
            .distinct()
            .count()
        == 1;
  }

  private List<Integer> order(List<MemberCard> members) {
    var order = new ArrayList<>(routing.chain(members));
    IntStream.range(0, members.size()).filter(m -> !order.contains(m)).forEach(order::add);
    return order;
  }

  /**
   * Asks the first one from this place on who is paid, of those behind the chain only where there
   * is no answer yet; this one where none is.
   */
  private static Ask ask(
      Episode episode,
      List<Integer> order,
      int from,
      int chain,
      OptionalDouble confidence,
      OptionalDouble threshold,
      String why) {
    int end = lastAnswered(episode) < 0 ? order.size() : chain;
    int place =
        IntStream.range(from, end).filter(p -> episode.pays(order.get(p))).findFirst().orElse(from);
    return new Ask(
        List.of(Generate.asAsked(order.get(place))),
        // A check is short: it shares its member's time.
        place < chain ? chain - place : order.size() - place,
        place >= chain - 1,
        confidence,
        threshold,
        why);
  }

  /**
   * Place of the latest answer to the request, or of the call that failed; -1 before there is one.
   */
  private static int lastAnswer(Episode episode) {
    return IntStream.range(0, episode.stages().size())
        .filter(i -> !isCheck(episode.stages().get(i)))
        .max()
        .orElse(-1);
  }

  private static int lastAnswered(Episode episode) {
    return IntStream.range(0, episode.stages().size())
        .filter(i -> !isCheck(episode.stages().get(i)))
        .filter(i -> episode.stages().get(i) instanceof Answered)
        .max()
        .orElse(-1);
  }

  private static boolean isCheck(Stage stage) {
    return stage.asked().purpose().equals(Checks.PURPOSE);
  }

  private static String told(double share) {
    return "%.3f of its checks say that it is correct.".formatted(share);
  }
}
