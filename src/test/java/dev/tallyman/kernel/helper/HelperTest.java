package dev.tallyman.kernel.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.libc.Spawn;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the server makes of a helper that is missing, may not be run, or does not speak. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class HelperTest {
  @TempDir Path folder;

  @Test
  void saysThatItIsNotThere() {
    KernelException e = refused(new Helper(folder.resolve("absent")));

    assertEquals("cannot run the helper: posix_spawn: No such file or directory", e.getMessage());
  }

  @Test
  void saysThatItMayNotBeRun() throws IOException {
    Path file = Files.writeString(folder.resolve("plain"), "no program");

    assertEquals("cannot run the helper: posix_spawn: Permission denied", refused(new Helper(file)).getMessage());
  }

  @Test
  void saysThatItEndedWithoutAnAnswer() {
    KernelException e = refused(new Helper(Path.of("/bin/true")));

    assertTrue(e.getMessage().startsWith("the helper ended without an answer (process "), e.getMessage());
  }

  @Test
  void stopsFeedingAHelperThatDoesNotRead() {
    Helper helper = new Helper(Path.of("/bin/true"));

    assertThrows(KernelException.class, () -> helper.send(Request.of(Verb.LAYER_UNPACK), new ByteArrayInputStream(new byte[10 << 20])));
  }

  @Test
  void leavesNoDescriptorAndNoChildBehind() throws IOException, InterruptedException {
    Helper helper = new Helper(Path.of("/bin/true"));
    refused(helper);
    int before = openFiles();

    for (int i = 0; i < 50; i++) {
      refused(helper);
    }

    assertTrue(openFiles() <= before + 2, "open files grew from " + before + " to " + openFiles());
    for (int i = 0; i < 200 && !zombies().isEmpty(); i++) {
      Thread.sleep(10); // a child is collected after its answer was handed on
    }
    assertEquals(List.of(), zombies());
  }

  @Test
  void replacesASpareHelperThatHasEnded() throws IOException, InterruptedException {
    Helper helper = new Helper(Path.of("/bin/true"));
    refused(helper, Verb.CONTAINER_REMOVE);
    int before = openFiles();

    for (int i = 0; i < 20; i++) {
      KernelException e = refused(helper, Verb.CONTAINER_REMOVE);
      assertTrue(e.getMessage().startsWith("the helper ended without an answer (process "), e.getMessage());
    }

    helper.close();
    assertTrue(openFiles() <= before + 2, "open files grew from " + before + " to " + openFiles());
  }

  @Test
  void keepsTwoSparesAtMostAndNoneAfterTheEnd() throws IOException {
    Path waits = Files.writeString(folder.resolve("waits"), "#!/bin/sh\nread line <&3\n");
    assertTrue(waits.toFile().setExecutable(true));
    SpareHelpers spares = new SpareHelpers(new Spawn(waits.toString()));
    long before = children();

    for (int i = 0; i < 5; i++) {
      spares.add();
    }

    assertEquals(before + 2, children());
    spares.close();
    assertEquals(before, children());
    spares.add();
    assertNull(spares.take());
  }

  private static long children() {
    return ProcessHandle.current().children().count();
  }

  private static KernelException refused(Helper helper) {
    return refused(helper, Verb.PROBE);
  }

  private static KernelException refused(Helper helper, Verb verb) {
    KernelException e = assertThrows(KernelException.class, () -> helper.call(Request.of(verb)));
    assertEquals(ErrorKind.UNAVAILABLE, e.kind());
    return e;
  }

  private static int openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return (int) files.count();
    }
  }

  private static List<String> zombies() {
    List<String> found = new ArrayList<>();
    ProcessHandle.current().children().filter(child -> child.info().command().isEmpty() && child.isAlive()).forEach(child -> found.add(child.toString()));
    return found;
  }
}
