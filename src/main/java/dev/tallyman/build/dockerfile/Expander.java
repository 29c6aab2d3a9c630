package dev.tallyman.build.dockerfile;

import java.util.List;

/** Puts values in the place of variables. Methods throw {@link DockerfileException} without a position; {@link Dockerfile#expand} adds it. */
public interface Expander {
  /** One word of an instruction: variables are expanded, quotes and escapes undone; blanks stay. */
  String word(String word);

  /** As {@link #word}, then split at blanks that were not quoted; values are split, too. */
  List<String> words(String words);

  /** Content of a here-document: variables and escapes, but quotes are ordinary characters. */
  String text(String text);
}
