package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.neighbour.MethodListing.Missing;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A part of a list that several services were asked for.
 *
 * @param items as many as were asked for, or what is left
 * @param nextCursor gives the next part; absent at the end
 * @param unavailable the services that could not be asked; what they have is missing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "A part of a list that several services were asked for.")
public record GatheredPage<T>(
    @Schema(description = "In the order of the list.") List<T> items,
    @Schema(description = "Hand it back as `cursor` for the next part; absent at the end.")
        String nextCursor,
    @Schema(description = "The services that could not be asked; what they have is missing here.")
        List<MethodList.MissingService> unavailable) {

  static <T> GatheredPage<T> of(List<T> items, String nextCursor, List<Missing> unavailable) {
    return new GatheredPage<>(
        items,
        nextCursor,
        unavailable.stream()
            .map(its -> new MethodList.MissingService(its.service(), its.reason()))
            .toList());
  }
}
