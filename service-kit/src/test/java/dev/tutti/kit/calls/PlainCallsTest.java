package dev.tutti.kit.calls;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.tutti.kit.testing.MethodRules;
import org.junit.jupiter.api.Test;

class PlainCallsTest {

  @Test
  void whatMethodsSeeOfCallsIsPlainJava() {
    classes()
        .that(MethodRules.CALLS)
        .should()
        .onlyDependOnClassesThat(resideInAPackage("java..").or(MethodRules.CALLS))
        .check(new ClassFileImporter().importPackages("dev.tutti.kit.calls"));
  }
}
