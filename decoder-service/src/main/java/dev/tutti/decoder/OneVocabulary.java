package dev.tutti.decoder;

import java.util.List;

/**
 * A method whose members have to have one vocabulary. Whether they do is known when they are
 * loaded, so that an ensemble of others need not wait for its first request to be refused.
 */
public interface OneVocabulary {

  /**
   * Refuses members of different vocabularies.
   *
   * @param members of a recipe, in its order; some of them where the others are not known yet
   * @throws IllegalArgumentException names two that differ
   */
  void requireOneVocabulary(List<TokenMember> members);
}
