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
 * @param name unique over models and ensembles, see {@link Names}
 * @param aliases other names of the same thing, 0 to 16, unique with the names; null for none
 * @param runtime what runs it
 * @param location where the files of runtime onnx are: a folder below the decoder's models folder
 * @param decoder name of the decoder that holds its files; null for whichever is asked
 * @param endpoints base URLs of runtime openai, 1 to 8, all serving the same model
 * @param remoteModel its name at the endpoints; null for its own name
 * @param credential where the decoder finds the key of the endpoints, never the key itself; null
 *     for none
 * @param contextLength longest prompt plus completion, in tokens; &gt; 0; null where no endpoint
 *     tells it
 * @param usdPerMillionPromptTokens price of a million tokens read; &gt;= 0, finite
 * @param usdPerMillionCompletionTokens price of a million tokens written; &gt;= 0, finite
 * @param usdPerMillionCachedPromptTokens price of a million tokens read that an endpoint had in its
 *     cache; &gt;= 0, finite; null where they cost what others cost
 * @param parameters number of parameters; 0 where it is not known
 * @param capabilities what it can do, sorted
 * @param lifecycle how far it is in its life
 * @param description for people
 * @param version grows by one with every change
 * @param createdAt when its first version was registered
 * @param updatedAt when this version was registered
 * @param sha256 over its files, lower-case hexadecimal; empty for endpoints
 * @param topLogprobs alternatives that the endpoints tell per token, 1 to 20; 0 where they tell
 *     none, and for files
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "A language model.")
public record Model(
    @Schema(
            required = true,
            pattern = Names.PATTERN,
            maxLength = Names.LONGEST,
            description = "Unique over models and ensembles; capitals count.",
            examples = "adder-strong")
        String name,
    @Schema(
            maxItems = 16,
            description =
                "Other names of the same thing, unique with all names; whoever asks for one of them gets this.")
        List<String> aliases,
    @Schema(
            required = true,
            type = SchemaType.STRING,
            enumeration = {"onnx", "openai"},
            description = "What runs it.")
        Runtime runtime,
    @Schema(
            maxLength = 1024,
            description =
                "Where its files are: a folder below the decoder's models folder. Required for runtime onnx, and only"
                    + " there.",
            examples = "adder-strong")
        String location,
    @Schema(
            pattern = Model.DECODER,
            description =
                "The decoder that holds its files, by that one's own name (tutti.decoder.name); whichever is asked holds"
                    + " them where absent. For runtime onnx only.",
            examples = "gpu-1")
        String decoder,
    @Schema(
            minItems = 1,
            maxItems = 8,
            description =
                "Base URLs of servers with OpenAI's wire format that all serve this model. Required for runtime openai,"
                    + " and only there.",
            examples = "https://api.example.com/v1")
        List<String> endpoints,
    @Schema(
            maxLength = 256,
            description =
                "Its name at the endpoints; its own name where absent. For runtime openai only.",
            examples = "Qwen/Qwen3-8B")
        String remoteModel,
    @Schema(
            pattern = Endpoints.CREDENTIAL,
            description =
                "Where the decoder finds the key of the endpoints, never the key itself: env:NAME, file:PATH below the"
                    + " credentials folder, or secret:NAME/KEY for a mounted Kubernetes secret. For runtime openai only.",
            examples = "env:TUTTI_CREDENTIAL_EXAMPLE")
        String credential,
    @Schema(
            minimum = "1",
            description =
                "Longest prompt plus completion, in tokens. Taken from the model where it is absent; a lower value"
                    + " limits it, a higher one is refused. Stays absent, and limits nothing, where no endpoint tells it.")
        Integer contextLength,
    @Schema(required = true, minimum = "0", description = "US dollars per million tokens read.")
        Double usdPerMillionPromptTokens,
    @Schema(required = true, minimum = "0", description = "US dollars per million tokens written.")
        Double usdPerMillionCompletionTokens,
    @Schema(
            minimum = "0",
            description =
                "US dollars per million tokens read that the endpoint had in its cache; as other tokens read where"
                    + " absent. For runtime openai only.")
        Double usdPerMillionCachedPromptTokens,
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
              "feedback",
              "top_logprobs"
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
        String sha256,
    @Schema(
            readOnly = true,
            description =
                "Alternatives that the endpoints tell per token; 0 where they tell none, and for files.")
        Integer topLogprobs)
    implements Entry {

  /** What a decoder may be called. */
  static final String DECODER = "[a-z][a-z0-9-]{0,63}";

  @Override
  public Model at(Lifecycle next) {
    return new Model(
        name,
        aliases,
        runtime,
        location,
        decoder,
        endpoints,
        remoteModel,
        credential,
        contextLength,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        usdPerMillionCachedPromptTokens,
        parameters,
        capabilities,
        next,
        description,
        version,
        createdAt,
        updatedAt,
        sha256,
        topLogprobs);
  }

  @Override
  public Model stamped(long number, Instant created, Instant updated) {
    return new Model(
        name,
        aliases,
        runtime,
        location,
        decoder,
        endpoints,
        remoteModel,
        credential,
        contextLength,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        usdPerMillionCachedPromptTokens,
        parameters,
        capabilities,
        lifecycle,
        description,
        number,
        created,
        updated,
        sha256,
        topLogprobs);
  }

  @Override
  public Model without(Entry told) {
    var its = (Model) told;
    return new Model(
        name,
        aliases,
        runtime,
        location,
        decoder,
        endpoints,
        remoteModel,
        credential,
        contextLength,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        usdPerMillionCachedPromptTokens,
        parameters,
        capabilities,
        Entry.unless(lifecycle, its.lifecycle),
        description,
        Entry.unless(version, its.version),
        Entry.unless(createdAt, its.createdAt),
        Entry.unless(updatedAt, its.updatedAt),
        Entry.unless(sha256, its.sha256),
        Entry.unless(topLogprobs, its.topLogprobs));
  }

  /** The same with what is known of its files or endpoints. */
  public Model inspected(
      Integer context, long size, List<Capability> abilities, String digest, int alternatives) {
    return new Model(
        name,
        aliases,
        runtime,
        location,
        decoder,
        endpoints,
        remoteModel,
        credential,
        context,
        usdPerMillionPromptTokens,
        usdPerMillionCompletionTokens,
        usdPerMillionCachedPromptTokens,
        size,
        abilities,
        lifecycle,
        description,
        version,
        createdAt,
        updatedAt,
        digest,
        alternatives);
  }
}
