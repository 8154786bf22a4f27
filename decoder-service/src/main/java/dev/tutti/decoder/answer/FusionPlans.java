package dev.tutti.decoder.answer;

import dev.tutti.decoder.Fitted;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.TokenMember;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.MethodCache;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.learning.artifact.LiveArtifacts;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Keeps the plans of the ensembles that answered last: aligning vocabularies takes a while. */
@Singleton
public class FusionPlans {

  private static final int MOST = 64;

  private final MethodCatalog<JointEnsemble> catalog;
  private final MethodCache<JointEnsemble> methods;

  private final Map<Key, JointPlan> plans =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, JointPlan> eldest) {
          return size() > MOST;
        }
      };

  /**
   * Loaded models are the same only where they are one object, and so are methods, which may stand
   * on what was learned.
   */
  private record Key(
      JointEnsemble method, List<Object> models, List<Double> weights, List<String> roles) {}

  /** How often all was forgotten; guarded by {@code plans}. */
  private int forgotten;

  /**
   * A plan.
   *
   * @param fitted what its method stands on; empty where that is nothing
   */
  record Planned(JointPlan plan, Optional<Fitted> fitted) {}

  /**
   * None yet.
   *
   * @param catalog of the methods
   * @param learned what methods stand on
   */
  @Inject
  public FusionPlans(MethodCatalog<JointEnsemble> catalog, LiveArtifacts<LearnedEnsemble> learned) {
    this(catalog);
    learned.whenChanged(this::changed);
  }

  /** Of methods that stand on nothing. */
  public FusionPlans(MethodCatalog<JointEnsemble> catalog) {
    this.catalog = catalog;
    this.methods = new MethodCache<>(catalog);
  }

  /**
   * Refuses a model that is another now than a method was fitted on.
   *
   * @param sha256 over its files; empty where it is not known
   * @throws IllegalArgumentException says what it was and is
   */
  static void requireSame(Fitted fitted, String model, String sha256) {
    fitted
        .on()
        .replaced(fitted.artifact(), model, sha256)
        .ifPresent(
            message -> {
              throw new IllegalArgumentException(message);
            });
  }

  /** The method of a recipe that {@link #require} let pass. */
  MethodDefinition<JointEnsemble> definition(Recipe recipe) {
    return catalog.find(recipe.getMethod()).orElseThrow();
  }

  /**
   * Refuses a wrong recipe, before any model is loaded for it.
   *
   * @throws FailureException when the recipe is wrong
   */
  void require(Recipe recipe) {
    methods.get(recipe);
  }

  /**
   * The plan of a recipe.
   *
   * @param members the recipe's, in its order
   * @throws FailureException when the recipe is wrong
   */
  Planned of(Recipe recipe, List<AnswerMember> members) {
    int before;
    synchronized (plans) {
      before = forgotten;
    }
    // Once: what it stands on may be replaced at any time.
    JointEnsemble method = methods.get(recipe);
    return new Planned(
        plan(method, recipe, members, before),
        method instanceof Fitted fitted ? Optional.of(fitted) : Optional.empty());
  }

  private JointPlan plan(
      JointEnsemble method, Recipe recipe, List<AnswerMember> members, int before) {
    List<Object> models = members.stream().map(AnswerMember::identity).toList();
    List<Double> weights = recipe.getMembersList().stream().map(FusionPlans::weight).toList();
    MethodDefinition<JointEnsemble> definition = definition(recipe);
    List<String> roles =
        IntStream.range(0, recipe.getMembersCount())
            .mapToObj(m -> definition.role(recipe, m))
            .toList();
    var key = new Key(method, models, weights, roles);
    synchronized (plans) {
      JointPlan known = plans.get(key);
      if (known != null) {
        return known;
      }
    }
    var parts = new ArrayList<TokenMember>();
    for (int m = 0; m < models.size(); m++) {
      parts.add(members.get(m).part(weights.get(m)).as(roles.get(m)));
    }
    JointPlan plan;
    try {
      if (method instanceof Fitted fitted) {
        for (int m = 0; m < parts.size(); m++) {
          requireSame(fitted, parts.get(m).name(), members.get(m).sha256());
        }
      }
      plan = method.plan(parts);
    } catch (IllegalArgumentException e) {
      throw Failure.invalid("recipe", e.getMessage());
    }
    synchronized (plans) {
      // Else it would keep what is not wanted any more.
      if (forgotten == before) {
        plans.put(key, plan);
      }
    }
    return plan;
  }

  private static double weight(Member member) {
    return member.hasWeight() ? member.getWeight() : 1;
  }

  /** What methods stand on is another now. */
  void changed() {
    methods.forget();
    clear();
  }

  /** Forgets all, so that unloaded models are. */
  public void clear() {
    synchronized (plans) {
      plans.clear();
      forgotten++;
    }
  }
}
