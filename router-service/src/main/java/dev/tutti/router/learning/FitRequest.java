package dev.tutti.router.learning;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.settings.Setting;
import dev.tutti.kit.settings.SettingsException;
import dev.tutti.kit.settings.SettingsSchema;
import dev.tutti.router.FittedMethod;
import dev.tutti.router.FittedMethods;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.fit.Outcomes;
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
record FitRequest(Parameters parameters, FittedMethod<?> method, Struct settings) {

  /** Most members; as many as a recipe may have. */
  static final int MOST_MEMBERS = 64;

  private static final String SETTINGS = "settings";
  private static final int LONGEST_NAME = 128;
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9@][A-Za-z0-9._:@-]*(/[A-Za-z0-9@][A-Za-z0-9._:@-]*)*");
  private static final SettingsSchema<Parameters> SCHEMA = SettingsSchema.of(new Parameters());

  /** Of a job of kind fit; {@code settings} comes beside these. */
  record Parameters(
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
      @Setting(help = "of all chance, which queries are held out too", min = 0) long seed) {

    Parameters() {
      this("", "", "", "train", List.of(), 0.2, 0.01, 1);
    }
  }

  /**
   * Reads the parameters of a job.
   *
   * @throws FailureException {@link Failure.InvalidArgument} with the field
   */
  static FitRequest of(Struct given) {
    Parameters parameters;
    try {
      parameters = SCHEMA.parse(given.toBuilder().removeFields(SETTINGS).build());
    } catch (SettingsException e) {
      // The schema does not know of the settings beside it.
      throw refused(
          e.setting(), e.getMessage().replace("known: ", "known: %s, ".formatted(SETTINGS)));
    }
    requireName("artifact", parameters.artifact());
    FittedMethod<?> method =
        FittedMethods.ALL.stream()
            .filter(m -> m.name().equals(parameters.method()))
            .findFirst()
            .orElseThrow(
                () ->
                    refused(
                        "method",
                        "method is '%s'; those that can be fitted: %s."
                            .formatted(
                                shown(parameters.method()),
                                FittedMethods.ALL.stream()
                                    .map(FittedMethod::name)
                                    .collect(Collectors.joining(", ")))));
    requireMembers(parameters.members());
    return new FitRequest(parameters, method, settings(method, given));
  }

  /**
   * Learns from outcomes.
   *
   * @throws FailureException {@link Failure.InvalidArgument} when the method cannot
   */
  QualityEstimator fit(Outcomes outcomes) {
    try {
      return fit(method, outcomes);
    } catch (IllegalArgumentException e) {
      throw refused("dataset", e.getMessage());
    }
  }

  private <S extends Record> QualityEstimator fit(FittedMethod<S> its, Outcomes outcomes) {
    S parsed = SettingsSchema.of(its.defaults()).parse(settings);
    return its.fitter().fit(outcomes, parsed, new SplittableRandom(parameters.seed()));
  }

  private static Struct settings(FittedMethod<?> method, Struct given) {
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
  static FailureException refused(String field, String message) {
    return Failure.invalid("parameters." + field, message);
  }

  static String shown(String text) {
    return text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME) + "...";
  }
}
