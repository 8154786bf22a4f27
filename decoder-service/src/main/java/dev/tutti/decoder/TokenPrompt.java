package dev.tutti.decoder;

import java.util.function.Consumer;

/**
 * The prompt of a model that runs here.
 *
 * @param model that reads it
 * @param contextLength most tokens of prompt and answer together
 * @param ids its tokens; not empty
 * @param whenOpened is told of each session
 */
public record TokenPrompt(
    LanguageModel model, int contextLength, int[] ids, Consumer<DecodeSession> whenOpened)
    implements MemberPrompt {

  /** A prompt of whose sessions nobody is told. */
  public TokenPrompt(LanguageModel model, int contextLength, int[] ids) {
    this(model, contextLength, ids, _ -> {});
  }

  /** The same prompt, of whose sessions somebody is told. */
  public TokenPrompt telling(Consumer<DecodeSession> whoever) {
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
    DecodeSession session = model.open();
    try {
      session.append(ids);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
    whenOpened.accept(session);
    return session;
  }

  @Override
  public TopSession openTop(PieceIndex index, double unlisted) {
    return new LocalTopSession(open(), index);
  }
}
