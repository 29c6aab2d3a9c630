package dev.tallyman.build.dockerfile;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the checks have to know of a build.
 *
 * @param buildArguments {@code --build-arg}
 * @param platformArguments TARGETPLATFORM, BUILDPLATFORM and their kin
 * @param environmentOf variables of a base image, by its expanded name; null when they are not known, and then its stages are not searched for
 *     undefined variables
 * @param ignored null: there is no .dockerignore
 */
public record CheckFacts(
    Map<String, String> buildArguments, Map<String, String> platformArguments, Function<String, @Nullable Map<String, String>> environmentOf,
    @Nullable DockerIgnore ignored) {
  public CheckFacts {
    buildArguments = Map.copyOf(buildArguments);
    platformArguments = Map.copyOf(platformArguments);
  }

  /** Of a file alone. */
  public static CheckFacts none() {
    return new CheckFacts(Map.of(), Map.of(), image -> null, null);
  }
}
