package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Instruction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Arguments that a Dockerfile declares before its first FROM, with those of the platform. @param declared names, those without a value among them */
record GlobalArguments(Map<String, String> values, Set<String> declared) {
  /** @param given by the client */
  static GlobalArguments of(Dockerfile file, Map<String, String> given) {
    Map<String, String> values = new LinkedHashMap<>(DockerfileChecks.PLATFORM);
    Set<String> declared = new TreeSet<>();
    for (Instruction.Arg arg : file.globals()) {
      for (Instruction.Arg.Value value : arg.values()) {
        declared.add(value.name());
        if (given.containsKey(value.name())) {
          values.put(value.name(), given.get(value.name()));
        } else if (value.value() != null) {
          values.put(value.name(), file.words(values::get).word(value.value()));
        }
      }
    }
    return new GlobalArguments(values, declared);
  }
}
