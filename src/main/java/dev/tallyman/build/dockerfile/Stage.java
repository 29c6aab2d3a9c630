package dev.tallyman.build.dockerfile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stage of a build.
 *
 * @param index from 0, in the order of the file
 * @param name what follows AS, in lower case; names are compared without regard to case
 * @param instructions without the FROM
 */
public record Stage(int index, @Nullable String name, Instruction.From from, List<Instruction> instructions) {
  public Stage {
    instructions = List.copyOf(instructions);
  }
}
