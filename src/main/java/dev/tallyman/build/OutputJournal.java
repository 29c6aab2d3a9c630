package dev.tallyman.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.build.BuildRecords.OutputPiece;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What commands of one build write, line by line in a file while they write it, so that its record has the last of it even if the server dies. When as
 * much was added as is kept at most, the file is made anew of what is kept. What cannot be written is missing then, and changes nothing else. Not for
 * several threads.
 */
final class OutputJournal implements AutoCloseable {
  static final String SUFFIX = ".output";
  private static final String FRESH_SUFFIX = ".new";
  private static final Logger LOG = Logger.getLogger(OutputJournal.class);

  private final Path path;
  private final ObjectMapper json;
  private final long most;
  private final KeptOutput kept;
  private final StringBuilder waiting = new StringBuilder();
  private @Nullable FileChannel file;
  private boolean isBroken;
  private long added;

  OutputJournal(Path path, ObjectMapper json, long most) {
    this.path = path;
    this.json = json;
    this.most = most;
    this.kept = new KeptOutput(most, this::add);
  }

  /** @param at, text as of {@link OutputPiece}; @param isCut lines of the step before it are not kept */
  private record Line(int step, Instant at, String text, boolean isCut) {}

  KeptOutput kept() {
    return kept;
  }

  private void add(int step, OutputPiece line, boolean isCut) {
    if (!isBroken) {
      try {
        waiting.append(json.writeValueAsString(new Line(step, line.at(), line.text(), isCut))).append('\n');
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Writes what was kept since the last time. */
  void flush() {
    if (waiting.isEmpty() || isBroken) {
      return;
    }
    try {
      FileChannel to = file;
      if (to == null) {
        to = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        file = to;
      }
      added += write(to);
      if (added > most) {
        renew();
      }
    } catch (IOException e) {
      LOG.debugf(e, "the output of a build is not kept for after a crash");
      isBroken = true;
      waiting.setLength(0);
    }
  }

  private int write(FileChannel to) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(waiting.toString().getBytes(StandardCharsets.UTF_8));
    waiting.setLength(0);
    int count = bytes.remaining();
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
    return count;
  }

  /** Whoever reads finds the old file, or the new one whole. */
  private void renew() throws IOException {
    kept.lines(this::add);
    Path fresh = path.resolveSibling(path.getFileName() + FRESH_SUFFIX);
    FileChannel to = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    FileChannel old = file;
    file = to;
    if (old != null) {
      old.close();
    }
    write(to);
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    added = 0;
  }

  /** As far as it was written; a last line that was cut off is none. */
  static void read(Path path, ObjectMapper json, KeptOutput.Lines to) {
    if (!Files.exists(path)) {
      return;
    }
    // Not the reader of Files, which gives nothing of a block with a damaged character in it, and a crash may leave half of one before zeros.
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8))) {
      for (String each = lines.readLine(); each != null; each = lines.readLine()) {
        Line line = json.readValue(each, Line.class);
        if (line == null || line.at() == null || line.text() == null) {
          return;
        }
        to.line(line.step(), new OutputPiece(line.at(), line.text()), line.isCut());
      }
    } catch (JsonProcessingException e) {
      LOG.debugf("the output of a build ends where it was cut off");
    } catch (IOException | UncheckedIOException e) {
      LOG.warnf("the output of a build that was cut off cannot be read: %s", e.getMessage());
    }
  }

  /** It is not needed any more. */
  @Override
  public void close() {
    isBroken = true;
    waiting.setLength(0);
    FileChannel from = file;
    file = null;
    try {
      if (from != null) {
        from.close();
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      LOG.debugf(e, "a journal stays until the next start");
    }
  }
}
