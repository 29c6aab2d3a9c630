package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.dockerfile.DockerfileException;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.TarReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopySourcesTest {
  private final ContextTree tree = new ContextTree();
  private Context context;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    context = new Context(FileChannel.open(folder.resolve("bytes"), Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)), tree, "");
  }

  @AfterEach
  void close() {
    context.close();
  }

  private void files(String... paths) throws IOException {
    for (String path : paths) {
      tree.add(new TarReader.Entry(path, TarReader.Kind.FILE, 0, "", false, 0644, 0, 0, 0), 0);
    }
  }

  private void link(String path, String target) throws IOException {
    tree.add(new TarReader.Entry(path, TarReader.Kind.LINK, 0, target, false, 0777, 0, 0, 0), 0);
  }

  private static void collect(Node node, String prefix, Set<String> into) {
    for (Node child : node.children()) {
      into.add(prefix + child.name + (child.isDirectory() ? "/" : ""));
      collect(child, prefix + child.name + "/", into);
    }
  }

  /** All paths that sources lead to, below the target. */
  private static String paths(List<Found> found) {
    Set<String> paths = new TreeSet<>();
    for (Found each : found) {
      if (each.node().isDirectory()) {
        collect(each.node(), "", paths);
      } else {
        paths.add(each.name());
      }
    }
    return String.join(" ", paths);
  }

  private String parents(String source, String... excludes) {
    return paths(CopySources.findParents(context, List.of(source), FileSelection.without(List.of(excludes))));
  }

  private String plain(String source, String... excludes) {
    return paths(CopySources.find(context, List.of(source), FileSelection.without(List.of(excludes))));
  }

  @Test
  void keepsTheDirectoriesOfASource() throws IOException {
    files("x/a.txt", "x/b.txt", "y/a.txt");

    assertEquals("x/ x/a.txt", parents("./x/a.txt"));
    assertEquals("x/ x/a.txt x/b.txt", parents("/x"));
    assertEquals("x/ x/a.txt y/ y/a.txt", parents("*/a.txt"));
    assertEquals("x/ x/a.txt x/b.txt y/ y/a.txt", parents("."));
  }

  @Test
  void leavesBehindWhatIsAboveThePivot() throws IOException {
    files("t/a/b/c/d/foo", "t/a/b2/c/d/e/bar", "t/a/b/c2/other");

    assertEquals("c/ c/d/ c/d/foo", parents("t/a/b/./c/d"));
    assertEquals("b/ b/c/ b/c/d/ b/c/d/foo", parents("t/a/./b/./c"));
    assertEquals("b/ b/c/ b/c/d/ b/c/d/foo b2/ b2/c/ b2/c/d/ b2/c/d/e/ b2/c/d/e/bar", parents("t/a/./*/c"));
    assertEquals("c/ c/d/ c/d/e/ c/d/e/bar", parents("t/a/b*/./c/**/e"));
    assertEquals("c2/ c2/other", parents("t/a/b/./c2"));
  }

  @Test
  void goesThroughAnyNumberOfDirectories() throws IOException {
    files("src/a.txt", "src/x/b.txt", "src/x/y/c.txt", "src/x/y/d.bin", "src/empty/e.bin");

    assertEquals("src/ src/a.txt src/x/ src/x/b.txt src/x/y/ src/x/y/c.txt", parents("./src/**/*.txt"));
    assertEquals("a.txt x/ x/b.txt", parents("src/./**/*.txt", "x/y"));
  }

  @Test
  void findsNothingByAPatternButNamesWhatIsMissing() throws IOException {
    files("x/a.txt");

    assertEquals("", parents("x/./c*"));
    assertEquals("", parents("nosuch*/./c"));
    assertTrue(assertThrows(TallymanException.class, () -> parents("x/nosuch")).getMessage().contains("x/nosuch"));
    assertThrows(TallymanException.class, () -> parents("nosuch/./a.txt"));
  }

  @Test
  void neverLeavesTheContext() throws IOException {
    files("x/a.txt");
    link("out", "/etc");
    link("x/up", "../../../../etc");

    assertEquals("x/ x/a.txt", parents("../../x/a.txt"));
    assertEquals("x/ x/a.txt", parents("../.././x/a.txt"));
    assertThrows(TallymanException.class, () -> parents("out/passwd"));
    assertEquals("", parents("out/./passw*"));
    assertEquals("x/ x/up", parents("x/up"));
  }

  @Test
  void dotsAreTakenFromThePathAsItIsWritten() throws IOException {
    files("b", "d/b", "d/e/f");
    link("link", "d/e");

    assertEquals("b", plain("nosuch/../b"));
    assertEquals("d/ d/b d/e/ d/e/f", plain("link/..", "b", "link"));
    assertEquals("f", plain("./link//f"));
    assertTrue(assertThrows(TallymanException.class, () -> plain("d/../nosuch")).getMessage().contains("stat d/../nosuch:"));
  }

  @Test
  void leavesOutWhatIsExcluded() throws IOException {
    files("dir1/one.png", "dir1/two.txt", "dir2/three.txt", "home.txt", "home.md");

    assertEquals("dir1/ dir1/two.txt dir2/ dir2/three.txt home.md home.txt", plain(".", "*/*.png"));
    assertEquals("three.txt two.txt", plain("dir*", "*.png"));
    assertEquals("home.md", plain("hom*", "*.txt"));
    assertEquals("", plain("home.txt", "*.txt"));
    assertEquals("dir1/ dir1/two.txt", plain(".", "*", "!dir1/two.txt"));
    assertEquals("", plain(".", "*"));
    assertEquals("dir1/ dir1/two.txt dir2/ dir2/three.txt", parents("dir*", "**/*.png"));
  }

  @Test
  void refusesAPatternThatIsNone() throws IOException {
    files("a");

    assertThrows(DockerfileException.class, () -> plain("a", "["));
    assertThrows(DockerfileException.class, () -> parents("["));
  }

  private String sum(String source, String... excludes) {
    MessageDigest sum = Context.sha256();
    CopySources.digest(CopySources.find(context, List.of(source), FileSelection.without(List.of(excludes))), sum);
    return HexFormat.of().formatHex(sum.digest());
  }

  private String sum(Map<String, String> attributes) throws IOException {
    ContextTree other = new ContextTree();
    other.add(new TarReader.Entry("dir", TarReader.Kind.DIRECTORY, 0, "", false, 0755, 0, 0, 0, attributes), 0);
    MessageDigest sum = Context.sha256();
    CopySources.digest(List.of(new Found("", other.root(), context)), sum);
    return HexFormat.of().formatHex(sum.digest());
  }

  @Test
  void attributesCannotBeMadeToLookLikeOthers() throws IOException {
    assertNotEquals(sum(Map.of("user.a", "1", "user.b", "2")), sum(Map.of("user.a", "1, user.b=2")));
    assertNotEquals(sum(Map.of("user.a=", "1")), sum(Map.of("user.a", "=1")));
    assertEquals(sum(Map.of("user.a", "1", "user.b", "2")), sum(Map.of("user.b", "2", "user.a", "1")));
  }

  @Test
  void noNameOrLinkHasANul() {
    assertThrows(IOException.class, () -> files("a\0b"));
    assertThrows(IOException.class, () -> link("a", "b\0FILE"));
  }

  @Test
  void countsInTheKeyOnlyWhatIsCopied() throws IOException {
    files("d/a.txt", "d/b.log");
    String before = sum("d", "*.log");

    files("d/c.log");

    assertEquals(before, sum("d", "*.log"));
    assertNotEquals(before, sum("d"));
  }
}
