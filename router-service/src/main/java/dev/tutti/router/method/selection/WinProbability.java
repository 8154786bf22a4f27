package dev.tutti.router.method.selection;

import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.Comparator;
import java.util.List;

/**
 * A larger member only where it is likely enough to do better: of two, the strong one if and only
 * if {@code w(x) = P(strong beats weak | x) >= alpha}.
 *
 * <p>RouteLLM's and Hybrid-LLM's rule (arXiv:2406.18665, arXiv:2404.14618: there it is "weak if
 * {@code p(x) >= theta}" with {@code p} = 1 - w). For more than two it is a chain by rising size,
 * as the cards propose: the smallest is challenged by the next one, the winner by the next, and so
 * on. Who is small is what the fit found, since a threshold that was calibrated on that order says
 * the opposite on another; where it is not known of all, whoever is expected to cost less is
 * smaller. To send a share {@code f} of the traffic to the strong one, {@code alpha} is the (1 -
 * f)-quantile of {@code w} over a sample of one's own queries.
 *
 * @param alpha in [0, 1]: 0 always asks the largest
 */
public record WinProbability(double alpha) implements SelectionRule {

  private static final Comparator<Offer> BY_COST =
      Comparator.comparingDouble(Offer::usd).thenComparingInt(Offer::size);
  private static final Comparator<Offer> BY_SIZE =
      Comparator.comparingInt(Offer::size).thenComparingDouble(Offer::usd);

  /** Checks alpha. */
  public WinProbability {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException(
          "alpha is %s; it takes a number from 0 to 1.".formatted(alpha));
    }
  }

  @Override
  public Offer choose(List<Offer> offers) {
    boolean known = offers.stream().allMatch(offer -> offer.size() > 0);
    Comparator<Offer> ladder = known ? BY_SIZE : BY_COST;
    List<Offer> chain = offers.stream().sorted(ladder).toList();
    Offer holder = chain.getFirst();
    for (Offer challenger : chain.subList(1, chain.size())) {
      // The sort is stable: of equal cost and size the better stands before and keeps its place.
      if (ladder.compare(challenger, holder) > 0 && challenger.beats(holder) >= alpha) {
        holder = challenger;
      }
    }
    return holder;
  }
}
