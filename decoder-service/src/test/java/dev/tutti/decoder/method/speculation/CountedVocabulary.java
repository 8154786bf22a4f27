package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.VocabularyAligner;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A shared vocabulary that counts what is looked up in it, or cut by it.
 *
 * @param work bytes, and one a token
 */
record CountedVocabulary(VocabularyAligner its, AtomicLong work) implements VocabularyAligner {

  @Override
  public Vocabulary shared() {
    Vocabulary shared = its.shared();
    return new Vocabulary() {
      @Override
      public int size() {
        return shared.size();
      }

      @Override
      public byte[] bytes(int token) {
        work.addAndGet(1 + shared.bytes(token).length);
        return shared.bytes(token);
      }

      @Override
      public boolean isSpecial(int token) {
        return shared.isSpecial(token);
      }

      @Override
      public boolean isEnd(int token) {
        return shared.isEnd(token);
      }
    };
  }

  @Override
  public void align(int member, Distribution own, double[] aligned) {
    its.align(member, own, aligned);
  }

  @Override
  public int shared(int member, int token) {
    return its.shared(member, token);
  }

  @Override
  public Optional<int[]> tokens(int member, int shared) {
    work.incrementAndGet();
    return its.tokens(member, shared);
  }

  @Override
  public Optional<int[]> tokens(int member, byte[] bytes) {
    work.addAndGet(1 + bytes.length);
    return its.tokens(member, bytes);
  }
}
