package dev.tutti.registry.console;

import com.google.protobuf.Message;
import com.google.protobuf.Value;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.KeptAnswer;
import dev.tutti.generation.v1.Shadow;
import dev.tutti.generation.v1.ShadowChoice;
import dev.tutti.registry.api.DecisionResource;
import dev.tutti.registry.api.FeedbackItem;
import dev.tutti.registry.api.StructJson;
import dev.tutti.registry.console.CandidateRow.CallRow;
import dev.tutti.registry.console.CandidateRow.Fact;
import dev.tutti.registry.neighbour.Services;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One decision as its page shows it. What is null, or empty, was not told.
 *
 * @param id its own
 * @param time when it was decided
 * @param entry page of the ensemble or model; null where it was a recipe that somebody sent
 * @param ensemble its name
 * @param version of the ensemble
 * @param method of the ensemble; empty for a model
 * @param family where the method works; empty for a model
 * @param team that asked
 * @param key id of the key that asked
 * @param failure why there is no whole answer
 * @param explanation for people
 * @param artifact what the method learned
 * @param artifactVersion of it
 * @param costAvoidedUsd what a cascade saved
 * @param kept the answer of before that is given, or the one that is kept
 * @param candidates in the order of the recipe
 * @param qualityCost whom a router could have asked
 * @param rungs what a cascade went through
 * @param votes of a fusion
 * @param similarity of a fusion's answers
 * @param opinions of members that write together
 * @param rewards of members that write together
 * @param shadow what a version in shadow would have done
 * @param tree the whole that it is a part of
 * @param nestedLeftOut how many decisions are not in the tree
 * @param measures what else the method looked at: numbers and words
 * @param documents what else it looked at: lists and objects, as JSON
 * @param unknown fields of a newer build, by number
 * @param feedback the first that was said about it
 * @param more whether there is more of that
 * @param whole all of it, as JSON, or as text where that cannot hold it
 */
