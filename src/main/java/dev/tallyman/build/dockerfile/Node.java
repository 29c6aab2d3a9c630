package dev.tallyman.build.dockerfile;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of a Dockerfile, cut up but not understood.
 *
 * @param keyword as written
 * @param flags what opens with {@code --} between keyword and arguments, quotes undone
 * @param arguments by the keyword's own form; of ENV and LABEL three for each pair: key, value, and what was between
 * @param isJson the arguments were a JSON array
 * @param child the instruction of an ONBUILD
 * @param comments directly above
 */
record Node(
    String keyword, List<String> flags, List<String> arguments, boolean isJson, @Nullable Node child, String original, Position at, List<HereDoc> hereDocs,
    List<String> comments) {
  Node {
    flags = List.copyOf(flags);
    arguments = List.copyOf(arguments);
    hereDocs = List.copyOf(hereDocs);
    comments = List.copyOf(comments);
  }

  /** The keyword in upper case. */
  String command() {
    return keyword.toUpperCase(Locale.ROOT);
  }

  boolean mayHaveHereDocs() {
    Node inner = command().equals("ONBUILD") && child != null ? child : this;
    return !inner.isJson && List.of("ADD", "COPY", "RUN").contains(inner.command());
  }

  Node placed(Position place, List<HereDoc> docs, List<String> above) {
    return new Node(keyword, flags, arguments, isJson, child, original, place, docs, above);
  }
}
