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
import java.util.concurrent.atomic.AtomicLong;

/**
 * A JSON schema (2020-12, or the earlier draft that its {@code $schema} names). Nothing is fetched
 * for it ({@link SchemaRules}); {@code format} is not looked at, as the standard has it. That of
 * one request: its answers share the steps that there are.
 */
final class CheckedSchema implements AnswerSchema {

  /** Most characters of a schema. */
  static final int LONGEST = 131_072;

  /** Schemas and answers that are nested deeper are none. */
  private static final int DEEPEST = 64;

  /** Names of an answer's fields are looked at as they are, each by a keyword at a time. */
  private static final int LONGEST_NAME = 4096;

  /**
   * Steps for one answer: a keyword, or what it looks at ({@link CountedNodes}). References can
   * make a small schema look at each value again and again.
   */
  static final int MOST_STEPS = 100_000;

  /** Steps for all answers together. */
  static final int MOST_STEPS_A_REQUEST = 25 * MOST_STEPS;

  /** A step of a pattern's program on a character is so much less than a keyword. */
  private static final int CHEAPER = 16;

  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNameLength(LONGEST_NAME)
                          .build())
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
  private final int keyword;
  private final Set<String> unordered;

  /** Methods ask again about the same answers whenever one more is there. */
  private final Map<String, Boolean> accepted = new ConcurrentHashMap<>();

  private final AtomicLong left = new AtomicLong(MOST_STEPS_A_REQUEST);

  /** Where each keyword takes so many steps. */
  private CheckedSchema(JsonSchema schema, int keyword, Set<String> unordered) {
    this.schema = schema;
    this.keyword = keyword;
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
          rules.steps(),
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
    return read(READER, text);
  }

  private static Optional<JsonNode> read(ObjectReader reader, String text) {
    try {
      return Optional.of(reader.<JsonNode>readValue(text)).filter(node -> !node.isMissingNode());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean accepts(String json) {
    Boolean known = accepted.get(json);
    if (known != null) {
      return known;
    }
    var steps = new Steps(keyword, Math.min(MOST_STEPS, left.get()));
    boolean its =
        read(READER.with(new CountedNodes(steps::take)), json)
            .filter(node -> ScopedValue.where(STEPS, steps).call(() -> accepts(node)))
            .isPresent();
    left.addAndGet(-steps.taken());
    accepted.put(json, its);
    return its;
  }

  private boolean accepts(JsonNode node) {
    try {
      return schema.validate(STEPS.get(), node, OutputFormat.BOOLEAN);
    } catch (TooLongException
        | JsonSchemaException
        | IllegalArgumentException
        | StackOverflowError _) {
      // The last ones: of references that are known only on the way.
      return false;
    }
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

  /** There were more steps than there may be, or nobody waits for the answer any more. */
  private static final class TooLongException extends RuntimeException {

    private static final long serialVersionUID = 1;

    TooLongException() {
      super(null, null, false, false);
    }
  }

  /** Counts: every keyword looks here whether it is to log anything. */
  private static final class Steps extends ExecutionContext {

    private final int keyword;
    private final long most;
    private long taken;

    Steps(int keyword, long most) {
      this.keyword = keyword;
      this.most = most;
    }

    @Override
    public ExecutionConfig getExecutionConfig() {
      take(keyword);
      return super.getExecutionConfig();
    }

    void take(long steps) {
      taken += steps;
      // Who leaves, and a deadline, interrupts the thread.
      if (taken > most || Thread.currentThread().isInterrupted()) {
        throw new TooLongException();
      }
    }

    long taken() {
      return Math.min(taken, most);
    }
  }
}
