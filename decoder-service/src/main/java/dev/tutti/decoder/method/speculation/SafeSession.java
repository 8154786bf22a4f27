package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepRunner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * An answer that one member drafts, block by block, and the others check. Members with the
 * drafter's vocabulary read what was written token by token, all others as they would cut it
 * themselves. The first block is one token, as the prompts have to be read anyway.
 */
final class SafeSession extends BlockSession {

  private final SafePlan plan;
  // One a member: the text, draft included and without its end, in its own tokens.
  private final List<Spelling> spellings;
  private Reader drafter;
  private boolean full;
  private long blocks;
  private long fused;
  private long unchecked;

  SafeSession(SafePlan plan, List<Reader> readers, StepRunner runner) {
    super(plan, plan.vocabulary(), StepCombiner.MEAN, readers, runner);
    this.plan = plan;
    this.spellings =
        IntStream.range(0, readers.size())
            .mapToObj(m -> new Spelling(vocabulary, m, plan.members().get(m).tokenizer()))
            .toList();
    this.drafter = readers.get(plan.settings().drafter());
  }

  @Override
  int block() {
    return plan.settings().block();
  }

  @Override
  int capacity(Reader reader) {
    return full
        ? 0
        : decided() + reader.capacity() - spelling(reader).covering(text.length(decided()));
  }

  @Override
  void changed(int place) {
    spellings.forEach(spelling -> spelling.changed(place));
  }

  @Override
  public List<Drawn> draw(Picker picker, int most) {
    requireAppended();
    if (steps() == 0) {
      each(this::read);
    }
    int block = steps() == 0 ? 1 : block();
    int wanted = Math.min(block, Math.max(1, Math.min(most, remaining())));
    while (!draft(picker, decided() + wanted)) {
      cut(decided());
    }
    blocks++;
    each(this::check);
    return judge(picker);
  }

  private Spelling spelling(Reader reader) {
    return spellings.get(reader.index());
  }

  /** Goes on with the text up to so many tokens; returns whether the drafter lasted. */
  private boolean draft(Picker picker, int limit) {
    chooseDrafter();
    Prefix prefix = picker.prefix();
    while (text.size() < limit && !ends()) {
      int at = spelling(drafter).size();
      one(drafter, this::read);
      if (drafter.failure() == null && !drafter.knows(at)) {
        // No more of the text fits.
        return true;
      }
      if (drafter.failure() == null) {
        text.add(behind(picker, prefix).pick(drafter.at(at).shared()));
        prefix = with(prefix, text.size() - 1);
        spell(drafter);
      }
      if (drafter.failure() != null) {
        return false;
      }
    }
    return true;
  }

  /** The one that drafts so far, or else the first that can go on with the text. */
  private void chooseDrafter() {
    var able = new ArrayList<>(left());
    if (able.remove(drafter)) {
      able.addFirst(drafter);
    }
    for (Reader reader : able) {
      drafter = reader;
      spell(reader);
      if (reader.failure() == null && spelling(reader).at(text.length()) >= 0) {
        return;
      }
    }
    left();
    throw new DecodeException("No member can go on behind half a character.");
  }

  /** Whether the draft ends the answer. */
  private boolean ends() {
    return text.size() > decided() && vocabulary().isEnd(text.last());
  }

  private boolean hasDraftersVocabulary(Reader reader) {
    return plan.kin().get(reader.index()).equals(plan.kin().get(drafter.index()));
  }

  /** The text as it is now, in its own tokens; it is left out where it cannot write it. */
  private void spell(Reader reader) {
    int count = ends() ? text.size() - 1 : text.size();
    OptionalInt first = spelling(reader).spell(text, count, hasDraftersVocabulary(reader));
    if (first.isPresent()) {
      reader.mayDiffer(first.getAsInt());
    } else {
      byte[] bytes = text.bytes(spelling(reader).length(), text.length());
      reader.fail(
          "cannot write '%s' in its own tokens"
              .formatted(new String(bytes, StandardCharsets.UTF_8)));
    }
  }

