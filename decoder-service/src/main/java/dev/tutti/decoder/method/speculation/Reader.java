package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.VocabularyAligner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A member that reads an answer which may still be taken back: its session, and what it told of the
 * places that are not done with. What it has read stays read as long as the text begins by it.
 * Confined to one thread at a time.
 */
final class Reader implements AutoCloseable {

  private final int index;
  private final String name;
  private final VocabularyAligner vocabulary;
  private final DecodeSession session;
  private final int prompt;
  private final int capacity;
  // Its own tokens of the answer that the session holds.
  private final IntSequence held = new IntSequence();
  // How many of these are known to be what it is to read next time.
  private int sure;
  // What it told of the places from `first` on.
  private final List<Place> places = new ArrayList<>();
  private int first;
  private int passes;
  private long written;
  private long caughtUp;
  private String failure;

  /**
   * A member before the answer.
   *
   * @param index among the members of the plan
   * @param vocabulary that the members share
   * @param session holds its prompt and nothing else; closed with it
   */
  Reader(int index, String name, VocabularyAligner vocabulary, DecodeSession session) {
    this.index = index;
    this.name = name;
    this.vocabulary = vocabulary;
    this.session = session;
    this.prompt = session.length();
    this.capacity = session.remaining();
  }

  int index() {
    return index;
  }

  String name() {
    return name;
  }

  /** Most of its own tokens that the answer may have. */
  int capacity() {
    return capacity;
  }

  /** Forward passes so far; a prompt that is read in parts counts as one. */
  int passes() {
    return passes;
  }

  /** Counts a token of the answer in which it had a say. */
  void wrote() {
    written++;
  }

  /** Counts a token of the answer in which it had none. */
  void caughtUp() {
    caughtUp++;
  }

  /** What it did, as the plain ensemble would tell it: what was taken back is nobody's. */
  MemberActivity activity() {
    return MemberActivity.counted(
        passes == 0 ? 0 : prompt + caughtUp, written, Optional.ofNullable(failure));
  }

  /** The same after further tokens in which it will have a say. */
  MemberActivity activityAfter(int tokens) {
    return MemberActivity.counted(prompt + caughtUp, written + tokens, Optional.empty());
  }

  /** Why it was left out; null where it was not. */
  String failure() {
    return failure;
  }

  /** Leaves it out from here on. */
  void fail(String why) {
    failure = why;
  }

  /** Whether it told what it holds for a place. */
  boolean knows(int place) {
    return place >= first && place < first + places.size();
  }

  /** What it told of a place that it {@link #knows}. */
  Place at(int place) {
    return places.get(place - first);
  }

  /**
   * The tokens from an index on may be others than it has read; all before it are what they were.
   */
  void mayDiffer(int from) {
    sure = Math.min(sure, from);
  }

  /**
   * Reads an answer, in one pass where it has not, and tells of each place up to the one behind it.
   * What it told behind another text is void. It is left out where it fails.
   *
   * @param ids in its own tokens: others than it has read only where it was told so ({@link
   *     #mayDiffer}, {@link #cut})
   * @param count how many of them; at most as many as fit
   */
  void read(IntSequence ids, int count) {
    cut(Math.min(ids.mismatch(sure, held), count));
    int known = first + places.size();
    if (known > count) {
      return;
    }
    try {
      session.append(ids.range(held.size(), known));
      for (Distribution own : session.next(ids.range(known, count))) {
        places.add(place(own));
      }
      passes++;
      held.add(ids.range(held.size(), count));
      sure = count;
    } catch (DecodeException e) {
      failure = e.getMessage();
    }
  }

  /** The text is another behind {@code length} tokens: what was told behind that is void. */
  void cut(int length) {
    if (length < held.size()) {
      session.rewind(prompt + length);
      held.cut(length);
    }
    sure = held.size();
    int kept = length + 1 - first;
    if (kept < 0) {
      places.clear();
      first = length;
    } else if (places.size() > kept) {
      places.subList(kept, places.size()).clear();
    }
  }

  /** Lets go of what it told of the places before this one. */
  void forget(int place) {
    if (place > first) {
      places.subList(0, Math.min(places.size(), place - first)).clear();
      first = place;
    }
  }

  private Place place(Distribution own) {
    var aligned = new double[vocabulary.shared().size()];
    vocabulary.align(index, own, aligned);
    var shared = new Distribution(aligned.length);
    shared.setProbabilities(aligned);
    return new Place(own, shared, vocabulary.shared(index, own.mostProbable()));
  }

  @Override
  public void close() {
    session.close();
  }
}
