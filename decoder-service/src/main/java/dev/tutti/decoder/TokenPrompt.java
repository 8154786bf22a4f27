package dev.tutti.decoder;

import java.util.function.Function;

/**
 * The prompt of a model that runs here.
 *
 * @param model that reads it
 * @param contextLength most tokens of prompt and answer together
 * @param ids its tokens; not empty
 * @param opening opens an empty session
 */
public record TokenPrompt(
    LanguageModel model,
    int contextLength,
    int[] ids,
    Function<LanguageModel, DecodeSession> opening)
    implements MemberPrompt {

  /** A prompt of whose sessions nobody takes account. */
  public TokenPrompt(LanguageModel model, int contextLength, int[] ids) {
    this(model, contextLength, ids, LanguageModel::open);
  }

  /** The same prompt, whose sessions somebody opens. */
  public TokenPrompt openedBy(Function<LanguageModel, DecodeSession> whoever) {
    return new TokenPrompt(model, contextLength, ids, whoever);
  }

  @Override
  public long tokens() {
    return ids.length;
  }

  @Override
  public int room() {
    return contextLength - ids.length;
  }

  @Override
  public DecodeSession open() {
    DecodeSession session = opening.apply(model);
    try {
      session.append(ids);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
    return session;
  }

  @Override
  public TopSession openTop(PieceIndex index, double unlisted) {
    return new LocalTopSession(open(), index);
  }
}
