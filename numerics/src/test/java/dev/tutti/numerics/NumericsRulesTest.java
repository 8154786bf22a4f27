package dev.tutti.numerics;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class NumericsRulesTest {

  private final JavaClasses all =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.tutti.numerics");

  @Test
  void numericsIsPlainJavaWithoutInputAndOutput() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java.lang..",
            "java.util..",
            "java.nio",
            "java.math..",
            "java.text",
            "java.time",
            "dev.tutti.numerics..")
        .check(all);
  }

  @Test
  void packagesMakeNoCircle() {
    slices().matching("dev.tutti.numerics.(**)").should().beFreeOfCycles().check(all);
  }
}
