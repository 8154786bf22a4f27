package dev.tutti.registry.console;

import dev.tutti.registry.Ensemble;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.EnsembleResource;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;

/** The members of an ensemble as a table of their own. */
@Browsed
@Path("/console/ensembles/{name}/members.csv")
@Produces(Csv.MEDIA_TYPE)
@RunOnVirtualThread
public class EnsembleMemberPages {

  private final EnsembleResource ensembles;

  EnsembleMemberPages(EnsembleResource ensembles) {
    this.ensembles = ensembles;
  }

  /** As CSV. */
  @GET
  public Response members(@PathParam("name") String name, @Context Request request) {
    var ensemble = (Ensemble) ensembles.get(name, request).getEntity();
    return Csv.<Ensemble.Member>of(
        "members",
        List.of("name", "kind", "role", "weight", "as", "temperature", "top_p", "n"),
        _ -> new Csv.Part<>(ensemble.members(), null),
        EnsembleMemberPages::cells);
  }

  private static List<Object> cells(Ensemble.Member member) {
    Ensemble.Sampling sampling = member.sampling();
    return Arrays.asList(
        member.ref(),
        member.kind().word(),
        member.role(),
        member.weight(),
        member.as(),
        sampling == null ? null : sampling.temperature(),
        sampling == null ? null : sampling.topP(),
        sampling == null ? null : sampling.n());
  }
}
