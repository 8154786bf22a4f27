package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Greedy answers to questions, from where they were begun. */
final class Completions {

  private Completions() {}

  /**
   * What a model writes by itself.
   *
   * @param begun what stands already
   * @param most tokens
   * @return what follows; empty where it does not end, or nothing fits
   */
  static Optional<String> alone(LanguageModel model, String question, String begun, int most) {
    TokenPrompt prompt = prompt(model, question, begun);
    if (prompt.ids().length == 0 || prompt.room() <= 0) {
      return Optional.empty();
    }
    try (DecodeSession session = prompt.open()) {
      return greedy(session, model.tokenizer(), most);
    }
  }

  /** What these models write together, as {@link #alone}. */
  static Optional<String> together(
      JointEnsemble method,
      List<? extends LanguageModel> models,
      String question,
      String begun,
      int most) {
    List<TokenPrompt> prompts =
        models.stream().map(model -> prompt(model, question, begun)).toList();
    if (prompts.stream().anyMatch(prompt -> prompt.ids().length == 0 || prompt.room() <= 0)) {
      return Optional.empty();
    }
    var plan = method.plan(models.stream().map(model -> TokenMember.of(model, 1)).toList());
    try (var session = plan.open(prompts, StepRunner.SEQUENTIAL)) {
      return session instanceof DecodeSession tokens
          ? greedy(tokens, session.vocabulary(), most)
          : Optional.empty();
    }
  }

  private static Optional<String> greedy(DecodeSession session, Vocabulary vocabulary, int most) {
    byte[] written = {};
    for (int i = 0; i < most && session.remaining() > 0; i++) {
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

  private static TokenPrompt prompt(LanguageModel model, String question, String begun) {
    int[] head = model.prompt(List.of(new Turn("user", question)));
    int[] tail = model.tokenizer().encode(begun);
    int[] ids = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, ids, head.length, tail.length);
    return new TokenPrompt(model, model.contextLength(), ids);
  }
}
