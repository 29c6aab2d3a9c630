package dev.tallyman.engine.http;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.RetryLaterException;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnlistedConflictException;
import dev.tallyman.error.UnreachableException;
import dev.tallyman.web.Failures;
import org.jboss.logging.Logger;

/** Failures as the Engine API answers them: {@code {"message": "…"}}. */
public final class EngineErrors {
  private static final Logger LOG = Logger.getLogger(EngineErrors.class);

  private EngineErrors() {}

  static int statusOf(TallymanException failure) {
    return switch (failure.kind()) {
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS -> 409;
      case CONFLICT -> failure instanceof UnlistedConflictException ? 500 : 409;
      case INVALID -> 400;
      case UNAUTHENTICATED -> 401;
      case DENIED -> 403;
      case EXHAUSTED -> failure instanceof RetryLaterException ? 429 : 507;
      case TOO_LARGE -> 413;
      // dockerd's 503 means a part of its own, swarm mode; of a registry that does not answer it says 500.
      case UNAVAILABLE -> failure instanceof UnreachableException ? 500 : 503;
      case UNSUPPORTED -> 501;
      case INTERNAL -> 500;
    };
  }

  /** What a client is told of a failure; the cause of an unforeseen one goes to the log. */
  public static TallymanException told(Throwable failure, String attempted) {
    TallymanException known = Failures.known(failure);
    if (known != null) {
      if (known.kind() == ErrorKind.INTERNAL) {
        LOG.errorf(failure, "%s failed", attempted);
      }
      return known;
    }
    LOG.errorf(failure, "%s failed", attempted);
    return new TallymanException(ErrorKind.INTERNAL, Failures.UNEXPECTED, failure);
  }

  static Answer answer(TallymanException failure) {
    return answer(statusOf(failure), String.valueOf(failure.getMessage()));
  }

  static Answer answer(int status, String message) {
    return Answer.json(status, Json.object().put("message", message));
  }
}
