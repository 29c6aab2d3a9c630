package dev.tallyman.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.build.BuildProgress.Mark;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What builds do, written to a file of each while they do it, so that a build that the server's death cuts off can be told; what its commands write
 * has a second one. The files are not forced to the disk, which a step could not afford: after a loss of power the row in the database is what is sure.
 */
@Singleton
class BuildJournals {
  private static final Logger LOG = Logger.getLogger(BuildJournals.class);
  /** Three marks of each step that a record keeps, and its stages. */
  private static final int MOST_LINES = 5_000;

  private final Path folder;
  private final ObjectMapper json;
  private final BuildLimits limits;

  @Inject
  BuildJournals(@ConfigProperty(name = "tallyman.state", defaultValue = "/var/lib/tallyman") Path state, ObjectMapper json, BuildLimits limits) {
    this.limits = limits;
    this.folder = state.resolve("server").resolve("builds").resolve("journals");
    this.json = json;
  }

  /** Of one build. What cannot be written is not told after a crash, and changes nothing else. Not for several threads. */
  final class Journal implements AutoCloseable {
    private final Path path;
    private @Nullable FileChannel file;
    private int lines;
    private final OutputJournal output;

    private Journal(String build) {
      path = path(build);
      try {
        Files.createDirectories(folder);
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        LOG.warnf("the journal of build %s cannot be kept: %s", build, e.getMessage());
      }
      output = new OutputJournal(outputPath(build), json, limits.outputMax().asLongValue());
    }

    KeptOutput output() {
      return output.kept();
    }

    /** Something was added to the output. */
    void written() {
      output.flush();
    }

    void add(Mark mark) {
      FileChannel to = file;
      if (to == null || ++lines > MOST_LINES) {
        return;
      }
      try {
        ByteBuffer line = ByteBuffer.wrap((json.writeValueAsString(mark) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
          to.write(line);
        }
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      } catch (IOException e) {
        LOG.debugf(e, "a journal was not written");
      }
    }

    /** It is not needed any more. */
    @Override
    public void close() {
      output.close();
      FileChannel from = file;
      file = null;
      try {
        if (from != null) {
          from.close();
        }
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.debugf(e, "a journal stays until the next start");
      }
    }
  }

  Path path(String build) {
    return folder.resolve(build);
  }

  private Path outputPath(String build) {
    return folder.resolve(build + OutputJournal.SUFFIX);
  }

  Journal open(String build) {
    return new Journal(build);
  }

  /** As far as it was written; a last line that was cut off is none. */
  BuildProgress read(String build) {
    BuildProgress progress = new BuildProgress(new KeptOutput(limits.outputMax().asLongValue()));
    Path path = path(build);
    if (!Files.exists(path)) {
      return progress;
    }
    try (BufferedReader lines = Files.newBufferedReader(path)) {
      lines.lines().limit(MOST_LINES).map(this::mark).takeWhile(each -> each != null).forEach(progress::add);
    } catch (IOException | UncheckedIOException e) {
      LOG.warnf("the journal of build %s cannot be read: %s", build, e.getMessage());
    }
    OutputJournal.read(outputPath(build), json, progress::restore);
    return progress;
  }

  private @Nullable Mark mark(String line) {
    try {
      return json.readValue(line, Mark.class);
    } catch (JsonProcessingException e) {
      return null; // cut off, or damaged
    }
  }

  /** @param builds whose journals stay */
  void keepOnly(Set<String> builds) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path each : all) {
        if (!builds.contains(each.getFileName().toString().replaceFirst("\\..*", ""))) {
          Files.deleteIfExists(each);
        }
      }
    } catch (IOException e) {
      LOG.warnf("journals of builds that ended stay for now: %s", e.getMessage());
    }
  }
}
