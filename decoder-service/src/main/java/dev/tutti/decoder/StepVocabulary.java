package dev.tutti.decoder;

import java.util.function.Supplier;

/**
 * The tokens of a step, which are others at the next one.
 *
 * @param now those of the step that an answer is at
 */
record StepVocabulary(Supplier<Vocabulary> now) implements Vocabulary {

  @Override
  public int size() {
    return now.get().size();
  }

  @Override
  public byte[] bytes(int token) {
    return now.get().bytes(token);
  }

  @Override
  public boolean isSpecial(int token) {
    return now.get().isSpecial(token);
  }

  @Override
  public boolean isEnd(int token) {
    return now.get().isEnd(token);
  }
}
