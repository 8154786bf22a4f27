package dev.tutti.fusion.answer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.re2j.Pattern;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.OutputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.SpecVersionDetector;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.resource.DisallowSchemaLoader;
import dev.tutti.fusion.AnswerSchema;
import dev.tutti.kit.calls.MemberAnswer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A JSON schema (2020-12, or the earlier draft that its {@code $schema} names). Nothing is fetched
 * for it ({@link SchemaRules}); {@code format} is not looked at, as the standard has it.
 */
final class CheckedSchema implements AnswerSchema {

  /** Most characters of a schema. */
  static final int LONGEST = 131_072;

  /** Schemas and answers that are nested deeper are none. */
  private static final int DEEPEST = 64;

  /**
   * Keywords that are looked at for one answer at most: references can make a small schema look at
   * each value again and again.
   */
  private static final int MOST_STEPS = 100_000;

  /** A step of a pattern's program on a character is so much less than a keyword. */
  private static final int CHEAPER = 16;

  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);

  private static final ScopedValue<Steps> STEPS = ScopedValue.newInstance();

  private static final SchemaValidatorsConfig CONFIG =
      SchemaValidatorsConfig.builder()
          .regularExpressionFactory(CheckedSchema::expression)
          .preloadJsonSchema(false)
          .build();

  /** What schemas of a draft are held against; read once. */
  private static final Map<VersionFlag, JsonSchema> DRAFTS = new ConcurrentHashMap<>();

  private final JsonSchema schema;
  private final Set<String> unordered;

  private CheckedSchema(JsonSchema schema, Set<String> unordered) {
    this.schema = schema;
    this.unordered = unordered;
  }

  /**
   * The schema that a text is.
   *
   * @throws IllegalArgumentException says what is wrong with it, and what is allowed
   */
  static CheckedSchema of(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "The schema has %d characters; at most %d are allowed."
              .formatted(text.length(), LONGEST));
    }
    JsonNode node =
        read(text)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "The schema is no JSON that is nested at most %d deep."
                            .formatted(DEEPEST)));
    VersionFlag version = version(node);
    for (ValidationMessage message :
        DRAFTS.computeIfAbsent(version, CheckedSchema::draft).validate(node)) {
      throw new IllegalArgumentException(
          "The schema is none: %s.".formatted(MemberAnswer.shown(message.getMessage())));
    }
    var rules = new SchemaRules(node);
    rules.check();
    try {
      // What references lead to is read where an answer goes there: all at once may be endless.
      return new CheckedSchema(
          JsonSchemaFactory.getInstance(
                  version,
                  factory ->
                      factory.schemaLoaders(
                          loaders -> loaders.add(DisallowSchemaLoader.getInstance())))
              .getSchema(node, CONFIG),
          rules.unordered());
    } catch (JsonSchemaException e) {
      throw new IllegalArgumentException(
          "The schema is none: %s.".formatted(MemberAnswer.shown(e.getMessage())), e);
    }
  }

  private static JsonSchema draft(VersionFlag version) {
    return JsonSchemaFactory.getInstance(version).getSchema(SchemaLocation.of(version.getId()));
  }

  private static VersionFlag version(JsonNode schema) {
    if (!schema.isObject()) {
      throw new IllegalArgumentException("A schema is a JSON object.");
    }
    if (!schema.has("$schema")) {
      return VersionFlag.V202012;
    }
    String named = schema.get("$schema").asText();
    return SpecVersionDetector.detectOptionalVersion(named)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "$schema is '%s'; the drafts 4, 6, 7, 2019-09 and 2020-12 are allowed."
                        .formatted(MemberAnswer.shown(named))));
  }

  private static Optional<JsonNode> read(String text) {
    try {
      return Optional.of(READER.<JsonNode>readValue(text)).filter(node -> !node.isMissingNode());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean accepts(String json) {
    return read(json)
        .filter(
            node ->
                ScopedValue.where(STEPS, new Steps())
                    .call(
                        () -> {
                          try {
                            return schema.validate(STEPS.get(), node, OutputFormat.BOOLEAN);
                          } catch (TooLongException
                              | JsonSchemaException
                              | IllegalArgumentException
                              | StackOverflowError _) {
                            // The last ones: of references that are known only on the way.
                            return false;
                          }
                        }))
        .isPresent();
  }

  @Override
  public Set<String> unordered() {
    return unordered;
  }

  private static RegularExpression expression(String written) {
    Pattern pattern = SchemaRules.pattern(written);
    return text -> {
      STEPS.get().take(1 + (long) pattern.programSize() * text.length() / CHEAPER);
      return pattern.matcher(text).find();
    };
  }

  /** There were more steps than there may be. */
  private static final class TooLongException extends RuntimeException {

    private static final long serialVersionUID = 1;

    TooLongException() {
      super(null, null, false, false);
    }
  }

  /** Counts: every keyword looks here whether it is to log anything. */
  private static final class Steps extends ExecutionContext {

    private long left = MOST_STEPS;

    @Override
    public ExecutionConfig getExecutionConfig() {
      take(1);
      return super.getExecutionConfig();
    }

    void take(long steps) {
      left -= steps;
      if (left < 0) {
        throw new TooLongException();
      }
    }
  }
}
