package dev.tutti.router.members;

import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import java.util.List;
import java.util.Set;

/** Which names can be answered while services are away. */
public final class Answerable {

  private final Directory directory;
  private final Set<String> away;

  private Answerable(Directory directory, Set<String> away) {
    this.directory = directory;
    this.away = away;
  }

  /**
   * The names that nobody can answer, though they are served: a model without the decoder, an
   * ensemble without its own service or without any member.
   *
   * @param away services, {@code decoder}, {@code fusion}, {@code cascade}
   */
  public static List<String> not(Directory directory, Set<String> away) {
    if (away.isEmpty()) {
      return List.of();
    }
    var answerable = new Answerable(directory, away);
    return directory.served().stream()
        .filter(entry -> !answerable.is(entry, 0))
        .map(Entry::name)
        .toList();
  }

  private boolean is(Entry entry, int depth) {
    return switch (entry) {
      case Entry.Single _ -> !away.contains("decoder");
      case Entry.Elsewhere e -> !away.contains(service(e.family())) && anyMember(e.recipe(), depth);
      case Entry.Routed e -> anyMember(e.recipe(), depth);
      case Entry.Unserved _ -> false;
    };
  }

  private boolean anyMember(Recipe recipe, int depth) {
    return depth < RequestRules.MAX_DEPTH
        && recipe.getMembersList().stream()
            .anyMatch(
                member ->
                    member.hasModel()
                        ? !away.contains("decoder")
                        : directory
                            .find(RecipeRequest.name(member))
                            .map(entry -> is(entry, depth + 1))
                            .orElse(false));
  }

  private static String service(Family family) {
    return switch (family) {
      case FAMILY_FUSION -> "fusion";
      case FAMILY_CASCADE -> "cascade";
      default -> "decoder";
    };
  }
}
