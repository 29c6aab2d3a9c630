package dev.tallyman.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerIgnoreTest {
  @ParameterizedTest
  @CsvSource(quoteCharacter = '~', textBlock = """
      notes.txt,      notes.txt,          true
      notes.txt,      a/notes.txt,        false
      /notes.txt,     notes.txt,          true
      ./a//b/../c/,   a/c,                true
      target,         target/a/b.class,   true
      target,         targets,            false
      *.md,           README.md,          true
      *.md,           docs/README.md,     false
      */*.md,         docs/README.md,     true
      **/*.md,        README.md,          true
      **/*.md,        a/b/README.md,      true
      **/*.md,        a/b/README.mdx,     false
      docs/**,        docs,               false
      docs/**,        docs/a/b,           true
      **/node_modules, a/node_modules/x,  true
      **/node_modules, node_modules,      true
      **/node_modules, my_node_modules,   false
      a/**/z,         a/z,                true
      a/**/z,         a/b/c/z,            true
      a/**/z,         a/bz,               false
      a**z,           az,                 true
      a**z,           ab/z,               true
      **,             any/thing,          true
      file?,          file1,              true
      file?,          file,               false
      file?,          file/,              false
      x?y,            x/y,                false
      x?y,            x☃y,                true
      x*y,            x/y,                false
      log[0-9],       log7,               true
      log[0-9],       logs,               false
      log[^0-9],      logs,               true
      log[a\\]],      log],               true
      star\\*,        star*,              true
      star\\*,        stars,              false
      a.b,            axb,                false
      a+(b)|c$,       a+(b)|c$,           true
      .git,           .gitignore,         false
      """)
  void onePattern(String pattern, String path, boolean isOut) {
    assertEquals(isOut, DockerIgnore.parse(pattern + "\n").excludes(path));
  }

  @Test
  void theLastPatternThatMatchesDecides() {
    DockerIgnore ignore = DockerIgnore.parse("*\n!src\n# remark\n\n  src/*.tmp  \r\n!src/keep.tmp\n! docs/a.md\n");

    assertTrue(ignore.excludes("Makefile"));
    assertFalse(ignore.excludes("src"));
    assertFalse(ignore.excludes("src/main/App.java"));
    assertTrue(ignore.excludes("src/x.tmp"));
    assertFalse(ignore.excludes("src/keep.tmp"));
    assertFalse(ignore.excludes("docs/a.md"));
    assertTrue(ignore.excludes("docs/b.md"));
    assertTrue(ignore.excludes("# remark"));
    assertTrue(ignore.hasExceptions());
  }

  @Test
  void anExceptionForAFolderHoldsForAllBelowUntilALaterPattern() {
    DockerIgnore ignore = DockerIgnore.of(List.of("**", "!util/web", "util/web/cache"));

    assertFalse(ignore.excludes("util/web/a/b/c"));
    assertTrue(ignore.excludes("util/web/cache/x"));
    assertTrue(ignore.excludes("util/other"));
    assertFalse(ignore.excludes("util/web/d"));
  }

  @Test
  void theOrderOfQuestionsDoesNotMatter() {
    List<String> patterns = List.of("a/*", "!a/b", "a/b/c*", "**/d", "!**/d/e");
    String[] names = {"a", "b", "c", "d", "e", "cx"};
    Random random = new Random(7);
    DockerIgnore remembering = DockerIgnore.of(patterns);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder path = new StringBuilder(names[random.nextInt(names.length)]);
      for (int j = random.nextInt(5); j > 0; j--) {
        path.append('/').append(names[random.nextInt(names.length)]);
      }

      assertEquals(DockerIgnore.of(patterns).excludes(path.toString()), remembering.excludes(path.toString()), path::toString);
    }
  }

  @Test
  void nothingAndABrokenMarkOfOrder() {
    assertFalse(DockerIgnore.parse("").excludes("a"));
    assertTrue(DockerIgnore.parse("\n# a\n").isEmpty());
    assertTrue(DockerIgnore.parse("\ufeffa").excludes("a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"!", " ! ", "[", "[a", "[^", "a[", "[]a]", "[-]", "[a-]", "[-a]", "[z-a]", "[a-b-c]", "a\\"})
  void refusesWhatIsNoPatternWithItsLine(String pattern) {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> DockerIgnore.parse("ok\n" + pattern));

    assertTrue(refused.getMessage().startsWith("failed to read .dockerignore on line 2: "), refused::getMessage);
  }

  @Test
  void refusesTooManyAndTooLong() {
    assertThrows(DockerfileException.class, () -> DockerIgnore.parse("a\n".repeat(5_001)));
    assertThrows(DockerfileException.class, () -> DockerIgnore.parse("a".repeat(1025)));
    assertTrue(DockerIgnore.parse("b\n".repeat(4_999) + "a").excludes("a"));
  }

  @Test
  void hostilePatternsTakeBoundedTime() {
    DockerIgnore ignore = DockerIgnore.of(List.of("*a*a*a*a*a*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/a/**/b", "a**a**a**a**a**a**b", "*".repeat(1000) + "b"));

    assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> assertFalse(ignore.excludes("a".repeat(255) + "/a".repeat(100))));
  }

  @Test
  void longPatternsMatchAsShortOnesDo() {
    DockerIgnore ignore = DockerIgnore.of(List.of("**/" + "a".repeat(30) + "*" + "b".repeat(40) + "/**/[x-z]?"));

    assertTrue(ignore.excludes("q/r/" + "a".repeat(33) + "b".repeat(40) + "/s/t/z1/below"));
    assertFalse(ignore.excludes("q/r/" + "a".repeat(33) + "b".repeat(39) + "/s/t/z1"));
    assertFalse(ignore.excludes("q/r/" + "a".repeat(33) + "b".repeat(40) + "/s/t/w1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*a*a*a*b", "**/a**/a**/a*a**/a*a**/a*a**/a*a**/a*a**/a*a**/a*a**/a*a**/a*a**/a*a**/a*a**/b"})
  void patternsHaveABudgetTogether(String text) {
    PathPattern pattern = PathPattern.of(text, new StepBudget(100_000, "too much"));

    DockerfileException refused = assertThrows(
        DockerfileException.class,
        () -> {
          for (int i = 0; i < 100_000; i++) {
            pattern.matches("a/a".repeat(20) + i);
          }
        });
    assertEquals("too much", refused.getMessage());
  }

  @Test
  void hundredThousandPathsTakeSeconds() {
    DockerIgnore ignore = DockerIgnore.parse("**/node_modules\n**/*.log\n.git\n*.md\n!README.md\nbuild/**\n**/__pycache__/*\n");

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          int out = 0;
          for (int i = 0; i < 100_000; i++) {
            out += ignore.excludes("src/part" + i / 1000 + "/module" + i / 100 + "/file" + i + (i % 10 == 0 ? ".log" : ".java")) ? 1 : 0;
          }
          assertEquals(10_000, out);
        });
  }
}
