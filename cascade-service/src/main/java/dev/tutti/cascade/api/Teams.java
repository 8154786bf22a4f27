package dev.tutti.cascade.api;

import dev.tutti.cascade.cache.CacheKey;
import dev.tutti.kit.grpc.RequestRules;

/** Whose something is, and who asks for it, as requests name them. */
final class Teams {

  private static final int LONGEST_TEAM = 64;
  private static final int LONGEST_AUTHOR = 128;

  private Teams() {}

  /** The team that is named; those without a key where none is. */
  static String named(String team) {
    RequestRules.require(
        team.length() <= LONGEST_TEAM && team.chars().noneMatch(Character::isISOControl),
        "team",
        "team is the name of one, at most %d characters, none of them a control character."
            .formatted(LONGEST_TEAM));
    return team.isEmpty() ? CacheKey.NO_TEAM : team;
  }

  /** Who wants it. */
  static String author(String author) {
    RequestRules.require(
        author.length() <= LONGEST_AUTHOR && author.chars().allMatch(c -> c >= ' ' && c <= '~'),
        "author",
        "author takes at most %d printable ASCII characters.".formatted(LONGEST_AUTHOR));
    return author.isEmpty() ? "anonymous" : author;
  }
}
