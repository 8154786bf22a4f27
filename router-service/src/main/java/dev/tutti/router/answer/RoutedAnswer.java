package dev.tutti.router.answer;

import com.google.protobuf.util.Durations;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Timing;
import dev.tutti.kit.grpc.Drain;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.MemberFailures;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.router.Route;
import dev.tutti.type.v1.Member;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * One answer of a routing ensemble: the first of the ranking is asked and its events pass straight
 * through once it has said something. One that fails before, or whose filter lets nothing be said,
 * is followed by the next; after the first text a failure is the answer's own. Where nobody else
 * answers, the filter's word is the answer. Confined to one thread.
 */
final class RoutedAnswer {

  // The caller's logit_bias names what this member has not.
  private static final String BIAS_UNSUPPORTED = "BIAS_UNSUPPORTED";

  private final Plan plan;
  private final GenerateRequest request;
  private final Expectations expectations;
  private final MemberCall call;
  private final Decision.Builder decision;
  private final SequencedMap<String, Failure> failures = new LinkedHashMap<>();
  private final SequencedMap<String, Spent> spent = new LinkedHashMap<>();
  private final Set<String> failed = new LinkedHashSet<>();
  private final long start = System.nanoTime();

  /** An answer of which a filter left nothing. */
  private record Filtered(Route.Choice choice, Opening opening, Completion completion) {}

  private static final Failure FILTERED =
      new Failure.FailedPrecondition(
          "", "CONTENT_FILTERED", "Its content filter let nothing be said.");

  private long firstToken = -1;

  /** Asks a member, and hands deltas and progress on. */
  @FunctionalInterface
  interface MemberCall {
    Result ask(GenerateRequest request, EventSink<GenerateResponse> sink);
  }

  RoutedAnswer(Plan plan, GenerateRequest request, Expectations expectations, MemberCall call) {
    this.plan = plan;
    this.request = request;
    this.expectations = expectations;
    this.call = call;
    this.decision = plan.decision(request.getRequestId());
  }

  /** Asks until one answers. */
  Result run(EventSink<GenerateResponse> sink) {
    try {
      return new Result.Answered(ask(sink), routing());
    } catch (RuntimeException e) {
      return new Result.Failed(e, Usages.total(spent), Optional.of(decision.build()), routing());
    }
  }

  private Result.Routing routing() {
    return new Result.Routing(plan.query().embedding(), failed);
  }

  private Completion ask(EventSink<GenerateResponse> sink) {
    RecipeRequest asked =
        new RecipeRequest(
            request.getRequestId(), request.toBuilder().setRecipe(plan.recipe()).build());
    Filtered filtered = null;
    for (Route.Choice choice : plan.route().ranked()) {
      Member member = plan.member(choice.member());
      Candidate.Builder candidate = candidate(choice.member());
      candidate.setCalled(true);
      long called = System.nanoTime();
      var opening = new Opening(choice.member(), timing(sink));
      Result result = call.ask(forMember(asked, member), noting(choice.member(), opening));
      candidate.setSeconds(Expectations.secondsSince(called));
      switch (result) {
        case Result.Answered(Completion its, _) -> {
          used(choice.member(), Completions.spent(its));
          if (member.hasModel()) {
            expectations.answered(member, its, request.getChoices(), candidate.getSeconds());
          }
          if (opening.isOver()
              || its.getFinishReason() != FinishReason.FINISH_REASON_CONTENT_FILTER) {
            opening.end();
            return complete(choice, candidate, its);
          }
          filtered = filtered == null ? new Filtered(choice, opening, its) : filtered;
          next(choice.member(), candidate, FILTERED, sink);
        }
        case Result.Failed its -> {
          if (Usages.isSomething(its.spent())) {
            used(choice.member(), its.spent());
          }
          if (!(its.why() instanceof FailureException why)) {
            throw its.why();
          }
          candidate.setFailure(why.failure().message());
          // Who had begun to answer had nothing against the request.
          boolean own =
              isMembersOwn(why.failure())
                  || (why.failure() instanceof Failure.InvalidArgument
                      && (opening.isBegun() || spent.containsKey(choice.member())));
          if (own && isBlamed(why.failure().reason())) {
            failed.add(choice.member());
          }
          if (opening.isOver() || !own) {
            throw why;
          }
          next(choice.member(), candidate, why.failure(), sink);
        }
      }
    }
    if (filtered != null) {
      filtered.opening().end();
      failures.remove(filtered.choice().member());
      return complete(
          filtered.choice(),
          candidate(filtered.choice().member()).clearFailure(),
          filtered.completion());
    }
    if (failures.size() == 1) {
      throw failures.firstEntry().getValue().exception();
    }
    throw MemberFailures.combined(failures);
  }

