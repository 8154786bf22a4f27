package dev.tutti.registry.api;

import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.dataset.DatasetStore;
import dev.tutti.registry.dataset.PartnerAdvice;
import dev.tutti.registry.dataset.Partners;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of who may write together. */
@Path("/api/v1/datasets/{name}/partners")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "datasets")
public class PartnersResource {

  private final DatasetStore datasets;
  private final PartnerAdvice advice;

  PartnersResource(DatasetStore datasets, PartnerAdvice advice) {
    this.datasets = datasets;
    this.advice = advice;
  }

  /** Tells them. */
  @GET
  @Operation(
      operationId = "listPartners",
      summary = "Tells which members may write together token by token",
      description =
          "The determine step of UniTE: over the queries that all of these members answered, whose score is near to the"
              + " best and whose answers are alike in length and lines. Reads the whole part of the dataset.")
  @APIResponse(responseCode = "200", description = "Each member, the best score first.")
  @APIResponse(responseCode = "400", description = "A wrong parameter.")
  @APIResponse(responseCode = "404", description = "There is no such dataset.")
  @APIResponse(
      responseCode = "422",
      description =
          "A member that the dataset does not know, or no query that all of them answered.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public PartnersItem partners(
      @PathParam("name") String name,
      @QueryParam("members")
          @Parameter(
              description =
                  "Names of members as the dataset has them, separated by commas; all where it is absent.")
          String members,
      @QueryParam("set") @Parameter(description = "Only queries of this set.") String set,
      @QueryParam("split") @Parameter(description = "Only queries of this split.") String split,
      @QueryParam("within")
          @Parameter(
              description =
                  "Most that a score may be below the best, as a share of it, 0 to 1; 0.1 where it is absent.")
          String within,
      @QueryParam("style_ratio")
          @Parameter(
              description =
                  "Most by which answers may be longer, or have more lines, 1 to 1000; 2 where it is absent.")
          String styleRatio)
      throws SQLException {
    Partners.Rule usual = Partners.Rule.DEFAULT;
    var rule =
        new Partners.Rule(
            Parameters.number("within", within, 0, 1, usual.within()),
            Parameters.number("style_ratio", styleRatio, 1, 1000, usual.styleRatio()));
    if (!Names.isName(name)) {
      throw DatasetStore.notFound(name);
    }
    Dataset dataset = datasets.find(name).orElseThrow(() -> DatasetStore.notFound(name));
    Set<String> asked = members(dataset, Parameters.text("members", members));
    var part =
        new DatasetStore.Part(
            name,
            Parameters.text("split", split),
            set == null ? Set.of() : Set.of(Parameters.text("set", set)));
    Partners found = advice.determine(part, asked, rule);
    if (found.queries() == 0) {
      throw Refusal.invalid(
          "members",
          "No query was answered by all of %s; name fewer of them.".formatted(shown(asked)));
    }
    return PartnersItem.of(name, found, rule);
  }

  private static Set<String> members(Dataset dataset, String text) {
    Set<String> known =
        dataset.getMembersList().stream()
            .map(DatasetMember::getMember)
            .collect(Collectors.toCollection(TreeSet::new));
    if (text.isEmpty()) {
      return known;
    }
    Set<String> asked = new TreeSet<>(List.of(text.split(",", -1)));
    for (String member : asked) {
      if (!known.contains(member)) {
        throw Refusal.invalid(
            "members",
            "'%s' answered nothing in '%s'; there are %s."
                .formatted(member, dataset.getName(), shown(known)));
      }
    }
    return asked;
  }

  private static String shown(Set<String> names) {
    return names.stream().limit(20).collect(Collectors.joining(", "))
        + (names.size() > 20 ? " and %d more".formatted(names.size() - 20) : "");
  }
}
