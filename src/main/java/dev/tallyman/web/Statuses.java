package dev.tallyman.web;

import dev.tallyman.error.RetryLaterException;
import dev.tallyman.error.TallymanException;

/** HTTP status of a failure on REST and the dashboard. */
public final class Statuses {
  private Statuses() {}

  public static int of(TallymanException failure) {
    return switch (failure.kind()) {
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, CONFLICT -> 409;
      case INVALID -> 400;
      case UNAUTHENTICATED -> 401;
      case DENIED -> 403;
      case EXHAUSTED -> failure instanceof RetryLaterException ? 429 : 507;
      case TOO_LARGE -> 413;
      case UNAVAILABLE -> 503;
      case UNSUPPORTED -> 501;
      case INTERNAL -> 500;
    };
  }

  /** The words that belong to a status. */
  public static String title(int status) {
    return switch (status) {
      case 400 -> "Bad request";
      case 401 -> "Not logged in";
      case 403 -> "Not allowed";
      case 404 -> "Not found";
      case 405 -> "Method not allowed";
      case 406 -> "Not acceptable";
      case 408 -> "Request too slow";
      case 409 -> "Conflict";
      case 413 -> "Body too large";
      case 415 -> "Unsupported content type";
      case 421 -> "Wrong host";
      case 429 -> "Too many requests";
      case 501 -> "Not supported";
      case 503 -> "Not available";
      case 507 -> "Limit reached";
      default -> status >= 500 ? "Server error" : "Request refused";
    };
  }
}
