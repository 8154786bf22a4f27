package dev.tutti.registry.recording;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.protobuf.Struct;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.Names;
import java.util.HashSet;
import java.util.List;

/**
 * What a recording is to do, as a job's parameters say it.
 *
 * @param dataset name of the dataset that its answers go to
 * @param upload id of the body
 * @param members who is asked, 1 to 64 names of models and ensembles
 * @param scorer name of the scorer
 * @param judge the member that judges; null for the other scorers
 * @param budgetUsd US dollars that all calls may cost, at least 0
 * @param concurrency calls at once, 1 to 32
 * @param split of all queries; null for none
 * @param system message before those conversations that have none; null for none
 * @param temperature 0 to 2; null as the member does
 * @param topP probability mass kept, in (0, 1]; null as the member does
 * @param maxTokens longest answer, at least 1; null as the member does
 * @param seed of every answer; null for none
 * @param replace whether what the dataset has is asked again and replaced
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RecordingParameters(
    String dataset,
    String upload,
    List<String> members,
    String scorer,
    String judge,
    Double budgetUsd,
    Integer concurrency,
    String split,
    String system,
    Double temperature,
    Double topP,
    Integer maxTokens,
    Long seed,
    Boolean replace) {

  /** Calls at once where nobody says how many. */
  public static final int USUAL_CONCURRENCY = 4;

  /** Calls at once, at most. */
  public static final int MOST_AT_ONCE = 32;

  private static final double LARGEST_BUDGET = 1e9;
  private static final int MOST_MEMBERS = 64;
  private static final int LONGEST_SYSTEM = 32_768;
  private static final int LONGEST_SPLIT = 128;

  /** Beyond it a number of JSON would have to be rounded. */
  private static final long LARGEST_SEED = 1L << 53;

  /**
   * Reads a job's parameters.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument}
   */
  static RecordingParameters of(Struct struct) {
    return ParametersJson.read(struct, RecordingParameters.class).checked();
  }

  /** As a job's parameters. */
  Struct struct() {
    return ParametersJson.write(this);
  }

  /**
   * The same, once every one of them may be so.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument}
   */
  public RecordingParameters checked() {
    if (dataset == null || !Names.isName(dataset)) {
      throw wrong("dataset", "dataset must be the name of a dataset: %s.".formatted(Names.RULE));
    }
    if (members == null || members.isEmpty() || members.size() > MOST_MEMBERS) {
      throw wrong("members", "members must be 1 to %d names.".formatted(MOST_MEMBERS));
    }
    members.forEach(member -> requireName("members", member));
    if (new HashSet<>(members).size() < members.size()) {
      throw wrong("members", "members names one twice.");
    }
    if (scorer == null) {
      throw wrong(
          "scorer",
          "scorer is required: one of %s, %s.".formatted(Comparison.words(), Scorer.JUDGE));
    }
    scoring();
    if (judge != null) {
      requireName("judge", judge);
    }
    range("budget_usd", budgetUsd, 0, LARGEST_BUDGET);
    if (budgetUsd == null) {
      throw wrong("budget_usd", "budget_usd is required: US dollars, at least 0.");
    }
    range("concurrency", concurrency, 1, MOST_AT_ONCE);
    range("temperature", temperature, 0, 2);
    range("max_tokens", maxTokens, 1, Integer.MAX_VALUE);
    range("seed", seed, -LARGEST_SEED, LARGEST_SEED);
    if (topP != null && !(topP > 0 && topP <= 1)) {
      throw wrong("top_p", "top_p is %s; above 0, and at most 1, is allowed.".formatted(topP));
    }
    requireText("split", split, LONGEST_SPLIT);
    if (split != null && split.chars().anyMatch(Character::isISOControl)) {
      throw wrong("split", "split has a control character.");
    }
    requireText("system", system, LONGEST_SYSTEM);
    return this;
  }

  /** Who says how good an answer is. */
  public Scorer scoring() {
    return Scorer.of(scorer, judge == null ? "" : judge);
  }

  /** The same with this body and these members, by their own names. */
  RecordingParameters with(String body, List<String> own, String ownJudge) {
    return new RecordingParameters(
        dataset,
        body,
        own,
        scorer,
        ownJudge,
        budgetUsd,
        concurrency,
        split,
        system,
        temperature,
        topP,
        maxTokens,
        seed,
        replace);
  }

  /** Calls at once. */
  int atOnce() {
    return concurrency == null ? USUAL_CONCURRENCY : concurrency;
  }

  boolean replaces() {
    return replace != null && replace;
  }

  /** How members draw their tokens. */
  Sampling sampling() {
    Sampling.Builder sampling = Sampling.newBuilder();
    if (temperature != null) {
      sampling.setTemperature(temperature);
    }
    if (topP != null) {
      sampling.setTopP(topP);
    }
    if (maxTokens != null) {
      sampling.setMaxTokens(maxTokens);
    }
    if (seed != null) {
      sampling.setSeed(seed);
    }
    return sampling.build();
  }

  /** Reads lines as this recording takes them. */
  QuestionParser parser() {
    return new QuestionParser(split == null ? "" : split, system == null ? "" : system, scoring());
  }

  private static void requireName(String field, String name) {
    if (name == null || !Names.isName(name)) {
      throw wrong(field, "%s holds what is no name: %s.".formatted(field, Names.RULE));
    }
  }

  private static void requireText(String field, String text, int longest) {
    if (text != null && (text.isEmpty() || text.length() > longest || text.indexOf('\0') >= 0)) {
      throw wrong(field, "%s must have 1 to %d characters, no NUL.".formatted(field, longest));
    }
  }

  private static void range(String field, Number value, double least, double most) {
    if (value != null && !(value.doubleValue() >= least && value.doubleValue() <= most)) {
      throw wrong(
          field, "%s is %s; %.0f to %.0f are allowed.".formatted(field, value, least, most));
    }
  }

  private static RuntimeException wrong(String field, String message) {
    return Failure.invalid("parameters." + field, message);
  }
}
