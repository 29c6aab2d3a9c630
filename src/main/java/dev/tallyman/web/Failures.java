package dev.tallyman.web;

import dev.tallyman.error.TallymanException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** What clients are told of failures nobody foresaw. */
public final class Failures {
  public static final String UNEXPECTED = "the server failed unexpectedly; its log says why";

  private Failures() {}

  /** The failure that a client may see, e.g. inside a transaction's rollback; null if there is none in the chain of causes. */
  public static @Nullable TallymanException known(@Nullable Throwable failure) {
    Throwable at = failure;
    for (int depth = 0; at != null && depth < 10; depth++, at = at.getCause()) {
      if (at instanceof TallymanException known) {
        return known;
      }
    }
    return null;
  }

  /** True if the client left in the middle of its request, or the platform stopped reading its body: nothing that an operator should hear of. */
  static boolean isBrokenOff(@Nullable Throwable failure, HttpServerResponse response) {
    if (response.closed() || response.headWritten()) {
      return true;
    }
    Throwable at = failure instanceof IOException ? failure : null;
    for (int depth = 0; at != null && depth < 10; depth++, at = at.getCause()) {
      if (at instanceof ClosedChannelException || at instanceof HttpClosedException) {
        return true;
      }
    }
    return false;
  }
}
