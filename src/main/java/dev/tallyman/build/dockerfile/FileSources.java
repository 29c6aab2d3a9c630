package dev.tallyman.build.dockerfile;

import java.util.List;

/** What COPY and ADD take and where it goes: paths (patterns, in ADD addresses, too), inline files, and the target as written. */
public record FileSources(List<String> paths, List<HereDoc> files, String target) {
  public FileSources {
    paths = List.copyOf(paths);
    files = List.copyOf(files);
  }

  FileSources expanded(Expander expander) {
    return new FileSources(
        paths.stream().map(expander::word).toList(),
        files.stream().map(file -> file.isExpanded() ? file.withText(expander.text(file.text())) : file).toList(),
        expander.word(target));
  }
}
