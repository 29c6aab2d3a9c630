package dev.tallyman.kernel;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Turns a writer into a stream to be read. A failure of the writer is a failure of the reader, never a short stream. */
public final class FilePipe extends FilterInputStream {
  private static final int BUFFER_BYTES = 256 << 10;

  private volatile @Nullable RuntimeException failure;

  private FilePipe(PipedInputStream in) {
    super(in);
  }

  public static FilePipe open(Executor threads, Consumer<OutputStream> writer) {
    try {
      PipedInputStream in = new PipedInputStream(BUFFER_BYTES);
      PipedOutputStream out = new PipedOutputStream(in);
      FilePipe pipe = new FilePipe(in);
      threads.execute(() -> pipe.write(writer, out));
      return pipe;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The writer gets a thread of its own. */
  public static FilePipe open(Consumer<OutputStream> writer) {
    return open(
        task -> {
          Thread thread = new Thread(task, "file-pipe");
          thread.setDaemon(true);
          thread.start();
        },
        writer);
  }

  private void write(Consumer<OutputStream> writer, PipedOutputStream out) {
    try (out) {
      try {
        writer.accept(out);
      } catch (RuntimeException e) {
        // Before the end of the stream is seen.
        failure = e;
      } catch (Error e) { // the reader must not take what came so far for all
        failure = new IllegalStateException("the files could not be written", e);
        throw e;
      }
    } catch (IOException e) {
      failure = new UncheckedIOException(e);
    }
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    return next < 0 ? end() : next;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = super.read(bytes, offset, length);
    return count < 0 ? end() : count;
  }

  private int end() throws IOException {
    RuntimeException known = failure;
    if (known != null) {
      throw new IOException("the files could not be read", known);
    }
    return -1;
  }

  @Override
  public void close() {
    try {
      super.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
