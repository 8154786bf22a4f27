package dev.tutti.registry.signin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.console.Form;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is for whom: every method of the REST and of the console. */
class RoleRulesTest {

  private static final List<Class<?>> RESOURCES = resources();

  private static List<Class<?>> resources() {
    var classes = java.nio.file.Path.of("target/classes");
    try (Stream<java.nio.file.Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString())
          .filter(name -> name.endsWith(".class"))
          .<Class<?>>map(name -> loaded(name.replace(".class", "").replace('/', '.')))
          .filter(type -> type.isAnnotationPresent(Path.class))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> loaded(String name) {
    try {
      return Class.forName(name, false, RoleRulesTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Stream<Method> methods(Class<?> resource) {
    return Arrays.stream(resource.getMethods()).filter(m -> !verb(m).isEmpty());
  }

  private static String verb(Method method) {
    return Arrays.stream(method.getAnnotations())
        .map(a -> a.annotationType().getAnnotation(HttpMethod.class))
        .filter(a -> a != null)
        .map(HttpMethod::value)
        .findFirst()
        .orElse("");
  }

  private static Role needed(Class<?> resource, Method method) {
    RoleNeeded said = method.getAnnotation(RoleNeeded.class);
    said = said == null ? resource.getAnnotation(RoleNeeded.class) : said;
    return said != null ? said.value() : verb(method).equals("GET") ? Role.VIEWER : Role.OPERATOR;
  }

  private static String name(Class<?> resource, Method method) {
    return resource.getSimpleName() + "." + method.getName();
  }

  /** What is beyond the number is in no metric. */
  @Test
  void metricsTellEveryRouteApart() throws IOException {
    var kit = new Properties();
    for (URL url :
        Collections.list(
            RoleRulesTest.class
                .getClassLoader()
                .getResources("META-INF/microprofile-config.properties"))) {
      try (InputStream in = url.openStream()) {
        kit.load(in);
      }
    }
    long routes = RESOURCES.stream().flatMap(RoleRulesTest::methods).count();
    int told =
        Integer.parseInt(
            kit.getProperty("quarkus.micrometer.binder.http-server.max-uri-tags", "100"));
    assertTrue(routes > 100 && routes < told, routes + " of " + told);
  }

  @Test
  void whoeverIsNotSignedInMaySignInAndNothingElse() {
    var open = new TreeSet<String>();
    for (Class<?> resource : RESOURCES) {
      assertTrue(!resource.isAnnotationPresent(Unguarded.class), resource.getName());
      methods(resource)
          .filter(m -> m.isAnnotationPresent(Unguarded.class))
          .forEach(m -> open.add(name(resource, m)));
    }
    assertEquals(Set.of("SignInPages.form", "SignInPages.in", "OidcPages.in"), open);
  }

  @Test
  void aOneTimePasswordIsForChangingItAlone() {
    var early = new TreeSet<String>();
    for (Class<?> resource : RESOURCES) {
      assertTrue(
          resource.getAnnotation(RoleNeeded.class) == null
              || !resource.getAnnotation(RoleNeeded.class).oneTimePassword());
      methods(resource)
          .filter(m -> m.isAnnotationPresent(RoleNeeded.class))
          .filter(m -> m.getAnnotation(RoleNeeded.class).oneTimePassword())
          .forEach(m -> early.add(name(resource, m)));
    }
    assertEquals(Set.of("SignInPages.account", "SignInPages.change", "SignInPages.out"), early);
  }

  @Test
  void onlyOnesOwnAccountIsChangedByWhoeverReads() {
    var changes = new TreeSet<String>();
    for (Class<?> resource : RESOURCES) {
      methods(resource)
          .filter(m -> !verb(m).equals("GET"))
          .filter(m -> !m.isAnnotationPresent(Unguarded.class))
          .filter(m -> needed(resource, m) == Role.VIEWER)
          .forEach(m -> changes.add(name(resource, m)));
    }
    assertEquals(Set.of("SignInPages.change", "SignInPages.out"), changes);
  }

  /** Teams, keys and users: and a page is for no one who may not call what it calls. */
  @Test
  void whoUsesWhatAdministratorsHaveIsForAdministrators() {
    assertTrue(RESOURCES.size() > 20, RESOURCES.toString());
    var guarded = new ArrayList<Class<?>>();
    RESOURCES.stream().filter(c -> c.isAnnotationPresent(RoleNeeded.class)).forEach(guarded::add);
    assertTrue(guarded.size() >= 4, guarded.toString());
    for (Class<?> resource : RESOURCES) {
      Arrays.stream(resource.getDeclaredFields())
          .filter(f -> guarded.contains(f.getType()))
          .forEach(
              f -> {
                Role role = f.getType().getAnnotation(RoleNeeded.class).value();
                methods(resource)
                    .forEach(
                        m -> assertTrue(needed(resource, m).covers(role), () -> name(resource, m)));
              });
    }
  }

  /** Whoever takes a form without looking at its token would have no other check. */
  @Test
  void aPageThatChangesSomethingTakesAFormWithItsToken() {
    for (Class<?> resource : RESOURCES) {
      assertEquals(
          resource.getPackageName().endsWith(".console"),
          resource.isAnnotationPresent(Browsed.class),
          resource.getName());
      if (resource.isAnnotationPresent(Browsed.class)) {
        methods(resource)
            .filter(m -> !verb(m).equals("GET"))
            .forEach(
                m -> {
                  // What brings a file is read by FileForm, which asks for the token first.
                  List<Class<?>> taken = Arrays.asList(m.getParameterTypes());
                  assertTrue(
                      taken.contains(Form.class) || taken.contains(InputStream.class),
                      () -> name(resource, m));
                });
      }
    }
  }
}
