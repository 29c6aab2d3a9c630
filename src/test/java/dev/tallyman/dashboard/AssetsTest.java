package dev.tallyman.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Files that browsers get: those of others are what they claim to be, ours keep the policy that forbids inline code. */
class AssetsTest {
  private static final Path ASSETS = Path.of("src/main/resources/META-INF/resources/assets");
  private static final Path TEMPLATES = Path.of("src/main/resources/templates");
  private static final Pattern INLINE = Pattern.compile("<script(?![^>]*\\bsrc=)|<style|\\sstyle\\s*=|\\son[a-z]+\\s*=\\s*[\"']|javascript:|hx-on|\\.raw\\b|\\bsafe\\b\\}");
  private static final Pattern FOREIGN = Pattern.compile("(?:src|href)=[\"'](?:https?:)?//(?!\\{)");
  private static final Pattern ICON = Pattern.compile("icon name=\"([a-z]+)\"|empty icon=\"([a-z]+)\"");

  @Test
  void filesOfOthersHaveTheirChecksums() throws IOException, GeneralSecurityException {
    List<String> sums = Files.readAllLines(ASSETS.resolve("vendor/SHA256SUMS"));

    for (String line : sums) {
      byte[] file = Files.readAllBytes(ASSETS.resolve("vendor").resolve(line.substring(66)));
      assertEquals(line.substring(0, 64), HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file)), line);
    }
    try (Stream<Path> files = Files.list(ASSETS.resolve("vendor"))) {
      assertEquals(files.filter(file -> file.toString().matches(".*\\.(js|css)")).count(), sums.size());
    }
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
