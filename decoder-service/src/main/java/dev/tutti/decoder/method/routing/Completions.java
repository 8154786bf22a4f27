package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.OpenedSessions;
import dev.tutti.decoder.SessionRoom;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.numerics.Interruption;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Greedy answers of an ensemble to questions, from where they were begun: one plan for all of them.
 */
public final class Completions {

  private final List<? extends LanguageModel> models;
  private final JointPlan plan;

  /**
   * Of a method.
   *
   * @param models in the order of the members; open as long as this is used
   * @throws IllegalArgumentException when the method cannot have them
   */
  public Completions(JointEnsemble method, List<? extends LanguageModel> models) {
    this.models = List.copyOf(models);
    this.plan = method.plan(models.stream().map(model -> TokenMember.of(model, 1)).toList());
  }

  /**
   * What they write.
   *
   * @param begun what stands already
   * @param most tokens
   * @return what follows; empty where it does not end, or nothing fits
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  public Optional<String> of(String question, String begun, int most) {
    List<TokenPrompt> prompts =
        models.stream().map(model -> prompt(model, question, begun)).toList();
    if (!prompts.stream().allMatch(Completions::hasRoom)) {
      return Optional.empty();
    }
    try (var opened = new OpenedSessions(prompts, SessionRoom.BOUNDLESS);
        var session = plan.open(opened.prompts(), StepRunner.SEQUENTIAL)) {
      return session instanceof DecodeSession tokens
          ? greedy(tokens, session.vocabulary(), most)
          : Optional.empty();
    }
  }

  /** What a model writes by itself, as {@link #of}. */
  static Optional<String> alone(LanguageModel model, String question, String begun, int most) {
    TokenPrompt prompt = prompt(model, question, begun);
    if (!hasRoom(prompt)) {
      return Optional.empty();
    }
    try (DecodeSession session = prompt.open()) {
      return greedy(session, model.tokenizer(), most);
    }
  }

  private static Optional<String> greedy(DecodeSession session, Vocabulary vocabulary, int most) {
    byte[] written = {};
    for (int i = 0; i < most && session.remaining() > 0; i++) {
      Interruption.check();
      int token = session.next().mostProbable();
      if (vocabulary.isEnd(token)) {
        return Optional.of(new String(written, StandardCharsets.UTF_8));
      }
      if (vocabulary.isSpecial(token)) {
        return Optional.empty();
      }
      byte[] piece = vocabulary.bytes(token);
      written = Arrays.copyOf(written, written.length + piece.length);
      System.arraycopy(piece, 0, written, written.length - piece.length, piece.length);
      session.append(token);
    }
    return Optional.empty();
  }

  private static boolean hasRoom(TokenPrompt prompt) {
    return prompt.ids().length > 0 && prompt.room() > 0;
  }

  private static TokenPrompt prompt(LanguageModel model, String question, String begun) {
    int[] head = model.prompt(List.of(new Turn("user", question)));
    int[] tail =
        begun.isEmpty()
            ? new int[0]
            : model
                .tokenizer()
                .encodeBehind(begun)
                .orElseGet(() -> model.tokenizer().encode(begun));
    int[] ids = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, ids, head.length, tail.length);
    return new TokenPrompt(model, model.contextLength(), ids);
  }
}
