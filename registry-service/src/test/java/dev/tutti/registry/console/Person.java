package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.WithKeys;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Somebody with a browser of their own, which keeps its cookies. */
final class Person {

  static final String SESSION = "tutti-session";
  private static final String ADMIN = "Bearer " + WithKeys.ADMIN;

  private final Map<String, String> cookies = new LinkedHashMap<>();

  /** What an administrator's key does. */
  static Answer admin(String method, String path, String body) {
    return Rest.send(method, path, body, "Authorization", ADMIN);
  }

  /** Makes a user; returns the one-time password. */
  static String make(String name, String role) {
    return admin("POST", "users", "{\"name\": \"%s\", \"role\": \"%s\"}".formatted(name, role))
        .expect(201)
        .json()
        .path("password")
        .asText();
  }

  static String password(String name) {
    return "one that is long, number " + name.hashCode();
  }

  /** Somebody new who is signed in and has a password of their own. */
  static Person as(String name, String role) {
    String once = make(name, role);
    var person = new Person();
    person.signIn(name, once).expect(303);
    person
        .send("/console/account", "old", once, "password", password(name), "again", password(name))
        .expect(303);
    return person;
  }

  /** Tries to sign in. */
  Answer signIn(String name, String password) {
    return send("/console/sign-in", "user", name, "password", password);
  }

  /** A form with the token of the page where it is. */
  Answer send(String path, String... fields) {
    String form = path.equals("/console/sign-in") ? path : "/console/account";
    return post(path, Browsing.hidden(get(form).expect(200).body(), "csrf"), fields);
  }

  /** A form with any token. */
  Answer post(String path, String token, String... fields) {
    var body = new StringBuilder("csrf=" + token);
    for (int i = 0; i < fields.length; i += 2) {
      body.append('&').append(fields[i]).append('=').append(Browsing.encoded(fields[i + 1]));
    }
    return kept(
        Rest.form(
            path, body.toString(), headers("Content-Type", "application/x-www-form-urlencoded")));
  }

  /** The form that imports lines to a dataset, with any token. */
  Answer upload(String token, String dataset, String lines) {
    String part = "--edge\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n%s\r\n";
    String body =
        part.formatted("csrf", "", token)
            + part.formatted("name", "", dataset)
            + part.formatted("body", "; filename=\"a.jsonl\"", lines)
            + "--edge--\r\n";
    return kept(
        Rest.form(
            "/console/imports",
            body,
            headers("Content-Type", "multipart/form-data; boundary=edge")));
  }

  Answer get(String path, String... more) {
    return kept(Rest.get(path, headers(more)));
  }

  /** A change by the REST, with these headers. */
  Answer rest(String method, String path, String body, String... more) {
    return kept(Rest.send(method, path, body, headers(more)));
  }

  /** The token that a change brings. */
  String csrf() {
    return Browsing.hidden(get("/console/account").expect(200).body(), "csrf");
  }

  String session() {
    return cookies.get(SESSION);
  }

  void bring(String name, String value) {
    cookies.put(name, value);
  }

  /** Whether pages open. */
  boolean isIn() {
    int status = get("/console/models").status();
    assertTrue(status == 200 || status == 303, "status " + status);
    return status == 200;
  }

  private String[] headers(String... more) {
    var headers = new ArrayList<>(List.of(more));
    if (!cookies.isEmpty()) {
      headers.add("Cookie");
      headers.add(
          cookies.entrySet().stream()
              .map(c -> c.getKey() + "=" + c.getValue())
              .collect(Collectors.joining("; ")));
    }
    return headers.toArray(String[]::new);
  }

  private Answer kept(Answer answer) {
    for (String set : answer.response().headers().allValues("Set-Cookie")) {
      String[] pair = set.substring(0, set.indexOf(';')).split("=", 2);
      assertEquals(2, pair.length, set);
      if (pair[1].isEmpty()) {
        cookies.remove(pair[0]);
      } else {
        assertTrue(set.contains("HTTPOnly") && set.contains("SameSite="), set);
        cookies.put(pair[0], pair[1]);
      }
    }
    return answer;
  }
}
