package dev.tutti.router.members;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.Unserved;
import dev.tutti.router.Observing;
import dev.tutti.router.Router;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Every name at one revision of the registry, resolved. Immutable: a request sees one of these. */
public final class Directory {

  private final Map<String, Model> models = new LinkedHashMap<>();
  private final Map<String, Ensemble> ensembles = new LinkedHashMap<>();
  private final SortedMap<String, Entry> entries = new TreeMap<>();
  private final SortedMap<String, String> aliases = new TreeMap<>();
  private final WireReach reach = new WireReach(models, ensembles);
  private final ExpectedPrices expected = new ExpectedPrices(models, ensembles);
  private final long revision;
  private final MethodCatalog<Router> catalog;

  /** Resolves a snapshot. An entry that cannot be served is kept with the reason. */
  public Directory(Snapshot snapshot, MethodCatalog<Router> catalog) {
    this(snapshot, catalog, Map.of());
  }

  private Directory(Snapshot snapshot, MethodCatalog<Router> catalog, Map<String, Entry> former) {
    this.catalog = catalog;
    revision = snapshot.getRevision();
    snapshot.getModelsList().forEach(m -> models.put(m.getName(), m));
    snapshot.getEnsemblesList().forEach(e -> ensembles.put(e.getName(), e));
    models.values().forEach(m -> entries.put(m.getName(), entry(m)));
    // The former ones are not kept: what they had learned may be large.
    ensembles.values().forEach(e -> entries.put(e.getName(), entry(e, former)));
    models.values().forEach(m -> also(m.getName(), m.getAliasesList(), m.getLifecycle()));
    ensembles.values().forEach(e -> also(e.getName(), e.getAliasesList(), e.getLifecycle()));
  }

  /**
   * Resolves a later snapshot, or the same again where what was learned is another by now. A router
   * that learns stays the same object where its method and settings are the same, and takes its
   * state over where the others are none that it depends on, so that it goes on knowing what it
   * knows.
   */
  public Directory next(Snapshot snapshot) {
    return new Directory(snapshot, catalog, Map.copyOf(entries));
  }

  /** Somebody else may have by now what a retired one was called beside its name. */
  private void also(String name, List<String> others, Lifecycle lifecycle) {
    for (String alias : others) {
      if (lifecycle == Lifecycle.LIFECYCLE_RETIRED) {
        aliases.putIfAbsent(alias, name);
      } else {
        aliases.put(alias, name);
      }
    }
  }

