package dev.tutti.registry.console;

import dev.tutti.registry.api.JobItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An evaluation as pages show it.
 *
 * @param job that it is
 */
public record EvaluationView(JobItem job) {

  /** What the policy would have earned, by each estimator, and what stands beside it. */
  private static final Map<String, String> NAMES =
      Map.of(
          "logged", "What was earned",
          "ips", "Inverse propensity (IPS)",
          "snips", "Self-normalised (SNIPS)",
          "doubly_robust", "Doubly robust",
          "gain", "Gain over what was earned",
          "best_member_ips", "The best member alone, IPS",
          "best_member_snips", "The best member alone, SNIPS");

  private static final List<String> ORDER =
      List.of(
          "logged",
          "ips",
          "snips",
          "doubly_robust",
          "gain",
          "best_member_ips",
          "best_member_snips");

  /**
   * An estimate.
   *
   * @param field as the job's result calls it
   * @param name for people
   * @param low lower end of its interval of 95 %
   * @param high its upper end
   */
  public record Estimate(String field, String name, double mean, double low, double high) {

    /** With its interval. */
    public String shown() {
      return "%s (%s to %s)"
          .formatted(Shown.rounded(mean), Shown.rounded(low), Shown.rounded(high));
    }
  }

  /** Whose decisions. */
  public String ensemble() {
    return String.valueOf(job.parameters().get("ensemble"));
  }

  /** The policy in a few words. */
  public String policy() {
    if (!(job.parameters().get("policy") instanceof Map<?, ?> policy) || policy.isEmpty()) {
      return "";
    }
    Map.Entry<?, ?> its = policy.entrySet().iterator().next();
    return its.getValue() instanceof Map<?, ?> more
        ? more.entrySet().stream()
            .filter(e -> !(e.getValue() instanceof Map<?, ?>))
            .map(e -> "%s %s".formatted(e.getKey(), e.getValue()))
            .collect(Collectors.joining(", ", its.getKey() + ": ", ""))
        : its.getKey().equals("uniform")
            ? "uniform"
            : "%s: %s".formatted(its.getKey(), its.getValue());
  }

  /** Those that the job told. */
  public List<Estimate> estimates() {
    var estimates = new ArrayList<Estimate>();
    for (String field : ORDER) {
      Estimate its = estimate(field);
      if (its != null) {
        estimates.add(its);
      }
    }
    return estimates;
  }

  /** One of them; null where it was not told. */
  public Estimate estimate(String field) {
    return job.result() != null && job.result().get(field) instanceof Map<?, ?> its
        ? new Estimate(
            field, NAMES.get(field), number(its, "mean"), number(its, "low"), number(its, "high"))
        : null;
  }

  /** A number of the result; null where it was not told. */
  public Double number(String field) {
    return job.result() != null && job.result().get(field) instanceof Number number
        ? number.doubleValue()
        : null;
  }

  /** A text of the result; null where it was not told. */
  public String text(String field) {
    return job.result() != null && job.result().get(field) instanceof String text ? text : null;
  }

  /** Whether more decisions were rated than were looked at. */
  public boolean isTruncated() {
    return job.result() != null && Boolean.TRUE.equals(job.result().get("truncated"));
  }

  /** Its page. */
  public String href() {
    return "/console/evaluations/" + Curl.encoded(job.id());
  }

  private static double number(Map<?, ?> document, String field) {
    return document.get(field) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
