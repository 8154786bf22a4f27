package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Which module may depend on which, as docs/architecture.md draws it. */
class ModulesTest {

  private static final Set<String> SERVICE = Set.of("proto", "numerics", "service-kit", "learning");

  /** What each module may have on its class path; what only its tests have is theirs. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("proto", Set.of()),
          Map.entry("numerics", Set.of()),
          Map.entry("service-kit", Set.of("proto")),
          Map.entry("learning", Set.of("proto", "numerics", "service-kit")),
          Map.entry("registry-service", Set.of("proto", "numerics", "service-kit")),
          Map.entry("decoder-service", SERVICE),
          Map.entry("router-service", SERVICE),
          Map.entry("fusion-service", SERVICE),
          Map.entry("cascade-service", SERVICE),
          Map.entry("starter-models", Set.of()),
          Map.entry("deploy/local/postgres", Set.of()),
          Map.entry("deploy/e2e", Set.of()));

  @Test
  void modulesDependOnlyDownwards() throws Exception {
    Element parent = pom(Platform.ROOT);
    var modules = new TreeSet<String>();
    for (Element module : elements(elements(parent, "modules").getFirst(), "module")) {
      modules.add(module.getTextContent().strip());
    }
    assertEquals(new TreeSet<>(ALLOWED.keySet()), modules);
    var wrong = new ArrayList<String>();
    for (String module : modules) {
      for (String other : dependencies(module)) {
        if (!ALLOWED.get(module).contains(other)) {
          wrong.add(module + " -> " + other);
        }
      }
    }
    assertTrue(wrong.isEmpty(), wrong::toString);
  }

  /** Tutti's own modules that a module's production code sees. */
  private static Set<String> dependencies(String module) throws Exception {
    var found = new TreeSet<String>();
    for (Element list : elements(pom(Platform.ROOT.resolve(module)), "dependencies")) {
      for (Element dependency : elements(list, "dependency")) {
        boolean tests = text(dependency, "scope").equals("test");
        if (text(dependency, "groupId").equals("dev.tutti") && !tests) {
          found.add(text(dependency, "artifactId"));
        }
      }
    }
    return found;
  }

  private static Element pom(Path folder) throws Exception {
    try (var pom = Files.newInputStream(folder.resolve("pom.xml"))) {
      return DocumentBuilderFactory.newDefaultInstance()
          .newDocumentBuilder()
          .parse(pom)
          .getDocumentElement();
    } catch (IOException e) {
      throw new IOException("No pom in " + folder, e);
    }
  }

  private static String text(Element element, String name) {
    List<Element> found = elements(element, name);
    return found.isEmpty() ? "" : found.getFirst().getTextContent().strip();
  }

  private static List<Element> elements(Element element, String name) {
    var found = new ArrayList<Element>();
    for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element child && child.getTagName().equals(name)) {
        found.add(child);
      }
    }
    return found;
  }
}