  /** What a name, or an alias, stands for; it says its own name. */
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(entries.get(own(name)));
  }

  /** The own name of what is called so; the same where nothing is. */
  public String own(String name) {
    return entries.containsKey(name) ? name : aliases.getOrDefault(name, name);
  }

  /** Aliases of what is served, each with the name that it stands for. */
  public SortedMap<String, String> aliases() {
    var served = new TreeMap<>(aliases);
    served.entrySet().removeIf(e -> entries.containsKey(e.getKey()));
    served.values().removeIf(name -> entries.get(name) instanceof Entry.Unserved);
    return served;
  }

  /** Everything that is served, by name. */
  public List<Entry> served() {
    return entries.values().stream().filter(e -> !(e instanceof Entry.Unserved)).toList();
  }

  /**
   * Whether some of those who may answer under a name take a request as its caller wrote it: models
   * behind endpoints, and routing ensembles that have one.
   */
  public boolean takesWire(String name) {
    return reach.isRelayed(own(name));
  }

  /**
   * Whether some of those who may be asked under a name take what Tutti does not interpret: those
   * above, and ensembles after inference that have one.
   */
  public boolean passesOn(String name) {
    return reach.isAsked(own(name));
  }

  /** Those who may be asked under a name and do not take it, where {@link #passesOn} holds. */
  public List<String> leftOut(String name) {
    return reach.leftOut(own(name));
  }

  /** Whether what cannot be served of a request to an ensemble is dropped, by its own setting. */
  public boolean dropsUnserved(String name) {
    Ensemble ensemble = ensembles.get(own(name));
    return ensemble != null && ensemble.getUnserved() == Unserved.UNSERVED_DROP;
  }

  /**
   * Whether an ensemble's method rewrites prompts: then its members may be asked although their
   * answers are there already.
   */
  public boolean rewrites(String name) {
    Ensemble ensemble = ensembles.get(own(name));
    return ensemble != null && ensemble.getRewrites();
  }

  /** When what stands under a name was registered, seconds since 1970; 0 where nobody knows. */
  public long created(String name) {
    if (models.containsKey(name)) {
      return models.get(name).getCreated().getSeconds();
    }
    return ensembles.containsKey(name) ? ensembles.get(name).getCreated().getSeconds() : 0;
  }

  /** Revision of the registry. */
  public long revision() {
    return revision;
  }

  private static Entry entry(Model model) {
    String name = model.getName();
    if (!isServed(model.getLifecycle())) {
      return unserved("Model", name, model.getVersion(), model.getLifecycle());
    }
    return new Entry.Single(model, member(model, Member.newBuilder()));
  }

  private Entry entry(Ensemble ensemble, Map<String, Entry> former) {
    String name = ensemble.getName();
    if (!isServed(ensemble.getLifecycle())) {
      return unserved("Ensemble", name, ensemble.getVersion(), ensemble.getLifecycle());
    }
    var unavailable = new LinkedHashMap<String, String>();
    Recipe recipe = recipe(ensemble, unavailable);
    return switch (ensemble.getFamily()) {
      case FAMILY_ROUTER -> routed(recipe, unavailable, former);
      case FAMILY_TOKEN, FAMILY_SPAN, FAMILY_PROCESS, FAMILY_FUSION, FAMILY_CASCADE ->
          elsewhere(recipe, ensemble.getFamily(), unavailable);
      case FAMILY_UNSPECIFIED, UNRECOGNIZED ->
          broken(recipe, "Its family is not known to this version of the router.");
    };
  }

  private static Entry elsewhere(Recipe recipe, Family family, Map<String, String> unavailable) {
    if (!unavailable.isEmpty()) {
      return broken(
          recipe,
          String.join(
              " ",
              unavailable.entrySet().stream()
                  .map(e -> "Its member '%s' %s.".formatted(e.getKey(), e.getValue()))
                  .toList()));
    }
    return new Entry.Elsewhere(recipe, family);
  }

  private Entry routed(Recipe recipe, Map<String, String> unavailable, Map<String, Entry> former) {
    Optional<MethodDefinition<Router>> method = catalog.find(recipe.getMethod());
    if (method.isEmpty()) {
      return broken(
          recipe,
          "Its method '%s' is not known to this version of the router."
              .formatted(recipe.getMethod()));
    }
    if (unavailable.size() == recipe.getMembersCount()) {
      return broken(recipe, "None of its members is served.");
    }
    try {
      // Only the settings are looked at: the registry has held the members against the method.
      Router router = method.get().factory().create(recipe.getSettings(), recipe.getMembersList());
      return new Entry.Routed(
          recipe, goingOn(recipe, router, former), unavailable, Entry.Routed.embeds(method.get()));
    } catch (IllegalArgumentException e) {
      return broken(recipe, e.getMessage());
    }
  }

  private static Router goingOn(Recipe recipe, Router made, Map<String, Entry> former) {
    if (made instanceof Observing learner
        && former.get(recipe.getEnsemble()) instanceof Entry.Routed before
        && before.router() instanceof Observing old
        && before.recipe().getMethod().equals(recipe.getMethod())) {
      if (before.recipe().getSettings().equals(recipe.getSettings())) {
        return before.router();
      }
      if (old.basis().equals(learner.basis())) {
        // Feedback that it remembers beside its state, it is given when it is followed.
        learner.restore(old.state(), List.of());
      }
    }
    return made;
  }

  private Recipe recipe(Ensemble ensemble, Map<String, String> unavailable) {
    var members = new ArrayList<Member>();
    for (Member member : ensemble.getMembersList()) {
      members.add(resolve(member, unavailable));
    }
    Recipe.Builder recipe =
        Recipe.newBuilder()
            .setEnsemble(ensemble.getName())
            .setVersion(ensemble.getVersion())
            .setMethod(ensemble.getMethod())
            .setSettings(ensemble.getSettings())
            .addAllMembers(members);
    if (ensemble.hasBudget()) {
      recipe.setBudget(ensemble.getBudget());
    }
    if (ensemble.hasTimeLimit()) {
      recipe.setTimeLimit(ensemble.getTimeLimit());
    }
    return recipe.build();
  }

  private Member resolve(Member member, Map<String, String> unavailable) {
    if (member.hasEnsemble()) {
      Ensemble nested = ensembles.get(member.getEnsemble());
      Lifecycle lifecycle = nested == null ? Lifecycle.LIFECYCLE_DRAFT : nested.getLifecycle();
      note(member.getEnsemble(), lifecycle, unavailable);
      Member.Builder resolved =
          member.toBuilder().clearCapabilities().addCapabilities(Capability.CAPABILITY_GENERATION);
      if (nested != null && nested.getFamily() == Family.FAMILY_TOKEN) {
        resolved.addCapabilities(Capability.CAPABILITY_LOGPROBS);
      }
      return nested == null
          ? resolved.build()
          : resolved.setPrices(expected.of(member.getEnsemble())).build();
    }
    Model model = models.get(member.getModel());
    note(
        member.getModel(),
        model == null ? Lifecycle.LIFECYCLE_DRAFT : model.getLifecycle(),
        unavailable);
    return model == null ? member : member(model, member.toBuilder());
  }

  private static void note(String name, Lifecycle lifecycle, Map<String, String> unavailable) {
    if (lifecycle == Lifecycle.LIFECYCLE_RETIRED) {
      unavailable.put(name, "is retired");
    } else if (!isServed(lifecycle)) {
      unavailable.put(name, "is not registered, or a draft");
    }
  }

  private static Member member(Model model, Member.Builder member) {
    member
        .setModel(model.getName())
        .setVersion(model.getVersion())
        .setPrices(model.getPrices())
        .clearCapabilities()
        .addAllCapabilities(model.getCapabilitiesList());
    if (model.getContextLength() > 0) {
      member.setContextLength(model.getContextLength());
    }
    if (model.getParameters() > 0) {
      member.setParameters(model.getParameters());
    }
    return member.build();
  }

  private static boolean isServed(Lifecycle lifecycle) {
    return lifecycle == Lifecycle.LIFECYCLE_ACTIVE || lifecycle == Lifecycle.LIFECYCLE_DEPRECATED;
  }

  private static Entry unserved(String kind, String name, long version, Lifecycle lifecycle) {
    boolean retired = lifecycle == Lifecycle.LIFECYCLE_RETIRED;
    return new Entry.Unserved(
        name,
        version,
        new Failure.NotFound(
            "name",
            retired ? kind.toUpperCase(Locale.ROOT) + "_RETIRED" : "MODEL_NOT_FOUND",
            retired
                ? "%s '%s' is retired: it answers no more.".formatted(kind, name)
                : "%s '%s' is not served yet.".formatted(kind, name)));
  }

  private static Entry broken(Recipe recipe, String why) {
    return new Entry.Unserved(
        recipe.getEnsemble(),
        recipe.getVersion(),
        new Failure.FailedPrecondition(
            "name",
            "ENSEMBLE_NOT_SERVABLE",
            "Ensemble '%s' cannot answer. %s".formatted(recipe.getEnsemble(), why)));
  }
}
