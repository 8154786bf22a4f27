package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Visits the console as a browser would that runs no script. Every page that it sees is looked
 * over.
 */
final class Browsing {

  private static final Set<String> VOID =
      Set.of("meta", "link", "input", "br", "hr", "img", "!doctype");
  private static final Pattern TAG =
      Pattern.compile("<(/?)([!a-zA-Z][a-zA-Z0-9]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>");
  private static final Pattern ATTRIBUTE =
      Pattern.compile("\\s([a-zA-Z-]+)(?:=(\"[^\"]*\"|'[^']*'))?");

  private final String cookie;
  private final String token;
  private final List<String> headers;

  private Browsing(String cookie, String token, List<String> headers) {
    this.cookie = cookie;
    this.token = token;
    this.headers = headers;
  }

  /**
   * A visit that has its token.
   *
   * @param headers that it sends along: names and values in turn
   */
  static Browsing begin(String... headers) {
    Answer page = page(Rest.get("/console/models/~new", headers).expect(200));
    String set = page.header("Set-Cookie");
    assertTrue(set.contains("HTTPOnly") && set.contains("SameSite=Strict"), set);
    return new Browsing(
        set.substring(0, set.indexOf(';')), hidden(page.body(), "csrf"), List.of(headers));
  }

  String cookie() {
    return cookie;
  }

  String token() {
    return token;
  }

  /** A page. */
  Answer get(String path) {
    Answer answer = page(Rest.get(path, with("Cookie", cookie)).expect(200));
    assertTrue(answer.body().contains("<summary>As curl</summary>"), path);
    return answer;
  }

  /** A page that tells a refusal. */
  Answer get(String path, int status) {
    return page(Rest.get(path, with("Cookie", cookie)).expect(status));
  }

  private String[] with(String... more) {
    var all = new ArrayList<>(headers);
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** A form with its token: names and values in turn. */
  Answer send(String path, String... fields) {
    var body = new StringBuilder("csrf=" + token);
    for (int i = 0; i < fields.length; i += 2) {
      body.append('&').append(fields[i]).append('=').append(encoded(fields[i + 1]));
    }
    return post(path, body.toString(), with("Cookie", cookie, "Sec-Fetch-Site", "same-origin"));
  }

  /** Whatever body as a form. */
  static Answer post(String path, String body, String... headers) {
    var all = new ArrayList<>(List.of("Content-Type", "application/x-www-form-urlencoded"));
    all.addAll(List.of(headers));
    Answer answer = Rest.form(path, body, all.toArray(String[]::new));
    return answer.status() == 303 ? answer : page(answer);
  }

  /** Value of a hidden field. */
  static String hidden(String body, String name) {
    Matcher matcher =
        Pattern.compile("<input type=\"hidden\" name=\"%s\" value=\"([^\"]*)\"".formatted(name))
            .matcher(body);
    assertTrue(matcher.find(), "no hidden field " + name);
    return matcher.group(1);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * Looks a page over: its headers; tags that close in order; no script or style but our files'; no
   * attribute that runs something; no other host; ids only once; every label and description of
   * something that is there.
   */
  static Answer page(Answer answer) {
    String body = answer.body();
    assertEquals("text/html;charset=UTF-8", answer.header("Content-Type"), body);
    String policy = answer.header("Content-Security-Policy");
    assertTrue(policy.startsWith("default-src 'none'") && !policy.contains("unsafe"), policy);
    assertEquals("nosniff", answer.header("X-Content-Type-Options"));
    assertEquals("DENY", answer.header("X-Frame-Options"));
    assertEquals("no-store", answer.header("Cache-Control"));
    Deque<String> open = new ArrayDeque<>();
    var ids = new HashSet<String>();
    var meant = new HashSet<String>();
    Matcher tags = TAG.matcher(body);
    int at = 0;
    while (tags.find()) {
      String between = body.substring(at, tags.start());
      assertFalse(between.contains("<"), () -> "a stray < in: " + between);
      at = tags.end();
      String name = tags.group(2).toLowerCase(java.util.Locale.ROOT);
      if (!tags.group(1).isEmpty()) {
        assertEquals(open.poll(), name, () -> "closes in " + body);
      } else {
        attributes(name, tags.group(3), ids, meant);
        if (name.equals("script")) {
          assertTrue(body.startsWith("</script>", tags.end()), "an inline script");
        }
        assertFalse(name.equals("style"), "an inline style");
        if (!VOID.contains(name) && tags.group(4).isEmpty()) {
          open.push(name);
        }
      }
    }
    assertEquals(0, open.size(), () -> "left open: " + open);
    meant.removeAll(ids);
    assertEquals(Set.of(), meant, "meant, and not there");
    return answer;
  }

  private static void attributes(String tag, String text, Set<String> ids, Set<String> meant) {
    Matcher attributes = ATTRIBUTE.matcher(" " + text);
    while (attributes.find()) {
      String name = attributes.group(1);
      String value =
          attributes.group(2) == null
              ? ""
              : attributes.group(2).substring(1, attributes.group(2).length() - 1);
      assertFalse(name.equals("style") || name.startsWith("on"), tag + text);
      if (name.equals("id")) {
        assertTrue(ids.add(value), "twice: " + value);
      }
      if (name.equals("for") || name.equals("aria-describedby")) {
        meant.add(value);
      }
      if (Set.of("href", "src", "action", "hx-get", "hx-post").contains(name)) {
        assertTrue(value.matches("[/#?].*") && !value.startsWith("//"), tag + text);
      }
    }
  }
}
