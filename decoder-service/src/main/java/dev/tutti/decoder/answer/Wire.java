package dev.tutti.decoder.answer;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import dev.tutti.decoder.AnswerSource;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.sampling.Adjustments;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerSignals;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenTrace;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.MemberOpinion;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Timing;
import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.BiasKey;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.type.v1.Prices;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/** From the contract's types to the service's own, and back. */
final class Wire {

  private Wire() {}

  static List<Turn> turns(List<Message> messages) {
    return messages.stream().map(m -> new Turn(role(m), m.getContent())).toList();
  }

  private static String role(Message message) {
    return switch (message.getRole()) {
      case ROLE_SYSTEM -> "system";
      case ROLE_USER -> "user";
      case ROLE_ASSISTANT -> "assistant";
      case ROLE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("A message without a role was let through.");
    };
  }

  /**
   * How tokens are drawn.
   *
   * @param temperature where the request names none
   * @param most tokens that fit
   */
  static Sampling sampling(
      dev.tutti.generation.v1.Sampling sampling, double temperature, int most) {
    return new Sampling(
        sampling.hasTemperature() ? sampling.getTemperature() : temperature,
        sampling.hasTopP() ? sampling.getTopP() : 1,
        sampling.hasTopK() ? OptionalInt.of(sampling.getTopK()) : OptionalInt.empty(),
        sampling.getStopList(),
        OptionalInt.of(sampling.hasMaxTokens() ? Math.min(sampling.getMaxTokens(), most) : most),
        sampling.getLogprobs(),
        sampling.getTopLogprobs(),
        adjustments(sampling));
  }

  /** What is added to the logits of tokens. */
  static Adjustments adjustments(dev.tutti.generation.v1.Sampling sampling) {
    var tokens = new HashMap<Integer, Double>();
    var texts = new HashMap<String, Double>();
    sampling
        .getLogitBiasMap()
        .forEach(
            (key, bias) -> {
              // One text in quotes and without, or one id with a zero before it, is said twice.
              switch (BiasKey.of(key)) {
                case BiasKey.Token(int id) -> tokens.merge(id, bias, Wire::both);
                case BiasKey.Text(String text) -> texts.merge(text, bias, Wire::both);
              }
            });
    return new Adjustments(
        sampling.getFrequencyPenalty(), sampling.getPresencePenalty(), tokens, texts);
  }

  private static double both(double one, double other) {
    return Math.clamp(one + other, -100, 100);
  }

  /**
   * Refuses a bias of a token that a model does not have.
   *
   * @throws FailureException names it
   */
  static void requireTokens(Sampling sampling, String model, Vocabulary vocabulary) {
    for (int id : new TreeSet<>(sampling.adjustments().tokenBias().keySet())) {
      if (id >= vocabulary.size()) {
        throw unsupported(
            "logit_bias names the token %d; the vocabulary of '%s' has %d, 0 to %d."
                .formatted(id, model, vocabulary.size(), vocabulary.size() - 1));
      }
    }
  }

  /**
   * Refuses biases of tokens, for whoever has no vocabulary of its own.
   *
   * @throws FailureException names one
   */
  static void requireTexts(dev.tutti.generation.v1.Sampling sampling, String ensemble) {
    for (String key : new TreeSet<>(sampling.getLogitBiasMap().keySet())) {
      if (BiasKey.of(key) instanceof BiasKey.Token) {
        throw unsupported(
            ("logit_bias names the token %s, but the members of '%s' write together and have no ids in"
                    + " common: name a text, such as \" Paris\", or a number as \"\\\"%s\\\"\".")
                .formatted(key, ensemble, key));
      }
    }
  }

  /** Others may take it: a bias that is wrong for one member of an ensemble is not for all. */
  private static FailureException unsupported(String message) {
    return new Failure.InvalidArgument("sampling.logit_bias", "BIAS_UNSUPPORTED", message)
        .exception();
  }

  /** The seed of a request: its own, or a new one that other services' numbers can hold. */
  static long seed(dev.tutti.generation.v1.Sampling sampling) {
    return sampling.hasSeed() ? sampling.getSeed() : ThreadLocalRandom.current().nextLong(1L << 53);
  }

  /**
   * A piece of the answer.
   *
   * @param members names of those that write it together, by index; empty where one model writes
   */
  static GenerateResponse delta(String text, List<TokenTrace> tokens, List<String> members) {
    TextDelta.Builder delta = TextDelta.newBuilder().setText(text);
    for (TokenTrace token : tokens) {
      TokenLogprob.Builder logprob = token(token.bytes(), token.logprob());
      for (TokenTrace.Alternative other : token.top()) {
        logprob.addTop(
            TokenAlternative.newBuilder()
                .setToken(text(other.bytes()))
                .setBytes(ByteString.copyFrom(other.bytes()))
                .setLogprob(other.logprob()));
      }
      token.opinions().forEach(its -> logprob.addMembers(opinion(its, members)));
      delta.addLogprobs(logprob);
    }
    return GenerateResponse.newBuilder().setDelta(delta).build();
  }

  private static MemberOpinion opinion(AnswerSource.Opinion opinion, List<String> members) {
    MemberOpinion.Builder told =
        MemberOpinion.newBuilder()
            .setMember(members.get(opinion.member()))
            .setWeight(opinion.weight())
            .setFavourite(opinion.favourite());
    if (Double.isFinite(opinion.logprob())) {
      told.setLogprob(opinion.logprob());
    }
    opinion.reward().ifPresent(told::setReward);
    opinion.wanted().ifPresent(told::setWanted);
    return told.build();
  }

  static TokenLogprob.Builder token(byte[] bytes, double logprob) {
    return TokenLogprob.newBuilder()
        .setToken(text(bytes))
        .setBytes(ByteString.copyFrom(bytes))
        .setLogprob(logprob);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static FinishReason finish(Answer.Finish finish) {
    return switch (finish) {
      case STOP -> FinishReason.FINISH_REASON_STOP;
      case LENGTH -> FinishReason.FINISH_REASON_LENGTH;
    };
  }

  static Timing timing(Duration queued, Answer answer) {
    return Timing.newBuilder()
        .setQueued(duration(queued))
        .setFirstToken(duration(answer.firstToken()))
        .setTotal(duration(answer.total()))
        .build();
  }

  private static com.google.protobuf.Duration duration(Duration duration) {
    return Durations.fromNanos(duration.toNanos());
  }

  static Signals.Builder signals(AnswerSignals signals) {
    return Signals.newBuilder()
        .setMeanLogprob(signals.meanLogprob())
        .setSumLogprob(signals.sumLogprob())
        .setMinLogprob(signals.minLogprob())
        .setMeanEntropy(signals.meanEntropy())
        .setMaxEntropy(signals.maxEntropy())
        .setMeanDistanceToUniform(signals.meanDistanceToUniform())
        .setMinDistanceToUniform(signals.minDistanceToUniform());
  }

  /** US dollars for these tokens at these prices. */
  static double cost(Prices prices, long promptTokens, long completionTokens) {
    return Usages.usd(
        prices,
        Usage.newBuilder()
            .setPromptTokens(promptTokens)
            .setCompletionTokens(completionTokens)
            .build());
  }
}
