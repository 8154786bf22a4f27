package dev.tutti.router.api.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.router.api.openai.QueryParameters;
import dev.tutti.router.feedback.LearnerAdmin;
import dev.tutti.router.v1.Learner;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What routing ensembles have learned from feedback. Ours: OpenAI has no such thing. */
@Path("/v1/learners")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class LearnerResource {

  private final LearnerAdmin learners;

  LearnerResource(LearnerAdmin learners) {
    this.learners = learners;
  }

  /**
   * A learner as this replica serves it.
   *
   * @param backlog null where the database is away
   * @param same after a rebuild, whether the same is known, bit for bit
   * @param arms by member: numbers by name
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Shown(
      String object,
      String ensemble,
      String method,
      String basis,
      long observed,
      long position,
      Long backlog,
      Boolean same,
      Map<String, Map<String, Double>> arms) {

    static Shown of(Learner learner, Boolean same) {
      var arms = new TreeMap<String, Map<String, Double>>();
      learner
          .getArmsList()
          .forEach(arm -> arms.put(arm.getMember(), new TreeMap<>(arm.getValuesMap())));
      return new Shown(
          "learner",
          learner.getEnsemble(),
          learner.getMethod(),
          learner.getBasis(),
          learner.getObserved(),
          learner.getPosition(),
          learner.hasBacklog() ? learner.getBacklog() : null,
          same,
          arms);
    }
  }

  /** All. */
  public record All(String object, List<Shown> data) {}

  /** Every ensemble that learns. */
  @GET
  public All list(@Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    return new All(
        "list", learners.names().stream().map(n -> Shown.of(learners.describe(n), null)).toList());
  }

  /** One. */
  @GET
  @Path("{ensemble}")
  public Shown find(@PathParam("ensemble") String ensemble, @Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    return Shown.of(learners.describe(ensemble), null);
  }

  /** Learns all that was said about it anew, from nothing. */
  @POST
  @Path("{ensemble}/rebuild")
  public Shown rebuild(@PathParam("ensemble") String ensemble, @Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    boolean same = learners.rebuild(ensemble);
    return Shown.of(learners.describe(ensemble), same);
  }
}
