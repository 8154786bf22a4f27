package dev.tutti.registry.console;

import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Stages;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.console.Column.Ending;
import dev.tutti.registry.console.Column.Fact;
import dev.tutti.registry.console.Column.Rating;
import dev.tutti.registry.console.Column.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** What one answers in the playground, noted while it comes. Confined to one thread. */
final class Telling {

  /** Steps that are kept; beyond them nobody reads. */
  private static final int MOST_STEPS = 200;

  private final String name;
  private final String id;
  private final Curl call;
  private final long start = System.nanoTime();
  private final StringBuilder text = new StringBuilder();
  private final List<Step> steps = new ArrayList<>();
  private Spent spent = Spent.getDefaultInstance();
  private Completion completion;
  private boolean heard;
  private long first;

  /**
   * Begins with the question.
   *
   * @param id of the request
   */
  Telling(String name, String id, Curl call) {
    this.name = name;
    this.id = id;
    this.call = call;
  }

  /** Notes an event. */
  void note(GenerateResponse event) {
    heard = true;
    switch (event.getEventCase()) {
      case DELTA -> {
        if (first == 0 && !event.getDelta().getText().isEmpty()) {
          first = System.nanoTime();
        }
        text.append(event.getDelta().getText());
      }
      case PROGRESS -> {
        if (isStep(event.getProgress()) && steps.size() < MOST_STEPS) {
          steps.add(step(event.getProgress()));
        }
      }
      case SPENT -> spent = event.getSpent();
      case COMPLETION -> completion = event.getCompletion();
      // An endpoint's own form is not asked for.
      case WIRE, EVENT_NOT_SET -> {}
    }
  }

  /** Whether it says more than that work goes on. */
  static boolean isStep(Progress progress) {
    return !progress.getStage().equals(Stages.WAITING);
  }

  static Step step(Progress progress) {
    return new Step(progress.getStage(), progress.getMember(), progress.getMessage());
  }

  /**
   * How it ended.
   *
   * @param problem null where it did not end too early
   */
  Ending ending(Problem problem) {
    Decision decision =
        completion == null ? Decision.getDefaultInstance() : completion.getDecision();
    String decided = decision.getId().isEmpty() ? id : decision.getId();
    Rating rating =
        completion == null || problem != null
            ? null
            : new Rating(decided, chosen(decision), "console-" + UUID.randomUUID(), 1);
    return new Ending(
        facts(),
        decision.getExplanation(),
        // Who was refused before anything began has none.
        heard ? "/console/decisions/" + Curl.encoded(decided) : null,
        rating,
        problem);
  }

  /** All of it. */
  Column column(Problem problem) {
    return new Column(name, call, text.toString(), List.copyOf(steps), ending(problem));
  }

  /** None where it is the answer of one alone: the decision knows that. */
  private static List<String> chosen(Decision decision) {
    List<String> chosen =
        decision.getCandidatesList().stream()
            .filter(Candidate::getChosen)
            .map(Candidate::getMember)
            .toList();
    return chosen.size() == 1 ? List.of() : chosen;
  }

  private List<Fact> facts() {
    var facts = new ArrayList<Fact>();
    double usd = completion == null ? spent.getCostUsd() : completion.getCostUsd();
    Usage usage = completion == null ? spent.getUsage() : completion.getUsage();
    if (completion != null) {
      if (!completion.getAuthor().isEmpty() && !completion.getAuthor().equals(name)) {
        facts.add(new Fact("Answered by", completion.getAuthor()));
      }
      if (completion.getFinishReason() != FinishReason.UNRECOGNIZED) {
        facts.add(new Fact("Ended by", ContractEnums.word(completion.getFinishReason())));
      }
    }
    facts.add(new Fact("Cost", Shown.rounded(usd) + " USD"));
    facts.add(
        new Fact(
            "Tokens",
            "%,d read, %,d written%s"
                .formatted(
                    usage.getPromptTokens(),
                    usage.getCompletionTokens(),
                    usage.getEstimated() ? " (estimated)" : "")));
    if (first != 0) {
      facts.add(new Fact("First token", seconds(first - start)));
    }
    facts.add(new Fact("Whole time", seconds(System.nanoTime() - start)));
    if (completion != null) {
      decided(completion.getDecision(), facts);
    }
    return facts;
  }

  private static void decided(Decision decision, List<Fact> facts) {
    CacheOutcome kept = decision.getCache().getOutcome();
    if (kept == CacheOutcome.CACHE_OUTCOME_EXACT || kept == CacheOutcome.CACHE_OUTCOME_SEMANTIC) {
      facts.add(new Fact("From the cache", "the answer to " + decision.getCache().getRequestId()));
    }
    if (decision.hasCostAvoidedUsd()) {
      facts.add(new Fact("Cost avoided", Shown.rounded(decision.getCostAvoidedUsd()) + " USD"));
    }
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
  }

  /** The tokens of a piece. */
  static List<TokenView> tokens(TextDelta delta) {
    return delta.getLogprobsList().stream().map(TokenView::of).toList();
  }
}
