package dev.tallyman.web;

import dev.tallyman.identity.Way;

/** Sentences for requests that no resource method took. */
final class FrameworkRefusals {
  private FrameworkRefusals() {}

  static String describe(int status, String method, String path) {
    return switch (status) {
      // Docker's words where its clients look; they compare them.
      case 404 -> Doors.wayOf(path) == Way.DOCKER ? "page not found" : "there is nothing at " + path;
      case 405 -> "cannot " + method + " " + path + ": this path has other methods, see the header Allow";
      case 406 -> "cannot answer in a content type that the header Accept allows";
      case 408 -> "the request did not arrive in time";
      case 413 -> "the request body is larger than " + BodyLimit.MAX_BYTES + " bytes";
      case 415 -> "the request body has a content type that " + method + " " + path + " does not take; send application/json";
      default -> "the request is malformed: check path, query and body";
    };
  }
}
