package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.TopSession;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.runtime.CallTime;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.registry.v1.Model;
import io.grpc.Context;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model behind endpoints that goes on with a raw text: at each step it is sent the text so far
 * and asked for one token (completions with {@code max_tokens} 1) and the most probable ones at its
 * place. It reads, and bills, the whole text every time. Nothing of a step has been handed on when
 * it fails, so what passes is tried again as for any whole answer. Confined to one thread at a
 * time.
 */
public final class RemoteTopSession implements TopSession {

  /** Room in a context whose length nobody tells. */
  public static final int UNKNOWN = Integer.MAX_VALUE;

  /** Longest answer, in tokens, where neither a context nor the caller limits it. */
  public static final int UNBOUNDED_ANSWER = 4096;

  private static final double LEAST_REST = 1e-9;

  private final EndpointCalls calls;
  private final RemoteModel model;
  private final double unlisted;
  private final boolean dropped;
  private final Context call;
  private final StringBuilder text;
  private int asked;
  private List<Piece> pieces = List.of();
  private Map<String, Double> listed = Map.of();
  private long lastRead = -1;
  private long read;
  private long cached;
  private long written;
  private boolean estimated;

  /**
   * A session, for the call that is being answered.
   *
   * @param prompt raw text
   * @param unlisted nats by which a piece that is not listed is below the least that is
   * @param dropped whether its failure is that of a member without which the answer goes on
   */
  public RemoteTopSession(
      EndpointCalls calls, RemoteModel model, String prompt, double unlisted, boolean dropped) {
    this(calls, model, prompt, unlisted, dropped, Context.current());
  }

  private RemoteTopSession(
      EndpointCalls calls,
      RemoteModel model,
      String prompt,
      double unlisted,
      boolean dropped,
      Context call) {
    this.calls = calls;
    this.model = model;
    this.unlisted = unlisted;
    this.dropped = dropped;
    this.call = call;
    this.text = new StringBuilder(prompt);
  }

  /** Tokens that text of this length may have. */
  public static long estimate(long characters) {
    return Usages.tokens(characters);
  }

  /**
   * Steps that fit, as far as is known before the endpoint has said how long the prompt is; {@link
   * #UNKNOWN} where nothing is.
   */
  public static int room(Model registered) {
    int context = registered.getContextLength();
    return context > 0 ? context : UNKNOWN;
  }

  /**
   * {@inheritDoc}
   *
   * @throws EndpointException when no endpoint answers, and the answer is not to go on without it;
   *     or when the caller's time is over, which is nobody's failure
   */
  @Override
  public List<Piece> top(int k) {
    try {
      return ask(k);
    } catch (EndpointException e) {
      if (CallTime.isOver(call)) {
        throw e;
      }
      EndpointException why = late(e);
      throw dropped ? new DecodeException(why.getMessage(), e) : why;
    }
  }

  /** {@inheritDoc} It is asked, and bills, once more, unless it is known to tell no more. */
  @Override
  public List<Piece> more(int k) {
    List<Piece> before = pieces;
    if (asked < model.registered().getTopLogprobs() && top(k).size() < before.size()) {
      hear(before);
    }
    return pieces;
  }

  /** The same, but where a step's time is over and not the caller's. */
  private EndpointException late(EndpointException e) {
    return e.failure().reason().equals(EndpointFailures.LATE)
        ? e.toldAs(
            new Failure.Unavailable(
                "MEMBER_FAILED",
                "The member '%s' failed: a step took longer than the ensemble's late_seconds."
                    .formatted(model.registered().getName())))
        : e;
  }

  private List<Piece> ask(int k) {
    int most = model.registered().getTopLogprobs();
    asked = most > 0 ? Math.min(k, most) : k;
    // Greedy or not, the token's place has the same alternatives.
    var body =
        new OwnBody(
            JsonNodeFactory.instance
                .objectNode()
                .put("model", model.remoteName())
                .put("prompt", text.toString())
                .put("max_tokens", 1)
                .put("temperature", 0)
                .put("logprobs", asked),
            Set.of("temperature"));
    var tried = new ArrayList<Endpoint>();
    Chunk chunk = calls.token(model, "/completions", body, tried, RemoteTopSession::read);
    var totals = new AnswerTotals();
    totals.add(chunk);
    Usage usage = totals.usage(UsageBounds.of(text.length(), body.length(), 1));
    tried.getLast().used(usage.getPromptTokens(), usage.getCompletionTokens());
    estimated |= usage.getEstimated();
    lastRead = usage.getPromptTokens();
    read += usage.getPromptTokens();
    cached += usage.getCachedPromptTokens();
    written += usage.getCompletionTokens();
    hear(TopPieces.of(chunk, k));
    return pieces;
  }

  private void hear(List<Piece> told) {
    pieces = told;
    listed = new HashMap<>();
    told.forEach(piece -> listed.put(key(piece.bytes()), piece.logprob()));
  }

  private static Chunk read(String endpoint, byte[] answer, Credential key) {
    Chunk chunk = RemoteScoring.completion(endpoint, answer, key);
    boolean told =
        chunk.tokens().stream().anyMatch(t -> !t.top().isEmpty() || !Double.isNaN(t.logprob()));
    if (!told && !TopPieces.ends(chunk)) {
      throw EndpointFailures.malformed(endpoint, "its token has no log-probability", null);
    }
    return chunk;
  }

  private static String key(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** {@code min(least listed, ln(1 - sum of listed)) - unlisted} for what is not listed. */
  @Override
  public double[] scores(List<byte[]> union) {
    double least = 0;
    double sum = 0;
    for (double logprob : listed.values()) {
      least = Math.min(least, logprob);
      sum += Math.exp(logprob);
    }
    double other = Math.min(least, Math.log(Math.max(LEAST_REST, 1 - sum))) - unlisted;
    return union.stream().mapToDouble(u -> listed.getOrDefault(key(u), other)).toArray();
  }

  @Override
  public Appended append(byte[] piece) {
    if (!Utf8.isText(piece)) {
      return Appended.UNWRITABLE;
    }
    text.append(new String(piece, StandardCharsets.UTF_8));
    return Appended.WRITTEN;
  }

  @Override
  public int length() {
    return text.length();
  }

  /** What its context leaves behind the text that it read last and a token more. */
  @Override
  public int remaining() {
    int context = model.registered().getContextLength();
    return context > 0 && lastRead >= 0
        ? (int) Math.max(0, context - lastRead - 1)
        : Integer.MAX_VALUE;
  }

  @Override
  public void rewind(int length) {
    text.setLength(length);
    lastRead = -1;
  }

  @Override
  public RemoteTopSession fork() {
    return new RemoteTopSession(calls, model, text.toString(), unlisted, dropped, call);
  }

  @Override
  public MemberActivity activity() {
    return new MemberActivity(read, cached, written, estimated, Optional.empty());
  }

  @Override
  public MemberActivity activityAfterStep() {
    long next = lastRead < 0 ? estimate(text.length()) : lastRead + 1;
    return new MemberActivity(read + next, cached, written + 1, estimated, Optional.empty());
  }

  @Override
  public void close() {}
}
