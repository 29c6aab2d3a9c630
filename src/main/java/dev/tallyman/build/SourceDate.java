package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The build argument SOURCE_DATE_EPOCH (reproducible-builds.org): with it the same input gives the same image. */
final class SourceDate {
  static final String NAME = "SOURCE_DATE_EPOCH";
  private static final String OF_CONTEXT = "context";
  /** The largest time that fits a tar's header, some year 2242. */
  private static final long LATEST = 077777777777L;

  private SourceDate() {}

  /**
   * As the client gives it; else as an ARG before the first FROM does.
   *
   * @param consumed gets its name: it is never left over
   * @return seconds since 1970; the largest number when there is none
   * @throws TallymanException INVALID for what is no time
   */
  static long of(BuildRequest request, Dockerfile file, Set<String> consumed) {
    String given = request.arguments().get(NAME);
    String text = given == null ? written(file) : given;
    if (text == null || text.isEmpty()) {
      return Long.MAX_VALUE;
    }
    consumed.add(NAME);
    if (text.equals(OF_CONTEXT)) {
      return Long.MAX_VALUE; // as BuildKit does with a context that has no time of its own
    }
    if (!text.matches("\\d{1,12}") || Long.parseLong(text) > LATEST) {
      throw new TallymanException(ErrorKind.INVALID, "invalid " + NAME + ": " + text + " is not a number of seconds since 1970");
    }
    return Long.parseLong(text);
  }

  private static @Nullable String written(Dockerfile file) {
    String found = null;
    for (Instruction.Arg arg : file.globals()) {
      for (Instruction.Arg.Value value : arg.values()) {
        if (value.name().equals(NAME) && value.value() != null) {
          found = file.words(name -> null).word(value.value());
        }
      }
    }
    return found;
  }
}
