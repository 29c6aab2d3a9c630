package dev.tallyman.dashboard;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Files that browsers get: those of libraries are there, ours keep the policy that forbids inline code. */
class AssetsTest {
  private static final Path ASSETS = Path.of("src/main/resources/META-INF/resources/assets");
  private static final Path TEMPLATES = Path.of("src/main/resources/templates");
  private static final Pattern INLINE = Pattern.compile("<script(?![^>]*\\bsrc=)|<style|\\sstyle\\s*=|\\son[a-z]+\\s*=\\s*[\"']|javascript:|hx-on|\\.raw\\b|\\bsafe\\b\\}");
  private static final Pattern FOREIGN = Pattern.compile("(?:src|href)=[\"'](?:https?:)?//(?!\\{)");
  private static final Pattern LIBRARY = Pattern.compile("(?:src|href)=\"(/webjars/[^\"]+)\"");
  private static final Pattern ICON = Pattern.compile("icon name=\"([a-z]+)\"|empty icon=\"([a-z]+)\"");

  @Test
  void filesOfOthersAreThere() throws IOException {
    int found = 0;
    for (Path template : templates()) {
      for (MatchResult file : LIBRARY.matcher(Files.readString(template)).results().toList()) {
        found++;
        assertNotNull(AssetsTest.class.getResource("/META-INF/resources" + file.group(1)), () -> template + ": " + file.group(1));
      }
    }
    assertTrue(found > 0);
  }

  @Test
  void templatesHaveNoInlineCodeAndNoForeignFiles() throws IOException {
    for (Path template : templates()) {
      String text = Files.readString(template);
      Matcher inline = INLINE.matcher(text);
      assertFalse(inline.find(), () -> template + ": " + inline.group());
      Matcher foreign = FOREIGN.matcher(text);
      assertFalse(foreign.find(), () -> template + ": " + foreign.group());
    }
  }

  @Test
  void everyPostingFormCarriesTheToken() throws IOException {
    Pattern form = Pattern.compile("<form[^>]*method=\"post\".*?</form>", Pattern.DOTALL);
    for (Path template : templates()) {
      form.matcher(Files.readString(template)).results().map(result -> result.group()).filter(each -> !each.contains("/ui/login\"") && !each.contains("/ui/language\""))
          .forEach(each -> assertTrue(each.contains("{#csrf /}") || each.contains("name=\"csrf\""), () -> template + ": " + each));
    }
  }

  @Test
  void everyIconIsDrawn() throws IOException {
    String icons = Files.readString(ASSETS.resolve("icons.svg"));
    for (Path template : templates()) {
      ICON.matcher(Files.readString(template)).results().map(result -> result.group(1) != null ? result.group(1) : result.group(2))
          .forEach(name -> assertTrue(icons.contains("<symbol id=\"" + name + "\""), () -> template + ": " + name));
    }
  }

  private static List<Path> templates() throws IOException {
    try (Stream<Path> files = Files.walk(TEMPLATES)) {
      return files.filter(file -> file.toString().endsWith(".html")).toList();
    }
  }
}
