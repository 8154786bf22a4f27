package dev.tutti.registry.console;

import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Model;
import dev.tutti.registry.api.EnsembleResource;
import dev.tutti.registry.api.ModelResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.watch.SnapshotFeed;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Who can be asked in the playground, and what can be asked of them. */
@ApplicationScoped
public class Askable {

  /** Of each kind. */
  private static final String LIMIT = "10";

  private static final String ACTIVE = "active";

  /** Other tokens that are told of each, where they can be. */
  private static final int ALTERNATIVES = 5;

  private final ModelResource models;
  private final EnsembleResource ensembles;
  private final SnapshotFeed feed;

  Askable(ModelResource models, EnsembleResource ensembles, SnapshotFeed feed) {
    this.models = models;
    this.ensembles = ensembles;
    this.feed = feed;
  }

  /**
   * One that the form lists.
   *
   * @param about its kind and what it is
   * @param chosen whether it is to be asked
   */
  public record Choice(String name, String about, boolean chosen) {}

  /**
   * What the form lists.
   *
   * @param choices those that are chosen, then others that are active and can be asked
   * @param find that was looked for among these; empty for none
   * @param more whether there are more than are listed
   */
  public record Choices(List<Choice> choices, String find, boolean more) {}

  /** Those that are chosen, and what is found beside them. */
  Choices find(List<String> chosen, String find) {
    Page<Entry> several = ensembles.list(LIMIT, null, ACTIVE, Asked.given(find), null, null);
    Page<Entry> single = models.list(LIMIT, null, ACTIVE, Asked.given(find), "generation");
    var choices = new LinkedHashMap<String, Choice>();
    chosen.forEach(name -> choices.put(name, new Choice(name, "", true)));
    Stream.concat(several.items().stream(), single.items().stream())
        .forEach(
            its ->
                choices.put(
                    its.name(), new Choice(its.name(), about(its), chosen.contains(its.name()))));
    return new Choices(
        List.copyOf(choices.values()),
        find,
        several.nextCursor() != null || single.nextCursor() != null);
  }

  private static String about(Entry entry) {
    return switch (entry) {
      case Model _ -> "model";
      case Ensemble its -> "ensemble, " + its.method();
    };
  }

  /**
   * How many other tokens can be told of each; empty where nothing can be told of an answer's
   * tokens, or is not to be asked: cascades learn from, and give again, answers without only.
   */
  OptionalInt alternatives(String name) {
    return alternatives(name, feed.now());
  }

  private static OptionalInt alternatives(String name, Snapshot snapshot) {
    for (var its : snapshot.getModelsList()) {
      if (isCalled(name, its.getName(), its.getAliasesList(), its.getLifecycle())) {
        boolean tells = its.getCapabilitiesList().contains(Capability.CAPABILITY_LOGPROBS);
        int most = its.getRuntime() == Runtime.RUNTIME_OPENAI ? its.getTopLogprobs() : ALTERNATIVES;
        return tells ? OptionalInt.of(Math.min(ALTERNATIVES, most)) : OptionalInt.empty();
      }
    }
    for (var its : snapshot.getEnsemblesList()) {
      if (isCalled(name, its.getName(), its.getAliasesList(), its.getLifecycle())) {
        return switch (its.getFamily()) {
          case FAMILY_TOKEN, FAMILY_SPAN, FAMILY_PROCESS -> OptionalInt.of(ALTERNATIVES);
          case FAMILY_ROUTER -> least(its.getMembersList(), snapshot);
          case FAMILY_FUSION, FAMILY_CASCADE, FAMILY_UNSPECIFIED, UNRECOGNIZED ->
              OptionalInt.empty();
        };
      }
    }
    return OptionalInt.empty();
  }

  /** What is retired may have given its alias to another. */
  private static boolean isCalled(
      String name, String own, List<String> aliases, Lifecycle lifecycle) {
    return lifecycle != Lifecycle.LIFECYCLE_RETIRED && (own.equals(name) || aliases.contains(name));
  }

  /** What all of them tell: any of them may be the one who answers. */
  private static OptionalInt least(List<Member> members, Snapshot snapshot) {
    List<OptionalInt> each =
        members.stream()
            .map(m -> alternatives(m.hasModel() ? m.getModel() : m.getEnsemble(), snapshot))
            .toList();
    return each.stream().allMatch(OptionalInt::isPresent)
        ? each.stream().mapToInt(OptionalInt::getAsInt).min()
        : OptionalInt.empty();
  }
}
