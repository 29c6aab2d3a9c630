package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The table of operations in the docs is what the annotated tests show. It is made anew with {@code -Dtallyman.docs=write}. */
class OperationsTest {
  private static final Path TABLE = Path.of("docs/engine-api-operations.md");

  private static final String HEAD =
      """
      # The operations of the Engine API

      Made from the tests by `mvn test -Dtest=OperationsTest -Dtallyman.docs=write`; a test fails when it is out of date, and when an operation has no
      test. Every test named here has been seen to make the call: one that *works* was answered with success, one that is *refused* with 501 or 503.
      """;

  private static Map<String, TreeSet<String>> tests() {
    Map<String, TreeSet<String>> all = new TreeMap<>();
    for (JavaClass type : new ClassFileImporter().importPackages("dev.tallyman.engine")) {
      for (JavaMethod method : type.getMethods()) {
        if (method.isAnnotatedWith(Covers.class)) {
          for (String each : method.getAnnotationOfType(Covers.class).value()) {
            all.computeIfAbsent(each, key -> new TreeSet<>()).add(type.getSimpleName() + "." + method.getName());
          }
        }
      }
    }
    return all;
  }

  private static String table(List<Operation> operations, Map<String, TreeSet<String>> tests) {
    StringBuilder text = new StringBuilder(HEAD);
    String family = "";
    for (Operation each : operations) {
      if (!each.family().equals(family)) {
        family = each.family();
        text.append("\n## ").append(family).append("\n\n| operation | implemented | tested by | differences |\n|---|---|---|---|\n");
      }
      text.append("| `").append(each.name()).append("` | ").append(each.works() ? "works" : "refused").append(" | `");
      text.append(String.join("`, `", tests.getOrDefault(each.name(), new TreeSet<>()))).append("` | ").append(each.differences()).append(" |\n");
    }
    return text.toString();
  }

  @Test
  void everyOperationHasATestAndEveryTestAnOperation() throws IOException {
    List<Operation> operations = Operation.all();

    assertEquals(68, operations.size());
    assertEquals(new TreeSet<>(operations.stream().map(Operation::name).toList()), new TreeSet<>(tests().keySet()));
  }

  @Test
  void theTableInTheDocsIsUpToDate() throws IOException {
    String made = table(Operation.all(), tests());

    if ("write".equals(System.getProperty("tallyman.docs"))) {
      Files.writeString(TABLE, made);
    }
    assertEquals(Files.readString(TABLE), made, "make it anew: mvn test -Dtest=OperationsTest -Dtallyman.docs=write");
  }

  @Test
  void callsAreToldApart() {
    Operation list = new Operation("", "GET /containers/json", true, "");
    Operation inspect = new Operation("", "GET /images/{name}/json", true, "");
    Operation attestations = new Operation("", "GET /images/{name}/attestations", false, "");

    assertTrue(list.isShownBy(new EngineClient.Call("GET", "/v1.41/containers/json?all=1", 200)));
    assertFalse(list.isShownBy(new EngineClient.Call("GET", "/containers/json", 400)));
    assertFalse(list.isShownBy(new EngineClient.Call("GET", "/containers/a/json", 200)));
    assertTrue(inspect.isShownBy(new EngineClient.Call("GET", "/images/a/b:1/json", 200)));
    assertFalse(inspect.isShownBy(new EngineClient.Call("HEAD", "/images/a/json", 200)));
    assertTrue(attestations.isShownBy(new EngineClient.Call("GET", "/images/a/attestations?x=a", 501)));
    assertFalse(attestations.isShownBy(new EngineClient.Call("GET", "/images/a/attestations?x=a", 404)));
  }
}
