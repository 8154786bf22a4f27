package dev.tutti.kit.calls;

import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberCall;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.grpc.Delivered;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.type.v1.Member;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * Every call that one request made: what it was, how it ended, what it used. Confined to the
 * request's thread.
 */
public final class CallLog {

  /** So many calls of one member are told in a decision. */
  private static final int MOST_TOLD = 64;

  static final Failure LEFT = new Failure.Cancelled("CANCELLED", "The caller left.");

  /** One call for one answer. */
  static final class Entry {

    final Call call;
    final Asked asked;
    final Optional<Delivered> delivered;

    /** The caller had it already, and has paid for it. */
    final boolean brought;

    /** What the caller paid is taken from the request's budget all the same. */
    private final boolean charged;

    private Outcome outcome;

    /** The same as a method sees it: read once, however often the method looks. */
    private Stage stage;

    private Optional<String> compared = Optional.empty();
    private OptionalDouble score = OptionalDouble.empty();
    private OptionalDouble threshold = OptionalDouble.empty();
    private OptionalDouble soFarUsd = OptionalDouble.empty();
    private volatile boolean begun;
    private long beganNanos;

    Entry(Call call, Asked asked, Optional<Delivered> delivered) {
      this(call, asked, delivered, false, true);
    }

    private Entry(
        Call call, Asked asked, Optional<Delivered> delivered, boolean brought, boolean charged) {
      this.call = call;
      this.asked = asked;
      this.delivered = delivered;
      this.brought = brought;
      this.charged = charged;
    }

    /** One that nobody had to be asked for. */
    static Entry brought(Outcome.Answered outcome) {
      Call call = Call.Generate.asAsked(outcome.asked().member());
      return ended(new Entry(call, outcome.asked(), Optional.empty(), true, false), outcome);
    }

    /** One that the caller made. */
    static Entry made(Call call, Outcome outcome) {
      return ended(new Entry(call, outcome.asked(), Optional.empty(), true, true), outcome);
    }

    private static Entry ended(Entry entry, Outcome outcome) {
      entry.end(outcome);
      return entry;
    }

    /** Its turn has come. */
    void begin() {
      beganNanos = System.nanoTime();
      begun = true;
    }

    /** It ended so; on the request's thread. */
    void end(Outcome its) {
      outcome = its;
      stage = its.stage();
    }

    /** Time since then. */
    double seconds() {
      return begun ? (System.nanoTime() - beganNanos) / 1e9 : 0;
    }

    private Spent spent() {
      if (outcome != null) {
        return outcome.spent();
      }
      return begun && delivered.isPresent()
          ? delivered.get().bill(LEFT)
          : Spent.getDefaultInstance();
    }
  }

  private final List<Member> members;
  private final List<Entry> entries = new ArrayList<>();

  CallLog(List<Member> members) {
    this.members = members;
  }

  void add(Entry entry) {
    entries.add(entry);
  }

  /**
   * Adds answers that the caller has, a call a member.
   *
   * @param first number of the first of those calls
   * @return how many they are
   */
  int bring(List<Brought> brought, int first, int round) {
    var calls = new HashMap<Integer, Integer>();
    var samples = new HashMap<Integer, Integer>();
    for (Brought its : brought) {
      int call = calls.computeIfAbsent(its.member(), _ -> first + calls.size());
      int sample = samples.merge(its.member(), 1, Integer::sum) - 1;
      var asked = new Asked(call, sample, its.member(), round, its.purpose());
      add(Entry.brought(new Outcome.Answered(asked, its.answer(), 0, false)));
    }
    return calls.size();
  }

  /** How every call ended that has; in the order of calls and samples. */
  public List<Outcome> outcomes() {
    return entries.stream().map(entry -> entry.outcome).filter(Objects::nonNull).toList();
  }

  /** The same, as methods see it. */
  List<Stage> stages() {
    return entries.stream().map(entry -> entry.stage).filter(Objects::nonNull).toList();
  }

  /** What those gave that wrote an answer, in their order. */
  public List<MemberAnswer> answers() {
    return outcomes().stream()
        .filter(Outcome.Answered.class::isInstance)
        .map(outcome -> ((Outcome.Answered) outcome).answer())
        .toList();
  }

  /** Why calls failed, by member: the last time where it was more than once. */
  public SequencedMap<String, Failure> failures() {
    var failures = new LinkedHashMap<String, Failure>();
    for (Outcome outcome : outcomes()) {
      if (outcome instanceof Outcome.Failed failed) {
        failures.put(name(failed.asked().member()), failed.failure());
      }
    }
    return failures;
  }

  /** Decisions of members that are ensembles, in their order. */
  List<Decision> decisions() {
    return answers().stream()
        .map(MemberAnswer::completion)
        .filter(Completion::hasDecision)
        .map(Completion::getDecision)
        .toList();
  }

  /**
   * What all calls used, those that failed among them, and those that run, by what they told;
   * answers that were brought along used nothing here.
   */
  public Spent spent() {
    List<Entry> ours = entries.stream().filter(entry -> !entry.brought).toList();
    var spent = new LinkedHashMap<String, Spent>();
    for (int m = 0; m < members.size(); m++) {
      spent.merge(name(m), spent(m, ours), CallLog::sum);
    }
    return Usages.total(spent);
  }

  /** What of the request's budget is gone, US dollars. */
  public double chargedUsd() {
    return entries.stream()
        .filter(entry -> entry.charged)
        .mapToDouble(entry -> entry.spent().getCostUsd())
        .sum();
  }

