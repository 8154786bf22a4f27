package dev.tutti.decoder;

/**
 * The prompt of a model that runs here.
 *
 * @param model that reads it
 * @param contextLength most tokens of prompt and answer together
 * @param ids its tokens; not empty
 */
public record TokenPrompt(LanguageModel model, int contextLength, int[] ids)
    implements MemberPrompt {

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
    return session;
  }

  @Override
  public TopSession openTop(PieceIndex index, double unlisted) {
    return new LocalTopSession(open(), index);
  }
}
