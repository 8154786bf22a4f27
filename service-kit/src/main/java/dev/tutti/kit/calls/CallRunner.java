package dev.tutti.kit.calls;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.kit.calls.CallLog.Entry;
import dev.tutti.kit.calls.CallPreparation.Prepared;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.type.v1.Member;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Makes the calls of one request, a virtual thread each, and keeps the log of them. Confined to the
 * request's thread.
 *
 * <p>What was used so far is told ({@link Spent}) when a call ends and, while calls run, five times
 * a second where there is news: a caller that leaves leaves the bill of what was written by then.
 */
public final class CallRunner {

  /** So many calls of one request are at work together. */
  static final int MOST_AT_ONCE = 64;

  /**
   * Where the request is long, fewer are: each call has a copy of it to send, and so many bytes of
   * them are at work together, or one copy.
   */
  static final long MOST_BYTES_AT_ONCE = 256L << 20;

  private static final Duration TICK = Duration.ofMillis(200);

  /** Hears how calls end, on the request's thread. */
  public interface Listener {

    /** A call ended. */
    void heard(Outcome outcome);

    /** How long to wait for the next one; empty for as long as it takes. */
    default Optional<Duration> patience() {
      return Optional.empty();
    }
  }

  private final RecipeRequest request;
  private final Query query;
  private final IntFunction<String> roles;
  private final EventSink<GenerateResponse> sink;
  private final CallLog log;
  private final CallCosts costs;
  private final CallPreparation preparation;
  private int made;
  private int rounds;
  private Spent told = Spent.getDefaultInstance();
  private long toldNanos;

  /**
   * Of one request.
   *
   * @param roles the role that a member of this number has
   * @param sink gets what was used
   */
  public CallRunner(
      RecipeRequest request,
      IntFunction<String> roles,
      MemberCalls calls,
      EventSink<GenerateResponse> sink) {
    this.request = request;
    this.query = Wire.query(request);
    this.roles = roles;
    this.sink = sink;
    this.log = new CallLog(request.members());
    this.costs = new CallCosts(request, log);
    this.preparation = new CallPreparation(request, calls);
  }

  /**
   * Of one request that a method answers.
   *
   * @param sink gets what was used
   * @throws dev.tutti.kit.grpc.FailureException where the method rewrites prompts and the request
   *     holds what is not interpreted
   */
  public static CallRunner of(
      MethodDefinition<?> method,
      RecipeRequest request,
      MemberCalls calls,
      EventSink<GenerateResponse> sink) {
    if (method.rewrites()) {
      RequestRules.requireInterpreted(request.request());
    }
    return new CallRunner(request, member -> method.role(request.recipe(), member), calls, sink);
  }

  /** The calls so far. */
  public CallLog log() {
    return log;
  }

  /** What calls cost. */
  public CallCosts costs() {
    return costs;
  }

  /** The members, with what is known of them now. */
  public List<MemberCard> cards() {
    // Whoever answers it reads and writes the same.
    CostEstimate each = costs.estimate(Call.Generate.asAsked(0));
    List<Member> members = request.members();
    return IntStream.range(0, members.size())
        .mapToObj(m -> Wire.card(members.get(m), roles.apply(m), each.usd(members.get(m))))
        .toList();
  }

  /** The request so far, as a method sees it. */
  public Episode episode() {
    return new Episode(query, cards(), log.stages(), costs.left(), false);
  }

  /**
   * Makes these calls together and returns when each has ended, or when the listener waits no more:
   * then it hears last of those that were not needed. No call outlives this method: when it ends
   * early, for whatever reason, the others are cancelled first.
   *
   * @param turns rounds that share the time left one after the other, this one included; at least 1
   * @throws CancelledException when the caller left
   */
  public void run(List<Call> asked, int turns, Listener listener) {
    run(asked, List.of(), turns, listener);
  }

  /**
   * The same, in a round that has answers already.
   *
   * @param brought answers that the caller brought along; what they did cost is not counted
   */
  public void run(List<Call> asked, List<Brought> brought, int turns, Listener listener) {
    round(asked, brought, _ -> Optional.empty(), turns, listener);
  }

  /**
   * The same, of calls of which the caller made some.
   *
   * @param ended how that ended; empty for what is to be asked. What it did cost is taken from the
   *     request's budget, and is no part of what is spent
   */
  public void run(
      List<Call> asked, Function<Asked, Optional<Outcome>> ended, int turns, Listener listener) {
    round(asked, List.of(), ended, turns, listener);
  }

  private void round(
      List<Call> asked,
      List<Brought> brought,
      Function<Asked, Optional<Outcome>> ended,
      int turns,
      Listener listener) {
    rounds++;
    made += log.bring(brought, made, rounds);
    boolean alone = asked.size() == 1 && asked.getFirst().samples() == 1;
    var prepared = new ArrayList<Prepared>();
    var entries = new ArrayList<Entry>();
    for (Call call : asked) {
      for (int sample = 0; sample < call.samples(); sample++) {
        Asked which = new Asked(made, sample, call.member(), rounds, call.purpose());
        Optional<Outcome> known = ended.apply(which);
        if (known.isPresent()) {
          entries.add(Entry.made(call, known.get()));
        } else {
          prepared.add(preparation.prepare(call, which, alone, turns, Optional.empty()));
          entries.add(prepared.getLast().entry());
        }
      }
      made++;
    }
    entries.forEach(log::add);
    together(prepared, listener);
  }

