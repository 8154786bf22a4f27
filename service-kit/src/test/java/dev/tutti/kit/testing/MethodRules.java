package dev.tutti.kit.testing;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Grading;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Ran;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import dev.tutti.kit.settings.MethodCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What holds for the methods of every service. */
public final class MethodRules {

  /** A row of the table in METHODS.md: its first cell is the method's name in backticks. */
  private static final Pattern ROW = Pattern.compile("^\\| *`([a-z0-9-]+)` *\\|");

  private static final DescribedPredicate<JavaClass> CALL_TYPES =
      belongToAnyOf(
          AnswerSignals.class,
          Asked.class,
          Call.class,
          Episode.class,
          Grading.class,
          MemberCard.class,
          Prompt.class,
          Query.class,
          Ran.class,
          References.class,
          SamplingChange.class,
          Turn.class);

  /** What methods see of the calls of members, and arrays of it; plain Java itself. */
  public static final DescribedPredicate<JavaClass> CALLS =
      DescribedPredicate.describe(
          "tell methods of calls", type -> CALL_TYPES.test(type.getBaseComponentType()));

  private MethodRules() {}

  /**
   * Methods are plain Java: beside the JDK they see their family's types, the settings annotations,
   * what a call is, and the pure libraries that are named here.
   *
   * @param service package of the service, e.g. {@code dev.tutti.router}
   * @param libraries further packages, e.g. {@code org.tribuo..}
   */
  public static void assertPlainJava(String service, String... libraries) {
    JavaClasses all = production(service);
    var allowed =
        new TreeSet<>(Set.of("java..", service + ".method..", "dev.tutti.kit.settings.."));
    allowed.add(service);
    allowed.addAll(Set.of(libraries));
    classes()
        .that()
        .resideInAPackage(service + ".method..")
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new)).or(CALLS))
        .check(all);
    classes()
        .that()
        .resideInAPackage(service + ".method..")
        .should()
        .onlyDependOnClassesThat(
            not(resideInAnyPackage("java.net..", "java.sql..", "java.io..", "java.nio.file..")))
        .check(all);
  }

  /**
   * The classes below {@code method} that are methods, the lines of the catalog and the rows of
   * METHODS.md are the same.
   *
   * @param service package of the service
   * @param family the family's interface
   * @param catalog the service's catalog
   * @param methodsFile its METHODS.md
   */
  public static void assertCatalogued(
      String service, Class<?> family, MethodCatalog<?> catalog, Path methodsFile) {
    Set<String> written =
        production(service).stream()
            .filter(c -> c.getPackageName().startsWith(service + ".method"))
            .filter(c -> c.isAssignableTo(family) && !c.isInterface() && c.isTopLevelClass())
            .map(JavaClass::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> catalogued =
        catalog.definitions().stream()
            .map(d -> d.type().getName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(written, catalogued, "classes below method/ and lines of the catalog");
    Set<String> named =
        catalog.definitions().stream()
            .map(d -> d.name())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(named, rows(methodsFile), "methods of the catalog and rows of " + methodsFile);
  }

  private static Set<String> rows(Path methodsFile) {
    try {
      return Files.readAllLines(methodsFile).stream()
          .map(ROW::matcher)
          .filter(Matcher::find)
          .map(m -> m.group(1))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new AssertionError("METHODS.md cannot be read", e);
    }
  }

  private static JavaClasses production(String service) {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages(service);
  }
}
