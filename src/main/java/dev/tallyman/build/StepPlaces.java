package dev.tallyman.build;

import dev.tallyman.image.Images.Image;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the steps of a build made, by their places (see {@link StepResult}): what the caches have that it exports. For several threads. */
final class StepPlaces {
  private final Map<String, Step> steps = new LinkedHashMap<>();

  /** @param diffId of the layer that it made; empty for none */
  record Step(String place, String diffId) {}

  /** @param below the very image on top of which it is; absent: nothing */
  synchronized void add(@Nullable Image below, StepResult made) {
    int count = made.image().diffIds().size();
    boolean isHigher = count > (below == null ? 0 : below.diffIds().size());
    steps.put(made.place(), new Step(made.place(), isHigher ? made.image().diffIds().get(count - 1) : ""));
  }

  synchronized List<Step> steps() {
    return new ArrayList<>(steps.values());
  }
}
