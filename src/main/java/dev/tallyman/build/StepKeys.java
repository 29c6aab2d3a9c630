package dev.tallyman.build;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keys of steps that a build made itself, and did not find: what follows from them is made, too. For several threads. */
final class StepKeys {
  /** The last image of each. */
  private final Map<String, String> made = new HashMap<>();

  synchronized void made(StepResult result) {
    made.put(result.key(), result.image().id());
  }

  synchronized boolean isMade(@Nullable StepResult result) {
    return result != null && result.image().id().equals(made.get(result.key()));
  }

  synchronized boolean areMade(Collection<StepResult> results) {
    return results.stream().anyMatch(this::isMade);
  }
}