  /** Remembers why a member did not answer, before the next one is asked. */
  private void next(
      String member, Candidate.Builder candidate, Failure why, EventSink<GenerateResponse> sink) {
    candidate.setFailure(why.message());
    failures.putLast(member, why);
    sink.emit(failed(member, why));
  }

  /** Whoever is chosen answers as if it had been asked itself, so the wire form goes along. */
  private GenerateRequest forMember(RecipeRequest asked, Member member) {
    GenerateRequest its = asked.forMember(member, request.getSampling());
    return request.hasWire() ? its.toBuilder().setWire(request.getWire()).build() : its;
  }

  /** Hands on all but what a member tells of its failure: the next one may answer. */
  private EventSink<GenerateResponse> noting(String member, EventSink<GenerateResponse> sink) {
    return event -> {
      if (event.hasSpent()) {
        used(member, event.getSpent());
      } else {
        sink.emit(event);
      }
    };
  }

  private void used(String member, Spent its) {
    spent.putLast(member, its);
    candidate(member).setCostUsd(its.getCostUsd());
  }

  private EventSink<GenerateResponse> timing(EventSink<GenerateResponse> sink) {
    return event -> {
      if (firstToken < 0 && (event.hasDelta() || event.hasWire())) {
        firstToken = System.nanoTime() - start;
      }
      sink.emit(event);
    };
  }

  /**
   * Whether another member may do better: where the member, or the ensemble below it, is at fault,
   * is too small or too dear for this request, or has a filter of its own. What else the caller did
   * wrong is wrong for every member.
   */
  private static boolean isMembersOwn(Failure failure) {
    return switch (failure) {
      case Failure.Unavailable _,
          Failure.ResourceExhausted _,
          Failure.Internal _,
          Failure.FailedPrecondition _,
          Failure.NotFound _ ->
          true;
      case Failure.DeadlineExceeded _ -> {
        Deadline ours = Context.current().getDeadline();
        yield ours == null || !ours.isExpired();
      }
      case Failure.InvalidArgument f ->
          f.reason().equals("CONTEXT_LENGTH_EXCEEDED")
              || f.reason().startsWith("CONTENT_")
              || f.reason().equals("CAPABILITY_MISSING")
              || f.reason().equals(BIAS_UNSUPPORTED)
              || f.reason().startsWith("BUDGET_");
      case Failure.Cancelled _, Failure.Unauthenticated _, Failure.PermissionDenied _ -> false;
    };
  }

  /**
   * Whether a failure says how well a member answers: what it may spend says nothing of that, nor
   * does a bias of the caller's that it cannot take, or a service of ours that stops or is away.
   */
  private static boolean isBlamed(String reason) {
    return !reason.startsWith("BUDGET_")
        && !reason.equals(BIAS_UNSUPPORTED)
        && !reason.equals(Drain.REASON)
        && !reason.equals(Status.Code.UNAVAILABLE.name());
  }

  private Completion complete(Route.Choice choice, Candidate.Builder candidate, Completion its) {
    candidate.setChosen(true).setWeight(1);
    if (its.hasSignals()) {
      candidate.setSignals(its.getSignals());
    }
    if (its.hasDecision()) {
      decision.addNested(its.getDecision());
    }
    if (!failures.isEmpty()) {
      decision.setExplanation(
          "%s %s answered after %s failed."
              .formatted(
                  plan.route().explanation(),
                  choice.member(),
                  String.join(", ", failures.sequencedKeySet())));
    }
    spent.putLast(choice.member(), Completions.spent(its));
    Spent all = Usages.total(spent);
    long end = System.nanoTime() - start;
    Timing.Builder timing =
        Timing.newBuilder()
            .setQueued(its.getTiming().getQueued())
            .setTotal(Durations.fromNanos(end));
    if (firstToken >= 0) {
      timing.setFirstToken(Durations.fromNanos(firstToken));
    }
    return its.toBuilder()
        .setUsage(all.getUsage())
        .setCostUsd(all.getCostUsd())
        .setTiming(timing)
        .setDecision(decision.build())
        .build();
  }

  private Candidate.Builder candidate(String member) {
    return decision.getCandidatesBuilderList().stream()
        .filter(c -> c.getMember().equals(member))
        .findFirst()
        .orElseThrow();
  }

  private static GenerateResponse failed(String member, Failure failure) {
    return GenerateResponse.newBuilder()
        .setProgress(
            Progress.newBuilder()
                .setStage("failed")
                .setMember(member)
                .setMessage(failure.message()))
        .build();
  }
}
