package dev.tutti.router.feedback;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.method.v1.Family;
import dev.tutti.router.Feedback;
import dev.tutti.router.access.Caller;
import dev.tutti.router.v1.FeedbackSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Feedback with all that a learner needs to place it, copied from its decision.
 *
 * @param key identifies it: where somebody gave it whose team has a name, that and a space stand
 *     before it, so that each team has keys of its own
 * @param content SHA-256 of what was said; not to be changed
 * @param decision id of the decision
 * @param ensemble that decided; a model's name where it was asked by itself
 * @param ensembleVersion its version
 * @param method its method; empty for a model
 * @param team whose decision it is
 * @param kind what is said
 * @param member who it is about; of a comparison, the winner
 * @param other the loser of a comparison; empty otherwise
 * @param score quality from 0 to 1; of a comparison 1, or 0.5 for a tie
 * @param source who says so, in lower case
 * @param comment for people; may be empty
 * @param domain that the question was about; may be empty
 * @param pool who could have been asked
 * @param usd what the answer cost, US dollars
 * @param seconds how long it took
 * @param embedding of the query; empty where the decision has none
 */
public record FeedbackRow(
    String key,
    byte[] content,
    String decision,
    String ensemble,
    long ensembleVersion,
    String method,
    String team,
    Kind kind,
    String member,
    String other,
    double score,
    String source,
    String comment,
    String domain,
    List<String> pool,
    OptionalDouble usd,
    OptionalDouble seconds,
    float[] embedding) {

  /** Keys that begin so are this service's own. */
  static final String OWN = "tutti:";

  /** What is said. */
  public enum Kind {
    /** A rating. */
    RATING,
    /** Whether it is correct. */
    CORRECT,
    /** There was no answer. */
    FAILED,
    /** Which of two is better. */
    COMPARISON;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /**
   * A row.
   *
   * @param given checked as far as it can be without its decision
   * @param path of it in the request, for errors
   * @throws FailureException ({@link Failure.InvalidArgument}) when it says something about members
   *     that are not in the decision, does not say about which, or compares one with itself
   */
  static FeedbackRow of(
      dev.tutti.router.v1.Feedback given, String path, Decision decision, float[] embedding) {
    Kind kind = Kind.of(given.getSaysCase().name());
    String member;
    String other = "";
    if (kind == Kind.COMPARISON) {
      member = candidate(given.getComparison().getWinner(), path + "comparison.winner", decision);
      other = candidate(given.getComparison().getLoser(), path + "comparison.loser", decision);
      FeedbackRules.requireTwo(member, other, path);
    } else {
      member =
          given.getMember().isEmpty()
              ? chosen(path + "member", decision)
              : candidate(given.getMember(), path + "member", decision);
    }
    var whole =
        given.toBuilder()
            .setSource(
                given.getSource() == FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED
                    ? FeedbackSource.FEEDBACK_SOURCE_PERSON
                    : given.getSource());
    if (kind != Kind.COMPARISON) {
      whole.setMember(member);
    }
    byte[] content = sha256(whole.clearKey().build().toByteArray());
    Candidate its = find(member, decision).orElseThrow();
    return new FeedbackRow(
        given.getKey().isEmpty()
            ? OWN + "content:" + HexFormat.of().formatHex(content)
            : ofTeam(Caller.current().team()) + given.getKey(),
        content,
        decision.getId(),
        decision.getEnsemble(),
        decision.getEnsembleVersion(),
        decision.getMethod(),
        decision.getTeam().isEmpty() ? Caller.NO_TEAM : decision.getTeam(),
        kind,
        member,
        other,
        score(given),
        text(whole.getSource()),
        given.getComment(),
        given.getDomain(),
        pool(decision),
        usd(its),
        seconds(its),
        embedding);
  }

  private static String ofTeam(String giver) {
    return giver.equals(Caller.NO_TEAM) ? "" : giver + " ";
  }

  /** The key as it was given, or made. */
  String givenKey() {
    return key.substring(key.indexOf(' ') + 1);
  }

  /**
   * The same with the members' own names, where they were called as datasets know them, or by an
   * alias.
   *
   * @param own the own name of what is called so
   */
  static dev.tutti.router.v1.Feedback named(
      dev.tutti.router.v1.Feedback given, Decision decision, UnaryOperator<String> own) {
    var named = given.toBuilder();
    if (!given.getMember().isEmpty()) {
      named.setMember(named(given.getMember(), decision, own));
    }
    if (given.hasComparison()) {
      named
          .getComparisonBuilder()
          .setWinner(named(given.getComparison().getWinner(), decision, own))
          .setLoser(named(given.getComparison().getLoser(), decision, own));
    }
    return named.build();
  }

  private static String named(String member, Decision decision, UnaryOperator<String> own) {
    if (find(member, decision).isPresent()) {
      return member;
    }
    return decision.getCandidatesList().stream()
        .filter(c -> c.getAs().equals(member))
        .map(Candidate::getMember)
        .findFirst()
        .or(() -> Optional.of(own.apply(member)).filter(name -> find(name, decision).isPresent()))
        .orElse(member);
  }

  /**
   * What a call that failed says by itself. Its key is of the decision and the member: once each.
   */
  public static FeedbackRow failed(Decision decision, String member, float[] embedding) {
    var says =
        dev.tutti.router.v1.Feedback.newBuilder()
            .setKey(OWN + "failed:" + decision.getId() + ":" + member)
            .setDecision(decision.getId())
            .setMember(member)
            .setFailed(true)
            .setSource(FeedbackSource.FEEDBACK_SOURCE_ROUTER)
            .build();
    return of(says, "", decision, embedding);
  }

  /** As a learner takes it. */
  Feedback feedback() {
    return switch (kind) {
      case RATING, CORRECT ->
          new Feedback.Rated(
              embedding, member, score, usd.orElse(0), seconds.orElse(0), Set.copyOf(pool));
      case FAILED -> new Feedback.Failed(embedding, member, Set.copyOf(pool));
      case COMPARISON -> new Feedback.Compared(embedding, member, other, score);
    };
  }

  private static double score(dev.tutti.router.v1.Feedback given) {
    return switch (given.getSaysCase()) {
      case RATING -> given.getRating();
      case CORRECT -> given.getCorrect() ? 1 : 0;
      case COMPARISON -> given.getComparison().getTie() ? 0.5 : 1;
      case FAILED, SAYS_NOT_SET -> 0;
    };
  }

  /** A source as it is kept and shown: {@code person}, ... */
  public static String text(FeedbackSource source) {
    return source.name().substring("FEEDBACK_SOURCE_".length()).toLowerCase(Locale.ROOT);
  }

  /** Of a router those that it scored: the others were left out before. */
  private static List<String> pool(Decision decision) {
    List<String> scored =
        decision.getFamily() == Family.FAMILY_ROUTER
            ? decision.getCandidatesList().stream()
                .filter(Candidate::hasScore)
                .map(Candidate::getMember)
                .toList()
            : List.of();
    return scored.isEmpty()
        ? decision.getCandidatesList().stream().map(Candidate::getMember).toList()
        : scored;
  }

  /** What it cost; what it was expected to cost where it was not called. */
  private static OptionalDouble usd(Candidate its) {
    return its.hasCostUsd()
        ? OptionalDouble.of(its.getCostUsd())
        : its.hasExpectedUsd() ? OptionalDouble.of(its.getExpectedUsd()) : OptionalDouble.empty();
  }

  private static OptionalDouble seconds(Candidate its) {
    return its.hasSeconds()
        ? OptionalDouble.of(its.getSeconds())
        : its.hasExpectedSeconds()
            ? OptionalDouble.of(its.getExpectedSeconds())
            : OptionalDouble.empty();
  }

  private static Optional<Candidate> find(String member, Decision decision) {
    return decision.getCandidatesList().stream()
        .filter(c -> c.getMember().equals(member))
        .findFirst();
  }

  private static String candidate(String member, String path, Decision decision) {
    if (find(member, decision).isEmpty()) {
      throw Failure.invalid(
          path,
          "'%s' is no candidate of decision '%s'; they are: %s."
              .formatted(FeedbackRules.shown(member), decision.getId(), candidates(decision)));
    }
    return member;
  }

  private static String chosen(String path, Decision decision) {
    List<String> chosen =
        decision.getCandidatesList().stream()
            .filter(Candidate::getChosen)
            .map(Candidate::getMember)
            .toList();
    if (chosen.size() == 1) {
      return chosen.getFirst();
    }
    if (decision.getCandidatesCount() == 1) {
      return decision.getCandidates(0).getMember();
    }
    throw Failure.invalid(
        path,
        "%s is required: the answer of decision '%s' is not that of one member; candidates are: %s."
            .formatted(path, decision.getId(), candidates(decision)));
  }

  private static String candidates(Decision decision) {
    return String.join(
        ", ", decision.getCandidatesList().stream().map(Candidate::getMember).toList());
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
