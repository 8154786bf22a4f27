package dev.tutti.decoder.span;

import dev.tutti.decoder.Vocabulary;

/** What the tokens that were told last stand for; empty before. */
final class ToldVocabulary implements Vocabulary {

  private Vocabulary now;

  /** From here on tokens are of this one. */
  void tell(Vocabulary vocabulary) {
    now = vocabulary;
  }

  @Override
  public int size() {
    return now == null ? 0 : now.size();
  }

  @Override
  public byte[] bytes(int token) {
    return of(token).bytes(token);
  }

  @Override
  public boolean isSpecial(int token) {
    return of(token).isSpecial(token);
  }

  @Override
  public boolean isEnd(int token) {
    return of(token).isEnd(token);
  }

  private Vocabulary of(int token) {
    if (now == null) {
      throw new IndexOutOfBoundsException(token);
    }
    return now;
  }
}
