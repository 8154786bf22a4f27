package dev.tutti.decoder.answer;

import dev.tutti.decoder.Fitted;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointSettings;
import dev.tutti.decoder.OneVocabulary;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/** What a recipe must fulfil for an ensemble to be registered. */
@Singleton
public class RecipeAdmission {

  private static final Logger LOG = Logger.getLogger(RecipeAdmission.class);

  private final MethodCatalog<JointEnsemble> catalog;
  private final AnswerMember.Finder found;
  private final ModelPool pool;

  /**
   * An admission.
   *
   * @param catalog of the methods
   * @param found loads members where their vocabularies count
   * @param pool of the models that members may be
   */
  public RecipeAdmission(
      MethodCatalog<JointEnsemble> catalog, AnswerMember.Finder found, ModelPool pool) {
    this.catalog = catalog;
    this.found = found;
    this.pool = pool;
  }

  /** The methods. */
  public MethodCatalog<JointEnsemble> catalog() {
    return catalog;
  }

  /**
   * Everything that is wrong with a recipe; also that what it stands on does not know a member, or
   * knew another model by its name, or that members do not have the one vocabulary that its method
   * takes, as far as they can be loaded here now: a draft cannot, and answers nobody either.
   */
  public List<Violation> validate(Recipe recipe) {
    List<Violation> violations = catalog.validate(recipe);
    if (!violations.isEmpty()) {
      return violations;
    }
    JointEnsemble method = catalog.create(recipe);
    if (method instanceof Fitted fitted) {
      return refusals(
          "settings.artifact",
          () -> {
            List<String> names = recipe.getMembersList().stream().map(RecipeRequest::name).toList();
            fitted.requireKnown(names);
            names.forEach(name -> FusionPlans.requireSame(fitted, name, sha256(name)));
          });
    }
    return method instanceof OneVocabulary one
        ? refusals("members", () -> requireOneVocabulary(one, recipe))
        : List.of();
  }

  /** As the registry has it; empty where that is not known here, or not yet. */
  private String sha256(String model) {
    try {
      return pool.registered(model, "recipe.members").getSha256();
    } catch (FailureException e) {
      return "";
    }
  }

  private static List<Violation> refusals(String field, Runnable requirement) {
    try {
      requirement.run();
      return List.of();
    } catch (IllegalArgumentException e) {
      return List.of(Violation.newBuilder().setField(field).setDescription(e.getMessage()).build());
    }
  }

  private void requireOneVocabulary(OneVocabulary method, Recipe recipe) {
    var known = new ArrayList<AnswerMember>();
    try {
      for (int m = 0; m < recipe.getMembersCount(); m++) {
        String field = "recipe.members[%d].model".formatted(m);
        String name = recipe.getMembers(m).getModel();
        try {
          known.add(found.find(recipe.getMethod(), name, field, JointSettings.DEFAULTS));
        } catch (FailureException e) {
          // It may be registered before it can be loaded; the first request says what is wrong
          // then.
          LOG.debugf("The vocabulary of %s is not known: %s", name, e.getMessage());
        }
      }
      method.requireOneVocabulary(known.stream().map(member -> member.part(1)).toList());
    } finally {
      known.forEach(AnswerMember::close);
    }
  }
}