  private static Spent spent(int member, List<Entry> counted) {
    return counted.stream()
        .filter(entry -> entry.asked.member() == member)
        .map(Entry::spent)
        .filter(Usages::isSomething)
        .reduce(CallLog::sum)
        .orElse(Spent.getDefaultInstance());
  }

  private static Spent sum(Spent one, Spent other) {
    return Spent.newBuilder()
        .setUsage(Usages.sum(one.getUsage(), other.getUsage()))
        .setCostUsd(one.getCostUsd() + other.getCostUsd())
        .build();
  }

  /**
   * Remembers how the method saw an answer, for the decision.
   *
   * @param stage its place among the stages
   * @param compared the answer as it was compared
   * @param score the method's own score for it
   */
  public void note(int stage, Optional<String> compared, OptionalDouble score) {
    Entry entry = entries.get(stage);
    entry.compared = compared;
    entry.score = score;
  }

  /**
   * Remembers how a method that stops at an answer saw it, for the decision.
   *
   * @param stage its place among the stages
   * @param score the method's own score for it
   * @param threshold least score at which it would be taken
   */
  public void judge(int stage, OptionalDouble score, OptionalDouble threshold) {
    Entry entry = entries.get(stage);
    entry.score = score;
    entry.threshold = threshold;
    entry.soFarUsd = OptionalDouble.of(chargedUsd());
  }

  /** The score that the method gave to the last answer of a member that it scored. */
  public OptionalDouble score(int member) {
    return scored(member).map(entry -> entry.score).orElse(OptionalDouble.empty());
  }

  private Optional<Entry> scored(int member) {
    return entries.reversed().stream()
        .filter(entry -> entry.asked.member() == member && entry.score.isPresent())
        .findFirst();
  }

  /**
   * Tells of a member in a decision: whether it was called, what that cost, why it did not answer,
   * and of each call where there was more than one, or one for something else than an answer.
   */
  public Candidate.Builder candidate(int member, MemberCard card) {
    List<Entry> its = entries.stream().filter(e -> e.asked.member() == member).toList();
    Candidate.Builder candidate =
        Candidate.newBuilder()
            .setMember(card.name())
            .setRole(card.role())
            .setCalled(its.stream().anyMatch(e -> !e.brought));
    scored(member)
        .ifPresent(
            entry -> {
              entry.threshold.ifPresent(candidate::setThreshold);
              entry.soFarUsd.ifPresent(candidate::setCostSoFarUsd);
            });
    if (members.get(member).hasSampling()) {
      candidate.setSampling(members.get(member).getSampling());
    }
    Spent spent = spent(member, its);
    boolean answered = its.stream().anyMatch(e -> e.outcome instanceof Outcome.Answered);
    if (Usages.isSomething(spent) || answered) {
      candidate.setCostUsd(spent.getCostUsd());
    }
    if (!answered && its.stream().anyMatch(e -> !failure(e).isEmpty())) {
      Entry last =
          its.reversed().stream().filter(e -> !failure(e).isEmpty()).findFirst().orElseThrow();
      candidate.setFailure(failure(last)).setUnneeded(last.outcome instanceof Outcome.Unneeded);
    }
    if (its.size() > 1 || its.stream().anyMatch(CallLog::isSpecial)) {
      its.stream().limit(MOST_TOLD).map(CallLog::call).forEach(candidate::addCalls);
      candidate.setCallsLeftOut(Math.max(0, its.size() - MOST_TOLD));
    }
    return candidate;
  }

  private static boolean isSpecial(Entry entry) {
    return !(entry.call instanceof Call.Generate) || !entry.asked.purpose().isEmpty();
  }

  private static MemberCall call(Entry entry) {
    MemberCall.Builder told =
        MemberCall.newBuilder()
            .setKind(
                switch (entry.call) {
                  case Call.Generate _ -> CallKind.CALL_KIND_GENERATE;
                  case Call.Score _ -> CallKind.CALL_KIND_SCORE;
                  case Call.Embed _ -> CallKind.CALL_KIND_EMBED;
                })
            .setRound(entry.asked.round())
            .setSample(entry.asked.sample())
            .setPurpose(entry.asked.purpose())
            .setCostUsd(entry.spent().getCostUsd())
            .setFailure(failure(entry))
            .setUnneeded(entry.outcome instanceof Outcome.Unneeded);
    if (entry.outcome != null) {
      told.setSeconds(entry.outcome.seconds());
    }
    if (entry.outcome instanceof Outcome.Answered answered) {
      Completion its = answered.answer().completion();
      told.setSignals(its.getSignals())
          .setAnswer(MemberAnswer.shown(entry.compared.orElse(its.getText())));
    }
    entry.score.ifPresent(told::setScore);
    entry.threshold.ifPresent(told::setThreshold);
    entry.soFarUsd.ifPresent(told::setCostSoFarUsd);
    return told.build();
  }

  private static String failure(Entry entry) {
    return switch (entry.outcome) {
      case Outcome.Failed failed -> failed.failure().message();
      case Outcome.Unneeded _ -> "Not waited for: the answers of the others did.";
      case Outcome.Answered _, Outcome.Scored _, Outcome.Embedded _ -> "";
      case null -> "";
    };
  }

  private String name(int member) {
    return member == Call.PLATFORM ? "embedder" : RecipeRequest.name(members.get(member));
  }
}
