package dev.tallyman.build.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.build.Cancellation;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.TreeFormatter;
import org.junit.jupiter.api.Test;

class DirectoriesTest {
  private final InMemoryRepository repository = new InMemoryRepository(new DfsRepositoryDescription("directories"));

  private static Directories within(Duration time) {
    return new Directories("it", new Outing(new Cancellation(), time));
  }

  private ObjectId tree(byte[] raw) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId id = inserter.insert(Constants.OBJ_TREE, raw);
      inserter.flush();
      return id;
    }
  }

  private ObjectId tree(String name, FileMode mode, ObjectId id) throws IOException {
    TreeFormatter tree = new TreeFormatter();
    tree.append(name, mode, id);
    return tree(tree.toByteArray());
  }

  @Test
  void pathsLeadThroughDirectoriesOnly() throws IOException {
    ObjectId file = ObjectId.fromString("1".repeat(40));
    ObjectId below = tree("f", FileMode.REGULAR_FILE, file);
    ObjectId root = tree("dir", FileMode.TREE, below);
    Directories directories = within(Duration.ofMinutes(1));
    var reader = repository.newObjectReader();

    Directories.Entry found = directories.find(reader, root, "dir/f");
    assertNotNull(found);
    assertEquals(file, found.id());
    for (String none : List.of("f", "dir/g", "dir/f/g", "di")) {
      assertNull(directories.find(reader, root, none), none);
    }
  }

  @Test
  void damagedOnesAreRefused() throws IOException {
    for (String raw : List.of("1", "100644", "100644 f", "100644 f\0short", "100644 f\0" + "x".repeat(20) + "4")) {
      ObjectId tree = tree(raw.getBytes(StandardCharsets.ISO_8859_1));
      TallymanException refusal = assertThrows(TallymanException.class, () -> within(Duration.ofMinutes(1)).each(repository.newObjectReader(), tree, entry -> {}), raw);
      assertEquals(ErrorKind.INVALID, refusal.kind());
    }
  }

  @Test
  void theTimeIsForReadingAndWritingToo() throws IOException {
    ObjectId tree = tree("f", FileMode.REGULAR_FILE, ObjectId.fromString("1".repeat(40)));
    Outing over = new Outing(new Cancellation(), Duration.ZERO);

    assertEquals(ErrorKind.UNAVAILABLE, assertThrows(TallymanException.class, () -> within(Duration.ZERO).each(repository.newObjectReader(), tree, entry -> {})).kind());
    OutputStream out = over.over(OutputStream.nullOutputStream(), "it");
    assertEquals(ErrorKind.UNAVAILABLE, assertThrows(TallymanException.class, () -> out.write(new byte[10])).kind());
    assertEquals(ErrorKind.UNAVAILABLE, assertThrows(TallymanException.class, () -> out.write(1)).kind());
  }
}
