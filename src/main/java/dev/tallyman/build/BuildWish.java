package dev.tallyman.build;

import dev.tallyman.distribution.Login;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What REST and the page let people ask a build for; everything else has its default. Parts that were not given are absent or empty.
 *
 * @param dockerfile path in the context; absent: Dockerfile
 * @param references names for the image
 * @param arguments NAME=value each
 * @param labels NAME=value each
 */
public record BuildWish(
    @Nullable String dockerfile, List<String> references, @Nullable String target, List<String> arguments, List<String> labels, boolean isWithoutCache, boolean pulls) {
  /** @throws TallymanException INVALID for an argument or label without a name */
  public BuildRequest request() {
    return new BuildRequest(
        "", blank(dockerfile) ? "Dockerfile" : dockerfile.strip(), references.stream().map(String::strip).filter(name -> !name.isEmpty()).toList(),
        pairs(arguments, "build argument"), pairs(labels, "label"), blank(target) ? "" : target.strip(), !isWithoutCache, pulls, false, true, "", List.of(), Limits.none(),
        0, List.of(), registry -> Login.nobody());
  }

  private static boolean blank(@Nullable String text) {
    return text == null || text.isBlank();
  }

  /** @param what the pairs are, for messages */
  public static Map<String, String> pairs(List<String> lines, String what) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String line : lines) {
      int equals = line.indexOf('=');
      if (equals <= 0) {
        throw new TallymanException(ErrorKind.INVALID, "the " + what + " '" + line.strip() + "' must have the form NAME=value");
      }
      pairs.put(line.substring(0, equals).strip(), line.substring(equals + 1));
    }
    return pairs;
  }
}
