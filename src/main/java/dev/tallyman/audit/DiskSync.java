package dev.tallyman.audit;

import io.quarkus.runtime.Quarkus;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Forces committed changes to the disk before they are acknowledged, so that they survive a power cut too: H2 writes at every commit but
 * never waits for the disk. Every change that a client is told of has a row in the trail, so this is done where those are written. Commits
 * that come in while the disk is busy share the next force.
 */
@Singleton
class DiskSync {
  private static final Logger LOG = Logger.getLogger(DiskSync.class);
  private static final Pattern FILE = Pattern.compile("jdbc:h2:(?:ballast:|async:|file:)*([^;:]+)(?:;.*)?");
  private static final int EXIT_CODE = 4;

  private final Optional<Path> file;
  private @Nullable FileChannel channel;
  private long requested;
  private long forced;
  private boolean isForcing;

  @Inject
  DiskSync(@ConfigProperty(name = "quarkus.datasource.jdbc.url") String url, @ConfigProperty(name = "tallyman.audit.sync-to-disk", defaultValue = "true") boolean isWanted) {
    this(isWanted ? fileOf(url) : Optional.empty());
  }

  DiskSync(Optional<Path> file) {
    this.file = file;
  }

  static Optional<Path> fileOf(String url) {
    Matcher matcher = FILE.matcher(url);
    return matcher.matches() && !url.startsWith("jdbc:h2:mem") ? Optional.of(Path.of(matcher.group(1) + ".mv.db")) : Optional.empty();
  }

  /** Returns when everything that was committed before the call is on the disk. */
  void force() {
    if (file.isEmpty()) {
      return;
    }
    long mine;
    synchronized (this) {
      mine = ++requested;
    }
    while (!isDone(mine)) {
      forceOnce(file.get());
    }
  }

  /** True when a force that began after the request is over; waits for a running one. False: the caller is to do it. */
  private synchronized boolean isDone(long mine) {
    boolean wasInterrupted = false;
    while (isForcing && forced < mine) {
      try {
        wait();
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
    if (forced >= mine) {
      return true;
    }
    isForcing = true;
    return false;
  }

  private void forceOnce(Path path) {
    long covered;
    synchronized (this) {
      covered = requested;
    }
    boolean wasInterrupted = Thread.interrupted();
    try {
      open(path).force(false);
      finish(covered);
    } catch (IOException e) {
      // What the disk refused once is lost for it; a second try would claim success (as PostgreSQL learned). Containers go on without us.
      LOG.fatalf(e, "the disk refused to keep %s; this server ends, so that it promises nothing more", path);
      finish(Long.MAX_VALUE);
      Quarkus.asyncExit(EXIT_CODE);
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void finish(long covered) {
    forced = Math.max(forced, covered);
    isForcing = false;
    notifyAll();
  }

  /** Never closed: closing any handle of a file gives up all locks that this process has on it, the database's own too. */
  private synchronized FileChannel open(Path path) throws IOException {
    if (channel == null || !channel.isOpen()) {
      channel = FileChannel.open(path, StandardOpenOption.WRITE);
    }
    return channel;
  }
}
