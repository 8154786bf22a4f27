package dev.tutti.kit.testing;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What holds for the rooms of every service. */
public final class LayerRules {

  /** Most lines of a source file; beyond 300 a class is looked at. */
  public static final int MOST_LINES = 350;

  private LayerRules() {}

  /**
   * Packages of a service need each other in one direction only.
   *
   * @param service package of the service, e.g. {@code dev.tutti.router}
   * @param above classes that stand above their package, such as a catalog, which sees all methods,
   *     which see the package that the catalog is in
   */
  public static void assertNoCycles(String service, Class<?>... above) {
    Set<String> apart = Stream.of(above).map(Class::getName).collect(Collectors.toSet());
    slices().assignedFrom(rooms(apart)).should().beFreeOfCycles().check(production(service));
  }

  /**
   * {@code api/} is the wire and nothing else: of its service it calls the rooms that are named,
   * and no members and no methods.
   *
   * @param service package of the service
   * @param rooms packages below it that {@code api/} may call, e.g. {@code answer}
   * @param exceptions classes and packages below {@code api/} that may call others, e.g. {@code
   *     health}
   */
  public static void assertApiIsTheWire(String service, List<String> rooms, String... exceptions) {
    String api = service + ".api";
    var allowed =
        Stream.concat(Stream.of("api", "v1"), rooms.stream())
            .map(room -> service + "." + room + "..")
            .toArray(String[]::new);
    classes()
        .that(DescribedPredicate.describe("are the wire", c -> isWire(c, api, exceptions)))
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.not(resideInAnyPackage(service + ".."))
                .or(resideInAnyPackage(allowed)))
        .check(production(service));
  }

  /**
   * No source file has more than {@value #MOST_LINES} lines.
   *
   * @param sources folder with a service's own sources, e.g. {@code src/main/java}
   */
  public static void assertSmall(Path sources) {
    var tooLong = new TreeMap<String, Long>();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        long lines;
        try (Stream<String> its = Files.lines(file)) {
          lines = its.count();
        }
        if (lines > MOST_LINES) {
          tooLong.put(sources.relativize(file).toString(), lines);
        }
      }
    } catch (IOException e) {
      throw new AssertionError("The sources cannot be read", e);
    }
    assertEquals(Map.of(), tooLong, "files above %d lines".formatted(MOST_LINES));
  }

  private static boolean isWire(JavaClass its, String api, String... exceptions) {
    return its.getPackageName().startsWith(api)
        && Stream.of(exceptions)
            .map(e -> api + "." + e)
            .noneMatch(e -> its.getName().equals(e) || its.getPackageName().equals(e));
  }

  /** Each package, and each class that stands above its own, is a room. */
  private static SliceAssignment rooms(Set<String> apart) {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass its) {
        // A lambda's or a record's own class belongs to whoever holds it.
        String outer = its.getName().replaceFirst("\\$.*", "");
        return SliceIdentifier.of(apart.contains(outer) ? outer : its.getPackageName());
      }

      @Override
      public String getDescription() {
        return "packages";
      }
    };
  }

  private static JavaClasses production(String service) {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        // What is generated from the contracts.
        .withImportOption(location -> !location.contains(service.replace('.', '/') + "/v1/"))
        .importPackages(service);
  }
}