public record DecisionView(
    String id,
    Instant time,
    String entry,
    String ensemble,
    long version,
    String method,
    String family,
    String team,
    String key,
    String failure,
    String explanation,
    Artifact artifact,
    Double costAvoidedUsd,
    Kept kept,
    List<CandidateRow> candidates,
    QualityCost qualityCost,
    Rungs rungs,
    Votes votes,
    Heat similarity,
    Heat opinions,
    Heat rewards,
    ShadowView shadow,
    Branch tree,
    int nestedLeftOut,
    List<Fact> measures,
    List<Fact> documents,
    String unknown,
    List<FeedbackItem> feedback,
    boolean more,
    String whole) {

  /** Those have pictures of their own. */
  private static final Set<String> SHOWN = Set.of("votes", "similarity", "opinions");

  /** What a method learned, and the page of that. */
  public record Artifact(String name, int version, String href) {}

  /** An answer that the cache gave, or keeps; {@code outcome} says which. */
  public record Kept(
      String outcome, double similarity, Instant time, String requestId, double usd) {

    private static Kept of(KeptAnswer its) {
      return new Kept(
          switch (its.getOutcome()) {
            case CACHE_OUTCOME_EXACT -> "the answer to the same request was given again";
            case CACHE_OUTCOME_SEMANTIC -> "the answer to a similar question was given again";
            case CACHE_OUTCOME_KEPT -> "this answer is kept, to be given again";
            case CACHE_OUTCOME_UNSPECIFIED, UNRECOGNIZED -> "unknown";
          },
          its.getSimilarity(),
          instant(its.getTime()),
          its.getOutcome() == CacheOutcome.CACHE_OUTCOME_KEPT ? "" : its.getRequestId(),
          its.getCostUsd());
    }
  }

  /** What a version in shadow would have done. */
  public record ShadowView(Artifact artifact, String activeChoice, List<ShadowRow> ranked) {}

  /** A member as that version saw it, in the order in which it would have asked. */
  public record ShadowRow(int rank, String member, double score, double propensity) {}

  /**
   * A view.
   *
   * @param root the outermost one that it is a part of
   * @param json of a value
   */
  static DecisionView of(
      Decision its,
      Decision root,
      List<FeedbackItem> feedback,
      boolean more,
      Function<Object, String> json) {
    var rows = new ArrayList<CandidateRow>();
    its.getCandidatesList().forEach(c -> rows.add(CandidateRow.of(rows.size() + 1, c)));
    var measures = new ArrayList<Fact>();
    var documents = new ArrayList<Fact>();
    its.getInputs()
        .getFieldsMap()
        .forEach(
            (name, value) -> {
              if (value.hasListValue() || value.hasStructValue()) {
                if (!SHOWN.contains(name)) {
                  documents.add(new Fact(name, json.apply(StructJson.of(value))));
                }
              } else {
                measures.add(new Fact(name, text(value)));
              }
            });
    return new DecisionView(
        its.getId(),
        instant(its.getTime()),
        entry(its),
        its.getEnsemble(),
        its.getEnsembleVersion(),
        its.getMethod(),
        family(its),
        its.getTeam(),
        its.getKey(),
        its.getFailure(),
        its.getExplanation(),
        its.getArtifact().isEmpty()
            ? null
            : artifact(its, its.getArtifact(), its.getArtifactVersion()),
        its.hasCostAvoidedUsd() ? its.getCostAvoidedUsd() : null,
        its.hasCache() ? Kept.of(its.getCache()) : null,
        rows,
        QualityCost.of(its),
        Rungs.of(its),
        Votes.of(its),
        Heat.similarity(its.getInputs()),
        Heat.opinions(its.getInputs()),
        Heat.rewards(its.getInputs()),
        its.getShadowsCount() == 0 ? null : shadow(its, its.getShadows(0)),
        root.getNestedCount() == 0 ? null : Branch.of(root, its.getId()),
        its.getNestedLeftOut(),
        measures,
        documents,
        unknown(its),
        feedback,
        more,
        DecisionResource.json(its));
  }

  /** All calls of all members. */
  public List<CallRow> calls() {
    return candidates.stream().flatMap(its -> its.calls().stream()).toList();
  }

  /** How many calls of all members were not told. */
  public int callsLeftOut() {
    return candidates.stream().mapToInt(CandidateRow::callsLeftOut).sum();
  }

  /** Whether a column of the candidates has something in it. */
  public boolean isScored() {
    return any(its -> its.score() != null);
  }

  /** As {@link #isScored}. */
  public boolean isDrawn() {
    return any(its -> its.propensity() != null);
  }

  /** As {@link #isScored}. */
  public boolean isWeighed() {
    return any(its -> its.weight() != null);
  }

  /** As {@link #isScored}. */
  public boolean isExpected() {
    return any(its -> its.expectedUsd() != null);
  }

  /** As {@link #isScored}. */
  public boolean isTimed() {
    return any(its -> its.seconds() != null);
  }

  /** As {@link #isScored}. */
  public boolean isAnswered() {
    return any(its -> its.answer() != null);
  }

  /** As {@link #isScored}. */
  public boolean isSignalled() {
    return any(its -> !its.signals().isEmpty() || !its.sampling().isEmpty());
  }

  /** As {@link #isScored}. */
  public boolean isBlamed() {
    return any(its -> !its.failure().isEmpty());
  }

  /** Its page. */
  public String href() {
    return DecisionPages.href(id);
  }

  private boolean any(Predicate<CandidateRow> column) {
    return candidates.stream().anyMatch(column);
  }

  private static String entry(Decision its) {
    String kind = its.getMethod().isEmpty() ? "models" : "ensembles";
    return its.getEnsembleVersion() == 0
        ? null
        : "/console/%s/%s".formatted(kind, Curl.encoded(its.getEnsemble()));
  }

  private static String family(Decision its) {
    return switch (its.getFamily()) {
      case FAMILY_UNSPECIFIED -> "";
      case UNRECOGNIZED -> "unknown";
      default -> Shown.word(its.getFamily());
    };
  }

  private static Artifact artifact(Decision its, String name, int version) {
    String service =
        switch (its.getFamily()) {
          case FAMILY_FUSION -> Services.FUSION;
          case FAMILY_CASCADE -> Services.CASCADE;
          case FAMILY_TOKEN, FAMILY_SPAN, FAMILY_PROCESS -> Services.DECODER;
          case FAMILY_ROUTER, FAMILY_UNSPECIFIED, UNRECOGNIZED -> Services.ROUTER;
        };
    return new Artifact(
        name,
        version,
        "/console/artifacts/%s/%s".formatted(Curl.encoded(service), Curl.encoded(name)));
  }

  private static ShadowView shadow(Decision its, Shadow shadow) {
    var ranked = new ArrayList<ShadowRow>();
    for (ShadowChoice choice : shadow.getRankedList()) {
      ranked.add(
          new ShadowRow(
              ranked.size() + 1, choice.getMember(), choice.getScore(), choice.getPropensity()));
    }
    return new ShadowView(
        artifact(its, shadow.getArtifact(), shadow.getArtifactVersion()),
        shadow.getActiveChoice(),
        ranked);
  }

  private static String text(Value value) {
    return switch (value.getKindCase()) {
      case NUMBER_VALUE ->
          Double.isFinite(value.getNumberValue())
              ? Shown.rounded(value.getNumberValue())
              : Double.toString(value.getNumberValue());
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case STRING_VALUE -> value.getStringValue();
      default -> "none";
    };
  }

  /** What this build cannot read, with its numbers; those within too. */
  private static String unknown(Message message) {
    var text = new StringBuilder(message.getUnknownFields().toString());
    for (Object field : message.getAllFields().values()) {
      if (field instanceof Message within) {
        text.append(unknown(within));
      } else if (field instanceof List<?> several) {
        several.forEach(each -> text.append(each instanceof Message within ? unknown(within) : ""));
      }
    }
    return text.toString();
  }

  private static Instant instant(com.google.protobuf.Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
