package dev.tallyman.dashboard;

import org.jspecify.annotations.Nullable;

/** Where a form may lead back to. */
public final class Links {
  public static final String HOME = "/ui/containers";

  private Links() {}

  /** The path if it is one of our pages, else the home page: a form field must not send people to a foreign site. */
  public static String local(@Nullable String path) {
    boolean isOurs = path != null && path.startsWith("/ui/") && path.length() < 2000 && path.chars().allMatch(c -> c > ' ' && c < 127 && c != '\\');
    return isOurs ? path : HOME;
  }
}
