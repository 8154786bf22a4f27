package dev.tutti.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Capability;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A language model.
 *
 * @param name unique over models and ensembles: 1 to 64 of a-z, 0-9, '.', '_', '-', starting with a
 *     letter or digit
 * @param runtime what runs it
 * @param location where its files are: a folder below the decoder's models folder
 * @param contextLength longest prompt plus completion, in tokens; &gt; 0
 * @param usdPerMillionPromptTokens price of a million tokens read; &gt;= 0, finite
 * @param usdPerMillionCompletionTokens price of a million tokens written; &gt;= 0, finite
 * @param parameters number of parameters; 0 where it is not known
 * @param capabilities what it can do, sorted
 * @param lifecycle how far it is in its life
 * @param description for people
 * @param version grows by one with every change
 * @param createdAt when its first version was registered
 * @param updatedAt when this version was registered
 * @param sha256 over its files, lower-case hexadecimal
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "A language model.")
public record Model(
    @Schema(
            required = true,
            pattern = Names.PATTERN,
            maxLength = 64,
            description = "Unique over models and ensembles.",
            examples = "adder-strong")
        String name,
    @Schema(
            required = true,
            type = SchemaType.STRING,
            enumeration = {"onnx", "openai"},
            description = "What runs it.")
        Runtime runtime,
    @Schema(
            required = true,
            maxLength = 1024,
            description = "Where its files are: a folder below the decoder's models folder.",
            examples = "adder-strong")
        String location,
    @Schema(
            minimum = "1",
            description =
                "Longest prompt plus completion, in tokens. Taken from the model where it is absent; a lower value"
                    + " limits it, a higher one is refused.")
        Integer contextLength,
    @Schema(required = true, minimum = "0", description = "US dollars per million tokens read.")
        Double usdPerMillionPromptTokens,
    @Schema(required = true, minimum = "0", description = "US dollars per million tokens written.")
        Double usdPerMillionCompletionTokens,
    @Schema(
            minimum = "0",
            description =
                "Number of parameters. Taken from the model where it is absent; 0 where the model does not say.")
        Long parameters,
    @Schema(
            type = SchemaType.ARRAY,
            implementation = String.class,
            enumeration = {
              "generation",
              "logprobs",
              "full_distribution",
              "scoring",
              "embedding",
              "hidden_state",
              "feedback"
            },
            description =
                "What it can do. Taken from the model where it is absent; fewer limit it, others are refused.")
        List<Capability> capabilities,
    @Schema(
            type = SchemaType.STRING,
            enumeration = {"draft", "active", "deprecated", "retired"},
            defaultValue = "draft",
            description =
                "Drafts are not served, deprecated ones are but nothing new should use them, retired ones are kept"
                    + " for the record.")
        Lifecycle lifecycle,
    @Schema(maxLength = 2000, description = "For people.") String description,
    @Schema(readOnly = true, description = "Grows by one with every change; also the ETag.")
        Long version,
    @Schema(readOnly = true, description = "When its first version was registered.")
        Instant createdAt,
    @Schema(readOnly = true, description = "When this version was registered.") Instant updatedAt,
    @Schema(readOnly = true, description = "SHA-256 over its files, lower-case hexadecimal.")
        String sha256)
    implements Entry {

  @Override
  public Model at(Lifecycle next) {
    return new Model(
        name,
        runtime,
        location,
        contextLength,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        parameters,
        capabilities,
        next,
        description,
        version,
        createdAt,
        updatedAt,
        sha256);
  }

  @Override
  public Model stamped(long number, Instant created, Instant updated) {
    return new Model(
        name,
        runtime,
        location,
        contextLength,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        parameters,
        capabilities,
        lifecycle,
        description,
        number,
        created,
        updated,
        sha256);
  }

  /** The same with what is known of its files. */
  public Model inspected(int context, long size, List<Capability> abilities, String digest) {
    return new Model(
        name,
        runtime,
        location,
        context,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        size,
        abilities,
        lifecycle,
        description,
        version,
        createdAt,
        updatedAt,
        digest);
  }
}
