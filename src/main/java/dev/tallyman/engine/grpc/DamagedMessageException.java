package dev.tallyman.engine.grpc;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the other side sent is no message of Protocol Buffers, or not the one that it should be. */
public final class DamagedMessageException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedMessageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
