package dev.tallyman.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSyncTest {
  @TempDir Path folder;

  @Test
  void findsTheFileOfADatabase() {
    assertEquals(Optional.of(Path.of("/var/lib/x/tallyman.mv.db")), DiskSync.fileOf("jdbc:h2:async:/var/lib/x/tallyman;WRITE_DELAY=0"));
    assertEquals(Optional.of(Path.of("/x/y.mv.db")), DiskSync.fileOf("jdbc:h2:file:/x/y"));
    assertEquals(Optional.empty(), DiskSync.fileOf("jdbc:h2:mem:tallyman;DB_CLOSE_DELAY=-1"));
    assertEquals(Optional.empty(), DiskSync.fileOf("jdbc:postgresql://localhost/tallyman"));
  }

  @Test
  void servesManyCommitsAtOnceAndKeepsInterrupts() throws Exception {
    DiskSync sync = new DiskSync(Optional.of(Files.createFile(folder.resolve("database.mv.db"))));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Boolean>> done = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      boolean isInterrupted = i % 10 == 0;
      done.add(
          threads.submit(
              () -> {
                if (isInterrupted) {
                  Thread.currentThread().interrupt();
                }
                sync.force();
                return Thread.interrupted() == isInterrupted;
              }));
    }

    for (Future<Boolean> one : done) {
      assertTrue(one.get(20, TimeUnit.SECONDS));
    }
    threads.shutdown();
  }
}
