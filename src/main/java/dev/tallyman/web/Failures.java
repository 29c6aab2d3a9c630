package dev.tallyman.web;

import dev.tallyman.error.TallymanException;
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
}
