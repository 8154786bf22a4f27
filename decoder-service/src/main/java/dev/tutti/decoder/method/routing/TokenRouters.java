package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.learning.Parameters;
import java.util.List;
import java.util.Optional;

/** CITER's router of each member: how probably what the member would write next is fine. */
public final class TokenRouters implements LearnedEnsemble {

  private final List<String> members;
  private final List<Perceptron> routers;

  /**
   * Routers.
   *
   * @param members their names in the registry
   * @param routers one a member, in the same order
   */
  TokenRouters(List<String> members, List<Perceptron> routers) {
    this.members = List.copyOf(members);
    this.routers = List.copyOf(routers);
  }

  /**
   * What was learned before.
   *
   * @throws IllegalArgumentException when it is of another method
   */
  public TokenRouters(Parameters parameters) {
    this(
        parameters.members(),
        parameters.members().stream().map(name -> Perceptron.read(parameters, name)).toList());
  }

  /** Whose routers there are, by their names in the registry. */
  @Override
  public List<String> members() {
    return members;
  }

  /** The router of a member; empty where nothing was learned about it. */
  Optional<Perceptron> of(String member) {
    int at = members.indexOf(member);
    return at < 0 ? Optional.empty() : Optional.of(routers.get(at));
  }

  @Override
  public Parameters parameters() {
    Parameters all = Parameters.of(members);
    for (int m = 0; m < members.size(); m++) {
      all = routers.get(m).write(all, members.get(m));
    }
    return all;
  }
}
