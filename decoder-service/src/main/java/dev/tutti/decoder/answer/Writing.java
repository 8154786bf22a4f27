package dev.tutti.decoder.answer;

import dev.tutti.decoder.AnswerSource;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.NothingLeftException;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenTrace;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import io.grpc.Context;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGeneratorFactory;
import org.jboss.logging.Logger;

/**
 * Writes the answer of a model, or of several that are one session, into a call.
 *
 * @param sampling how tokens are drawn
 * @param seed of every draw
 * @param members names of those that write together; empty where one model writes
 * @param sink the call
 */
record Writing(
    Sampling sampling, long seed, List<String> members, EventSink<GenerateResponse> sink) {

  private static final Logger LOG = Logger.getLogger(Writing.class);

  /**
   * Writes it.
   *
   * @param session holds the prompt; stays open
   * @param affordable whether a further step is
   * @throws FailureException when the model fails
   * @throws CancelledException when the caller left
   */
  Answer write(AnswerSource session, Vocabulary vocabulary, BooleanSupplier affordable) {
    var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    try {
      return new AnswerWriter(session, vocabulary, sampling, random)
          .write(
              new AnswerWriter.Listener() {
                @Override
                public void piece(String text, List<TokenTrace> tokens) {
                  sink.emit(Wire.delta(text, tokens, members));
                }

                @Override
                public boolean step() {
                  if (Thread.currentThread().isInterrupted() || Context.current().isCancelled()) {
                    throw new CancelledException();
                  }
                  return affordable.getAsBoolean();
                }
              });
    } catch (NothingLeftException e) {
      throw new FailureException(
          new Failure.InvalidArgument("sampling.logit_bias", "NOTHING_LEFT", e.getMessage()), e);
    } catch (DecodeException e) {
      LOG.error("A model failed in the middle of an answer", e);
      throw new FailureException(new Failure.Internal("MODEL_FAILED", e.getMessage()), e);
    }
  }
}
