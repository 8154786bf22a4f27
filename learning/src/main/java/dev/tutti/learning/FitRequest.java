package dev.tutti.learning;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.Setting;
import dev.tutti.kit.settings.SettingsException;
import dev.tutti.kit.settings.SettingsSchema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a fit is to learn, checked.
 *
 * @param parameters of the job, but for the method's settings
 * @param method to be fitted
 * @param settings of its fit, every one given
 */
public record FitRequest(Parameters parameters, FittedMethod<?, ?, ?> method, Struct settings) {

  /** Most members; as many as a recipe may have. */
  public static final int MOST_MEMBERS = 64;

  /** What queries were embedded as when they were first numbered: their numbers stay. */
  private static final String NUMBERED = "all-minilm-l6-v2, 256 tokens\n";

  private static final String SETTINGS = "settings";
  private static final int LONGEST_NAME = 128;
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9@][A-Za-z0-9._:@-]*(/[A-Za-z0-9@][A-Za-z0-9._:@-]*)*");
  private static final SettingsSchema<Parameters> SCHEMA = SettingsSchema.of(new Parameters());

  /** Of a job of kind fit; {@code settings} comes beside these. */
  public record Parameters(
      @Setting(help = "name of the artifact that gets a new version") String artifact,
      @Setting(help = "method that is fitted") String method,
      @Setting(help = "dataset of the registry that is learned from") String dataset,
      @Setting(help = "split of the dataset") String split,
      @Setting(help = "members to learn about; all of the dataset where empty")
          List<String> members,
      @Setting(
              help = "share of the queries that is not learned from, but measured on",
              min = 0.01,
              max = 0.9)
          double holdout,
      @Setting(
              help =
                  "mean quality that calibrated thresholds may give up against the best member, to save cost",
              min = 0)
          double qualityDrop,
      @Setting(help = "of all chance, which queries are held out too", min = 0) long seed,
      @Setting(help = "what asking members live may cost", min = 0, unit = "usd")
          double budgetUsd) {

    Parameters() {
      this("", "", "", "train", List.of(), 0.2, 0.01, 1, 0);
    }
  }

  /**
   * Reads the parameters of a job.
   *
   * @param methods those that can be fitted here
   * @throws FailureException {@link Failure.InvalidArgument} with the field
   */
  public static FitRequest of(Struct given, List<? extends FittedMethod<?, ?, ?>> methods) {
    Parameters parameters;
    try {
      parameters = SCHEMA.parse(given.toBuilder().removeFields(SETTINGS).build());
    } catch (SettingsException e) {
      // The schema does not know of the settings beside it.
      throw refused(
          e.setting(), e.getMessage().replace("known: ", "known: %s, ".formatted(SETTINGS)));
    }
    requireName("artifact", parameters.artifact());
    FittedMethod<?, ?, ?> method =
        methods.stream()
            .filter(m -> m.name().equals(parameters.method()))
            .findFirst()
            .orElseThrow(
                () ->
                    refused(
                        "method",
                        "method is '%s'; those that can be fitted: %s."
                            .formatted(
                                shown(parameters.method()),
                                methods.stream()
                                    .map(FittedMethod::name)
                                    .sorted()
                                    .collect(Collectors.joining(", ")))));
    requireMembers(parameters.members());
    var request = new FitRequest(parameters, method, settings(method, given));
    request.requireSettings(method);
    return request;
  }

  private <S extends Record> void requireSettings(FittedMethod<?, ?, S> its) {
    try {
      its.requireSettings(settings(its), parameters.budgetUsd() > 0);
    } catch (SettingsException e) {
      throw refused(SETTINGS + "." + e.setting(), e.getMessage());
    }
  }

  /** The settings of a method's fit as its own record. */
  public <S extends Record> S settings(FittedMethod<?, ?, S> its) {
    return SettingsSchema.of(its.defaults()).parse(settings);
  }

  /**
   * A number for a query, equal for equal texts, whatever embeds it: 64 bits of a digest of its
   * text.
   */
  public static long number(String query) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(NUMBERED.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest.digest(query.getBytes(StandardCharsets.UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /**
   * Whether a query is held out. Text and seed alone decide: a text that is recorded twice is never
   * on both sides, and a dataset that grew holds out what it held out before.
   *
   * @param query its {@link #number}
   */
  public boolean holdsOut(long query) {
    return new SplittableRandom(query ^ parameters.seed()).nextDouble() < parameters.holdout();
  }

  private static Struct settings(FittedMethod<?, ?, ?> method, Struct given) {
    Optional<Value> settings = Optional.ofNullable(given.getFieldsMap().get(SETTINGS));
    if (settings.isPresent() && !settings.get().hasStructValue()) {
      throw refused(SETTINGS, "settings must be an object, the settings of the method's fit.");
    }
    try {
      return SettingsSchema.of(method.defaults())
          .complete(settings.map(Value::getStructValue).orElse(Struct.getDefaultInstance()));
    } catch (SettingsException e) {
      throw refused(e.setting().isEmpty() ? SETTINGS : "settings." + e.setting(), e.getMessage());
    }
  }

  private static void requireName(String field, String name) {
    if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
      throw refused(
          field,
          "%s is '%s'; it takes a name of 1 to %d of A-Z, a-z, 0-9, '.', '_', ':', '@', '-' and '/', each part between slashes beginning with a letter or digit, or '@'."
              .formatted(field, shown(name), LONGEST_NAME));
    }
  }

  private static void requireMembers(List<String> members) {
    if (members.size() > MOST_MEMBERS) {
      throw refused(
          "members",
          "There are %d members; at most %d are allowed.".formatted(members.size(), MOST_MEMBERS));
    }
    var seen = new HashSet<String>();
    for (String member : members) {
      if (!seen.add(member)) {
        throw refused("members", "'%s' is a member twice.".formatted(shown(member)));
      }
    }
  }

  /** A parameter that cannot work. */
  public static FailureException refused(String field, String message) {
    return Failure.invalid("parameters." + field, message);
  }

  /** A text as messages show it: its beginning where it is long. */
  public static String shown(String text) {
    return text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME) + "...";
  }
}
