package dev.tutti.registry.console;

import java.util.List;

/**
 * What is around every page.
 *
 * @param section that the page belongs to
 * @param title of the page
 * @param token that the page's forms send back, see {@link Form}
 * @param calls what the page shows or does, as calls of the REST
 */
public record Frame(Section section, String title, String token, List<Curl> calls) {

  /** All parts, for the navigation. */
  public List<Section> sections() {
    return List.of(Section.values());
  }

  /** The same with one more call. */
  Frame with(Curl call) {
    return new Frame(
        section,
        title,
        token,
        java.util.stream.Stream.concat(calls.stream(), java.util.stream.Stream.of(call)).toList());
  }
}
