package dev.tutti.registry.key;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Who shares keys, decisions and spend.
 *
 * @param name 1 to 64 of a-z, 0-9, '.', '_' and '-'
 * @param description for people; null for none
 * @param createdAt when it was made; set by the registry
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "Who shares keys, decisions and spend.")
public record Team(
    @Schema(
            required = true,
            examples = "search",
            description =
                "1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit; not none, which is what spend without a key is told as.")
        String name,
    @Schema(maxLength = 2000, description = "For people.") String description,
    @Schema(readOnly = true, description = "When it was made.") Instant createdAt) {

  /** What its name is made of. */
  static final String RULE =
      "1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, and not none";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  /** Stands for those who brought no key. */
  public static final String NOBODY = "none";

  /** Whether a team may be called so. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches() && !text.equals(NOBODY);
  }
}
