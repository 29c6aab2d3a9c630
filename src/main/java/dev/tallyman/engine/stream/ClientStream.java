package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.ClientGoneException;
import dev.tallyman.engine.http.Window;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A client that is joined to a process, whatever carries the bytes. One thread reads, one writes; never on an event loop. */
public interface ClientStream extends AutoCloseable {
  /** The next bytes from the client; blocks. @return null when it will send no more, or is gone */
  @Nullable ByteBuffer read();

  /** Sends output; the bytes stay the caller's. Blocks while the client is slow. */
  void write(boolean isError, ByteBuffer bytes) throws ClientGoneException;

  /** Closed when the client is gone or {@link #close()} was called. */
  Window window();

  /** Ends the output after what was written, then the connection. Idempotent, does not block. */
  @Override
  void close();
}
