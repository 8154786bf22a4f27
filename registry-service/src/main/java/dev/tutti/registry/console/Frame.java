package dev.tutti.registry.console;

import dev.tutti.registry.signin.Caller;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is around every page.
 *
 * @param section that the page belongs to
 * @param title of the page
 * @param token that the page's forms send back, see {@link Form}
 * @param caller who looks at it; null for somebody who has to say so first
 * @param calls what the page shows or does, as calls of the REST
 */
public record Frame(Section section, String title, String token, Caller caller, List<Curl> calls) {

  /** The parts that they may look at, for the navigation. */
  public List<Section> sections() {
    return caller == null
        ? List.of()
        : Stream.of(Section.values()).filter(its -> caller.role().covers(its.role())).toList();
  }

  /** Whether people are asked who they are, so that a call of the REST needs a key. */
  public boolean isAsked() {
    return caller != null && !caller.name().isEmpty();
  }

  /** The word of what they may do; empty where that is not known. */
  public String role() {
    return caller == null ? "" : caller.role().word();
  }

  /** The same with one more call. */
  Frame with(Curl call) {
    return new Frame(
        section, title, token, caller, Stream.concat(calls.stream(), Stream.of(call)).toList());
  }
}
