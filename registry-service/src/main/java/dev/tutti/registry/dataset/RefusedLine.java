package dev.tutti.registry.dataset;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A line that an import or a recording could not take, or a part of it.
 *
 * @param line its number, from 1 on
 * @param field path of what is wrong; empty where it is the whole line
 * @param reason what is wrong and what is allowed
 */
@Schema(description = "A line that an import or a recording could not take, or a part of it.")
public record RefusedLine(
    @Schema(description = "Its number, from 1 on.") long line,
    @Schema(
            description = "Path of what is wrong; empty where it is the whole line.",
            examples = "models.gpt-4.score")
        String field,
    @Schema(description = "What is wrong and what is allowed.") String reason) {

  /**
   * Its place in the list.
   *
   * @param line its number
   * @param field of a line with several
   */
  public record Place(long line, String field) {}
}
