package dev.tutti.decoder.api;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.PromptException;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenTrace;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import io.grpc.Context;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGeneratorFactory;
import org.jboss.logging.Logger;

/** What a model's answer and an ensemble's have in common. */
final class AnswerRun {

  private static final Logger LOG = Logger.getLogger(AnswerRun.class);

  private AnswerRun() {}

  /** The seed of a request: its own, or a new one that other services' numbers can hold. */
  static long seed(dev.tutti.generation.v1.Sampling sampling) {
    return sampling.hasSeed() ? sampling.getSeed() : ThreadLocalRandom.current().nextLong(1L << 53);
  }

  /**
   * Refuses by its length a conversation that cannot fit, before anything waits for it.
   *
   * @throws FailureException as {@link #prompt}
   */
  static void requireMayFit(ModelPool.Lease lease, List<Turn> turns) {
    long least = read(() -> lease.model().leastTokens(turns));
    if (least >= lease.contextLength()) {
      throw tooLong(lease, "at least " + least);
    }
  }

  /**
   * The tokens of a conversation. Cutting a long one takes a while: for {@link
   * dev.tutti.decoder.runtime.ComputeThreads}, within a permit.
   *
   * @throws FailureException when the model refuses it, its template fails, or it leaves no room
   *     for an answer
   */
  static int[] prompt(ModelPool.Lease lease, List<Turn> turns) {
    LanguageModel model = lease.model();
    int[] prompt = read(() -> model.prompt(turns));
    if (prompt.length == 0) {
      throw Failure.invalid(
          "messages", "The messages leave '%s' no token.".formatted(model.name()));
    }
    if (prompt.length >= lease.contextLength()) {
      throw tooLong(lease, Integer.toString(prompt.length));
    }
    return prompt;
  }

  private static <T> T read(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (PromptException e) {
      throw Failure.invalid("messages", e.getMessage());
    } catch (DecodeException e) {
      throw new FailureException(new Failure.Internal("MODEL_FAILED", e.getMessage()), e);
    }
  }

  private static FailureException tooLong(ModelPool.Lease lease, String tokens) {
    return new Failure.InvalidArgument(
            "messages",
            "CONTEXT_LENGTH_EXCEEDED",
            "The prompt has %s tokens; '%s' holds %d, prompt and answer together."
                .formatted(tokens, lease.model().name(), lease.contextLength()))
        .exception();
  }

  /**
   * Writes an answer into the call.
   *
   * @param affordable whether a further step is
   * @throws FailureException when the model fails
   * @throws CancelledException when the caller left
   */
  static Answer write(
      DecodeSession session,
      Vocabulary vocabulary,
      Sampling sampling,
      long seed,
      BooleanSupplier affordable,
      EventSink<GenerateResponse> sink) {
    var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    try {
      return new AnswerWriter(session, vocabulary, sampling, random)
          .write(
              new AnswerWriter.Listener() {
                @Override
                public void piece(String text, List<TokenTrace> tokens) {
                  sink.emit(Wire.delta(text, tokens));
                }

                @Override
                public boolean step() {
                  if (Thread.currentThread().isInterrupted() || Context.current().isCancelled()) {
                    throw new CancelledException();
                  }
                  return affordable.getAsBoolean();
                }
              });
    } catch (DecodeException e) {
      LOG.error("A model failed in the middle of an answer", e);
      throw new FailureException(new Failure.Internal("MODEL_FAILED", e.getMessage()), e);
    }
  }
}
