package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/**
 * What RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD run. Variables in it belong to the shell and are never expanded here.
 *
 * @param isShell the shell form: {@code words} has at most one element, the text for the shell; otherwise the words of the JSON form
 */
public record CommandForm(boolean isShell, List<String> words) {
  public CommandForm {
    words = List.copyOf(words);
  }

  /** What is executed, with the given shell (such as {@code /bin/sh -c}) in front of the shell form. */
  public List<String> command(List<String> shell) {
    if (!isShell || words.isEmpty()) {
      return words;
    }
    List<String> all = new ArrayList<>(shell);
    all.addAll(words);
    return List.copyOf(all);
  }
}