  /** It reads the text, as much of it as fits. */
  private void read(Reader reader) {
    IntSequence ids = spelling(reader).ids();
    if (ids.size() > reader.capacity()) {
      full = true;
    }
    reader.read(ids, Math.min(ids.size(), reader.capacity()));
  }

  private void check(Reader reader) {
    if (reader == drafter) {
      return;
    }
    spell(reader);
    // Its place of the first token it knows.
    if (reader.failure() == null && steps() > 0) {
      reader.forget(spelling(reader).covering(text.length(decided())) - 1);
      read(reader);
    }
  }

  /** Decides the draft, token by token, up to the first that another takes the place of. */
  private List<Drawn> judge(Picker picker) {
    var drawn = new ArrayList<Drawn>();
    int offset = text.length(decided());
    Prefix prefix = picker.prefix();
    while (decided() < text.size()) {
      int token = text.get(decided());
      int from = offset;
      List<Reader> all = left();
      boolean everybody = all.stream().allMatch(reader -> spelling(reader).at(from) >= 0);
      if (everybody && !all.stream().allMatch(r -> r.knows(spelling(r).at(from)))) {
        // It did not fit.
        break;
      }
      Joint joint =
          joint(
              reader ->
                  everybody || reader == drafter
                      ? Optional.of(reader.at(spelling(reader).at(from)))
                      : Optional.empty());
      if (!everybody) {
        unchecked++;
        drawn.add(decide(token, joint));
      } else if (stays(token, joint, from, behind(picker, prefix))) {
        drawn.add(decide(token, joint));
      } else {
        fused++;
        Joint sharp = sharpened(joint, from);
        int instead = behind(picker, prefix).pick(sharp.distribution());
        drawn.add(decide(instead, sharp));
        if (instead != token) {
          break;
        }
      }
      offset = text.length(decided());
      prefix = with(prefix, decided() - 1);
    }
    drafter.forget(spelling(drafter).covering(offset) - 1);
    return drawn;
  }

  private Joint sharpened(Joint joint, int offset) {
    Place draft = drafter.at(spelling(drafter).at(offset));
    return new Joint(plan.settings().sharpened(joint, draft.shared(), vocabulary()), joint.votes());
  }

  private boolean stays(int token, Joint joint, int offset, Picker picker) {
    if (!picker.greedy()) {
      double together = picker.shaped(joint.distribution())[token];
      Place draft = drafter.at(spelling(drafter).at(offset));
      double alone = picker.shaped(draft.shared())[token];
      return picker.random().nextDouble() * alone < together;
    }
    return picker.adjusted(joint.distribution()).probability(token) > .5
        || left().stream()
            .allMatch(reader -> reader == drafter || agrees(reader, token, offset, picker));
  }

  /** Whether its own token there is the one that it holds for the most probable. */
  private boolean agrees(Reader reader, int token, int offset, Picker picker) {
    Spelling spelling = spelling(reader);
    int at = spelling.at(offset);
    Place place = reader.at(at);
    Distribution adjusted = picker.adjusted(place.shared());
    int favourite = adjusted == place.shared() ? place.favourite() : adjusted.mostProbable();
    if (favourite < 0 || vocabulary().isEnd(token) || vocabulary().isEnd(favourite)) {
      return favourite == token;
    }
    byte[] wanted = vocabulary().bytes(favourite);
    int end = at < spelling.size() ? spelling.end(at) : text.length();
    if (Arrays.equals(wanted, text.bytes(offset, end))) {
      return true;
    }
    // Its last token may become a longer one when text follows.
    int rest = text.length() - offset;
    return !ends()
        && !hasDraftersVocabulary(reader)
        && at >= spelling.size() - 1
        && wanted.length > rest
        && Arrays.equals(Arrays.copyOf(wanted, rest), text.bytes(offset, text.length()));
  }

  @Override
  public Map<String, Double> measures() {
    var measures = new LinkedHashMap<String, Double>();
    measures.put("blocks", (double) blocks);
    if (steps() > 0) {
      measures.put("fused", fused / (double) steps());
      measures.put("unchecked", unchecked / (double) steps());
    }
    measures.putAll(passes());
    return measures;
  }
}
