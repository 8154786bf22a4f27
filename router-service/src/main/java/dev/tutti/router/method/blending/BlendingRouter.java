package dev.tutti.router.method.blending;

import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Blending: at every turn of a conversation a member is drawn at random and answers the whole
 * history, the turns that others wrote included.
 *
 * <p>Lu et al. 2024, "Blending Is All You Need", arXiv:2401.02994. The reply {@code u_k} to the
 * history {@code u_<k} is drawn by ancestral sampling from
 *
 * <pre>P(u_k | u_&lt;k) = sum_m P(m) P(u_k | u_&lt;k, m)</pre>
 *
 * first {@code m ~ P(m)}, then the reply of {@code m}: the predictive distribution of the ensemble
 * at the cost of one member. The paper's {@code P(m)} is uniform; here it is the members' weights,
 * normalised, which are equal unless the registration says otherwise (an extension). Draws of
 * different turns are independent: whoever injects the generator sees to that.
 *
 * <p>The paper does not rank. Who comes after the first is a draw among the rest, again by weight,
 * and so on (successive sampling without replacement), so that an unavailable member costs a redraw
 * and nothing else. It is done by an exponential race: member {@code m} gets the key {@code
 * -ln(U_m) / w_m} with {@code U_m} uniform in (0, 1], and the least key is first.
 *
 * <p>No state, no settings; one random number a member. Not for tasks with one right answer: the
 * expected quality is the mean of the members'.
 */
public final class BlendingRouter implements Router {

  private record Runner(String member, double share, double key) {}

  /** Nothing to set. */
  public record Settings() {}

  @Override
  public Route route(Query query, Pool pool, RandomGenerator random) {
    // By name, so that the same generator gives the same route for any order of the pool, and equal
    // keys are in that order.
    List<Pool.Member> members =
        pool.members().stream().sorted(Comparator.comparing(Pool.Member::name)).toList();
    // Scaled first: weights near the largest double would overflow in their sum.
    double largest = members.stream().mapToDouble(Pool.Member::weight).max().orElseThrow();
    double total = members.stream().mapToDouble(m -> m.weight() / largest).sum();
    var race = new ArrayList<Runner>();
    for (Pool.Member member : members) {
      double share = member.weight() / largest / total;
      race.add(new Runner(member.name(), share, -Math.log(1 - random.nextDouble()) / share));
    }
    race.sort(Comparator.comparingDouble(Runner::key));
    List<Route.Choice> ranked =
        race.stream().map(r -> new Route.Choice(r.member(), r.share(), r.share())).toList();
    return new Route(
        ranked,
        "Drawn at random for turn %d: %s, with probability %.3f."
            .formatted(query.turn(), ranked.getFirst().member(), ranked.getFirst().propensity()));
  }
}
