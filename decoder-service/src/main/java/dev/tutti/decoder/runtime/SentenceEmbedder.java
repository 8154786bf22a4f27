package dev.tutti.decoder.runtime;

import ai.onnxruntime.OrtException;
import dev.tutti.decoder.DecodeException;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Sentence embeddings by all-MiniLM-L6-v2 (Reimers & Gurevych 2019): the mean of the last hidden
 * states over all tokens, scaled to unit length; 384 numbers. Thread-safe.
 *
 * <p>Callers take turns on a thread a core ({@link EmbedQueue}): one text beside somebody's 200 of
 * 300 words waited 67 ms (median) on two busy cores. Short texts of like length share a pass.
 * Measured there on one thread, texts a second in passes of 16 against passes of one: 1.7 times at
 * 6 tokens (671 and 383), 1.4 at 12, 1.3 at 18, 1.2 at 24; and 1.0 at 48, 0.9 at 300, hence only
 * texts of up to {@value EmbedQueue#SHORT} tokens share. {@code SentenceEmbedderBenchmark} prints
 * it.
 *
 * <p>What a pass shares is the scale of the activations, which this model quantises by tensor: a
 * text's embedding depends a little on its neighbours. As measured it is no worse for that: the
 * cosine between a text alone and in company is 0.992 (0.977 at worst, of random tokens), as is the
 * cosine between the quantised model and the one of 32-bit floats, of either. Where equal texts
 * must give equal numbers whatever runs beside them, passes of one text do. The float model gives
 * the same in company, but its shared passes are no faster than the quantised ones of one text.
 */
public final class SentenceEmbedder implements AutoCloseable {

  /** Its name. */
  public static final String NAME = "all-minilm-l6-v2";

  /** Most tokens of a text, the two special ones included. */
  public static final int MOST_TOKENS = 512;

  /**
   * Most characters of a text. Blanks cost no token and a word of any length may be one, so nothing
   * can be told from the length for sure; English needs 2,500 for all its tokens.
   */
  public static final int MOST_CHARACTERS = 32_768;

  private final CompletableFuture<EmbeddingModel> model;
  private final CompletableFuture<Void> running;
  private final EmbedQueue queue;
  private final List<Thread> threads = new ArrayList<>();

  /**
   * Begins to load the model, on a thread of its own: whoever makes this may be an event loop.
   *
   * @param parallel passes that run at once
   * @param batch most short texts of a pass; with 1 no text's embedding depends on another's
   */
  public SentenceEmbedder(OnnxRuntime runtime, int parallel, int batch) {
    this(() -> EmbeddingModel.load(runtime), parallel, batch);
  }

  /** An embedder of what is loaded so. */
  SentenceEmbedder(Supplier<EmbeddingModel> loading, int parallel, int batch) {
    queue = new EmbedQueue(batch);
    model =
        CompletableFuture.supplyAsync(
            loading, load -> Thread.ofPlatform().name("embed-load").daemon().start(load));
    for (int i = 0; i < parallel; i++) {
      threads.add(Thread.ofPlatform().name("embed-" + i).daemon().unstarted(this::takeTurns));
    }
    running = model.thenRun(() -> threads.forEach(Thread::start));
  }

  /**
   * Waits until the model is loaded.
   *
   * @throws ModelLoadException when it cannot be
   */
  public void await() {
    try {
      model.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof ModelLoadException failed
          ? failed
          : new ModelLoadException(NAME + " cannot be loaded.", e.getCause());
    }
  }

  /**
   * SHA-256 of the graph and the vocabulary, as hex; waits until they are loaded.
   *
   * @throws ModelLoadException when they cannot be
   */
  public String sha256() {
    await();
    return model.join().sha256();
  }

  /**
   * Embeddings and what they took.
   *
   * @param vectors one a text, of unit length
   * @param tokens read over all texts
   */
  public record Embeddings(List<float[]> vectors, long tokens) {}

  /**
   * Embeds texts.
   *
   * @throws dev.tutti.kit.grpc.FailureException when a text is too long, or too many wait
   * @throws CancelledException when interrupted
   */
  public Embeddings embed(List<String> texts) {
    return embed(texts, OptionalInt.empty());
  }

  /**
   * Embeds texts of any length: of one that has more than {@code keptTokens} tokens the first and
   * the last half of so many are read. Instructions stand at the beginning of a prompt, a question
   * that follows examples at its end.
   *
   * @param keptTokens even, from 4 to {@value #MOST_TOKENS}
   * @throws dev.tutti.kit.grpc.FailureException when {@code keptTokens} is out of its range, or too
   *     many wait
   * @throws CancelledException when interrupted
   */
  public Embeddings embed(List<String> texts, int keptTokens) {
    if (keptTokens < 4 || keptTokens > MOST_TOKENS || keptTokens % 2 != 0) {
      throw Failure.invalid(
          "kept_tokens",
          "kept_tokens is %d; it takes an even number from 4 to %d."
              .formatted(keptTokens, MOST_TOKENS));
    }
    return embed(texts.stream().map(SentenceEmbedder::ends).toList(), OptionalInt.of(keptTokens));
  }

  /** What can hold the kept tokens of a text, so that a book is not cut into tokens for them. */
  private static String ends(String text) {
    if (text.length() <= MOST_CHARACTERS) {
      return text;
    }
    int half = MOST_CHARACTERS / 2;
    // Between two characters, never within a surrogate pair.
    int head = Character.isHighSurrogate(text.charAt(half - 1)) ? half - 1 : half;
    int tail = text.length() - half;
    tail = Character.isLowSurrogate(text.charAt(tail)) ? tail + 1 : tail;
    return text.substring(0, head) + text.substring(tail);
  }

  private Embeddings embed(List<String> texts, OptionalInt keptTokens) {
    for (int i = 0; i < texts.size(); i++) {
      if (texts.get(i).length() > MOST_CHARACTERS) {
        throw tooLong(
            i,
            "The text has %d characters; %s reads at most %d tokens, and no text of more than %d characters."
                .formatted(texts.get(i).length(), NAME, MOST_TOKENS, MOST_CHARACTERS));
      }
    }
    if (texts.isEmpty()) {
      return new Embeddings(List.of(), 0);
    }
    await();
    var call = new EmbedCall(texts, keptTokens);
    queue.add(call);
    try {
      return new Embeddings(Arrays.asList(call.result.get()), call.tokens.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof FailureException refused
          ? refused
          : new DecodeException(NAME + " failed.", e.getCause());
    } finally {
      queue.remove(call);
    }
  }

  private static FailureException tooLong(int text, String message) {
    return new Failure.InvalidArgument(
            "texts[%d]".formatted(text), "CONTEXT_LENGTH_EXCEEDED", message)
        .exception();
  }

  private void takeTurns() {
    try {
      while (true) {
        switch (queue.take()) {
          case EmbedQueue.Cut cut -> cut(cut);
          case EmbedQueue.Pass pass -> pass(pass.texts());
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void cut(EmbedQueue.Cut turn) {
    EmbedCall call = turn.call();
    try {
      var cut = new ArrayList<EmbedCall.Text>();
      for (int i = turn.from(); i < turn.to(); i++) {
        long[] ids = model.join().tokens(call.texts.get(i));
        if (call.keptTokens.isPresent()) {
          ids = ends(ids, call.keptTokens.getAsInt());
        } else if (ids.length > MOST_TOKENS) {
          throw tooLong(
              i,
              "The text has %d tokens; %s reads at most %d."
                  .formatted(ids.length, NAME, MOST_TOKENS));
        }
        call.tokens.addAndGet(ids.length);
        cut.add(new EmbedCall.Text(call, i, ids));
      }
      queue.cut(turn, cut);
    } catch (RuntimeException | Error e) {
      call.result.completeExceptionally(e);
    }
  }

  private static long[] ends(long[] ids, int kept) {
    if (ids.length <= kept) {
      return ids;
    }
    long[] ends = Arrays.copyOf(ids, kept);
    System.arraycopy(ids, ids.length - kept / 2, ends, kept / 2, kept / 2);
    return ends;
  }

  private void pass(List<EmbedCall.Text> texts) {
    try {
      float[][] vectors =
          model.join().embed(texts.stream().map(EmbedCall.Text::ids).toArray(long[][]::new));
      for (int i = 0; i < vectors.length; i++) {
        texts.get(i).call().done(texts.get(i).position(), vectors[i]);
      }
    } catch (OrtException | RuntimeException | Error e) {
      texts.forEach(text -> text.call().result.completeExceptionally(e));
    }
  }

  @Override
  public void close() {
    if (running.handle((_, failure) -> failure != null).join()) {
      return;
    }
    threads.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    model.join().close();
  }
}
