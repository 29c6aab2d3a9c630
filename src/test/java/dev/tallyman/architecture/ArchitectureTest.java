package dev.tallyman.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules that keep the packages apart. Plain tests: the annotations of ArchUnit ran nothing under this surefire. */
class ArchitectureTest {
  private static final String ROOT = "dev.tallyman.";

  /** Who may use whom: a package uses lower ranks only. */
  private static final Map<String, Integer> RANKS =
      Map.ofEntries(
          entry("error", 0),
          entry("unit", 1), entry("identity", 1),
          entry("kernel", 2), entry("web", 2), entry("event", 2),
          entry("audit", 3),
          entry("account", 4),
          entry("image", 8), entry("network", 8), entry("volume", 8), entry("secret", 8), entry("device", 8),
          entry("distribution", 9),
          entry("container", 10),
          entry("exec", 11), entry("log", 11), entry("stats", 11), entry("health", 11),
          entry("index", 12), entry("build", 12), entry("system", 12),
          entry("engine", 13), entry("dashboard", 13),
          entry("app", 14));

  private static final int MAX_MAIN_LINES = 350;
  private static final int MAX_TEST_LINES = 600;

  private static final JavaClasses CLASSES = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.tallyman");

  @Test
  void everyPackageHasARank() {
    TreeSet<String> unranked = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      if (!RANKS.containsKey(feature(type))) {
        unranked.add(type.getName());
      }
    }

    assertTrue(unranked.isEmpty(), () -> "classes outside the rank table: " + unranked);
    assertTrue(CLASSES.size() > 50, "the classes were not found");
  }

  @Test
  void packagesOnlyLookDown() {
    List<String> upward = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        if (looksUp(type, dependency.getTargetClass())) {
          upward.add(dependency.getDescription());
        }
      }
    }

    assertEquals(List.of(), upward);
  }

  @Test
  void entitiesStayInTheirPackage() {
    classes().that().areAnnotatedWith("jakarta.persistence.Entity").should().bePackagePrivate().because("others see records").check(CLASSES);
    classes().that().haveSimpleNameEndingWith("Repository").should().bePackagePrivate().check(CLASSES);
  }

  @Test
  void onlyTheKernelPackageCallsNativeCode() {
    noClasses().that().resideOutsideOfPackage("dev.tallyman.kernel..").should().dependOnClassesThat().resideInAPackage("jnr..").check(CLASSES);
    noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.lang.ProcessBuilder").because("nothing is executed but the helper").check(CLASSES);
  }

  @Test
  void transactionsBeginInServicesAndStores() {
    methods().that().areAnnotatedWith("jakarta.transaction.Transactional").should().beDeclaredInClassesThat().haveNameMatching(".*(Service|Store)").allowEmptyShould(true).check(CLASSES);
    classes().that().areAnnotatedWith("jakarta.transaction.Transactional").should().haveNameMatching(".*(Service|Store)").allowEmptyShould(true).check(CLASSES);
  }

  @Test
  void restMethodsArePublic() {
    for (String annotation : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
      methods().that().areAnnotatedWith("jakarta.ws.rs." + annotation).should().bePublic().because("the platform leaves others out with a mere warning").check(CLASSES);
    }
  }

  @Test
  void nothingDependsOnEdges() {
    noClasses().that().haveNameNotMatching(".*(Resource|Pages)(\\$.*)?").should().dependOnClassesThat().haveNameMatching(".*\\.[A-Za-z]+(Resource|Pages)").allowEmptyShould(true).check(CLASSES);
  }

  @Test
  void timesAndTextsHaveNoHiddenLocale() {
    noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.util.Date").check(CLASSES);
    noClasses().should().callMethod(String.class, "toLowerCase").orShould().callMethod(String.class, "toUpperCase").because("a Turkish server would differ").check(CLASSES);
  }

  @Test
  void filesAreShort() throws IOException {
    List<String> tooLong = new ArrayList<>();
    tooLong.addAll(longerThan(MAX_MAIN_LINES, Path.of("src/main/java")));
    tooLong.addAll(longerThan(MAX_TEST_LINES, Path.of("src/test")));

    assertEquals(List.of(), tooLong);
  }

  private static boolean looksUp(JavaClass from, JavaClass to) {
    if (!to.getPackageName().startsWith(ROOT) || feature(from).equals(feature(to))) {
      return false;
    }
    return RANKS.getOrDefault(feature(to), 99) >= RANKS.getOrDefault(feature(from), 99);
  }

  private static String feature(JavaClass type) {
    String rest = type.getPackageName().length() > ROOT.length() ? type.getPackageName().substring(ROOT.length()) : "";
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  private static List<String> longerThan(int limit, Path folder) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        long lines = Files.readAllLines(file).size();
        if (lines > limit) {
          found.add(file + " has " + lines + " lines, at most " + limit);
        }
      }
    }
    return found;
  }
}