  /** What a member is sent that is to write: with its conversation and its sampling. */
  public GenerateRequest sent(Call.Generate call) {
    Member member = request.members().get(call.member());
    var sampling = Wire.changed(request.sampling(), call.change(), member.getSampling());
    return Wire.generate(request, member, call.prompt(), sampling);
  }

  /**
   * Makes a call whose text is passed on while it is written. What it used is told with its first
   * piece, and with what it tells itself: one that is an ensemble may work for long without a text.
   *
   * @param turns as for {@link #run}
   * @param live gets each piece, on this thread
   * @throws CancelledException when the caller left
   */
  public Outcome runLive(Call.Generate call, int turns, Consumer<TextDelta> live) {
    if (call.samples() != 1) {
      throw new IllegalArgumentException(
          "%d samples are wanted of a text that is passed on; 1 is allowed."
              .formatted(call.samples()));
    }
    rounds++;
    toldNanos = System.nanoTime() - TICK.toNanos();
    Consumer<GenerateResponse> heard =
        event -> {
          if (event.hasDelta()) {
            live.accept(plain(event.getDelta()));
          }
          if (event.hasSpent() || System.nanoTime() - toldNanos >= TICK.toNanos()) {
            tell();
          }
        };
    Asked which = new Asked(made++, 0, call.member(), rounds, call.purpose());
    Prepared prepared = preparation.prepare(call, which, true, turns, Optional.of(heard));
    log.add(prepared.entry());
    Outcome outcome = prepared.work().get();
    if (outcome instanceof Outcome.Unneeded) {
      throw new CancelledException();
    }
    prepared.entry().end(outcome);
    tell();
    return outcome;
  }

  /** A piece as the caller wanted it: without log-probabilities that only the method asked for. */
  public TextDelta plain(TextDelta delta) {
    if (delta.getLogprobsCount() == 0) {
      return delta;
    }
    if (!request.sampling().getLogprobs()) {
      return delta.toBuilder().clearLogprobs().build();
    }
    int top = request.sampling().getTopLogprobs();
    if (delta.getLogprobsList().stream().allMatch(token -> token.getTopCount() <= top)) {
      return delta;
    }
    TextDelta.Builder plain = delta.toBuilder();
    plain
        .getLogprobsBuilderList()
        .forEach(
            token -> {
              var told = List.copyOf(token.getTopList());
              token.clearTop().addAllTop(told.subList(0, Math.min(top, told.size())));
            });
    return plain.build();
  }

  private void together(List<Prepared> prepared, Listener listener) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var done = new ExecutorCompletionService<Outcome>(threads);
      try {
        var free = new Semaphore(atOnce());
        prepared.forEach(call -> done.submit(withinContexts(() -> bounded(free, call))));
        var pending = new HashMap<Asked, Entry>();
        prepared.forEach(call -> pending.put(call.entry().asked, call.entry()));
        while (!pending.isEmpty()) {
          Optional<Duration> patience = listener.patience();
          Duration wait = patience.filter(left -> left.compareTo(TICK) < 0).orElse(TICK);
          Future<Outcome> next = done.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
          if (next != null) {
            Outcome outcome = next.get();
            if (outcome instanceof Outcome.Unneeded) {
              throw new CancelledException();
            }
            ended(pending.remove(outcome.asked()), outcome, listener);
          } else if (patience.isPresent() && wait.equals(patience.get())) {
            threads.shutdownNow();
            while (!pending.isEmpty()) {
              Outcome last = done.take().get();
              // Nobody waited for it, though it may have answered by now.
              var unneeded = new Outcome.Unneeded(last.asked(), last.spent(), last.seconds());
              ended(pending.remove(last.asked()), unneeded, listener);
            }
          } else {
            tell();
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new IllegalStateException(e.getCause());
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private int atOnce() {
    int bytes = Math.max(1, request.request().getSerializedSize());
    return Math.clamp(MOST_BYTES_AT_ONCE / bytes, 1, MOST_AT_ONCE);
  }

  private static Outcome bounded(Semaphore free, Prepared call) {
    try {
      free.acquire();
    } catch (InterruptedException e) {
      return new Outcome.Unneeded(call.entry().asked, Spent.getDefaultInstance(), 0);
    }
    try {
      return call.work().get();
    } finally {
      free.release();
    }
  }

  /** The call's deadline and cancellation, and its trace, go along to the new thread. */
  private static <T> Callable<T> withinContexts(Callable<T> work) {
    return io.opentelemetry.context.Context.current().wrap(Context.current().wrap(work));
  }

  private void ended(Entry entry, Outcome outcome, Listener listener) {
    entry.end(outcome);
    listener.heard(outcome);
    tell();
  }

  /** Tells what was used, where that is news: whoever leaves cannot be told any more. */
  private void tell() {
    Spent now = log.spent();
    toldNanos = System.nanoTime();
    if (!now.equals(told)) {
      told = now;
      sink.emit(GenerateResponse.newBuilder().setSpent(now).build());
    }
  }
}
