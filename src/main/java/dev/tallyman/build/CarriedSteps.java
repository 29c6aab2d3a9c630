package dev.tallyman.build;

import dev.tallyman.image.Images.Image;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Steps of a build as an image carries them in a label: of each its place (see {@link StepPlaces}) and which layer of the image it made. Whoever
 * made the image says so; that is believed by builds that name the image, and by nothing else.
 */
final class CarriedSteps {
  static final String LABEL = "dev.tallyman.build.cache";
  /** As many as an image may have. */
  static final int MOST_LAYERS = 127;
  /** So that the label stays below what a configuration may have. */
  private static final int MOST_STEPS = 4_000;
  private static final Pattern STEP = Pattern.compile("([0-9a-f]{64})=(\\d{0,3})");

  private final Map<String, String> diffIds;

  private CarriedSteps(Map<String, String> diffIds) {
    this.diffIds = diffIds;
  }

  /** @return absent when the image carries none, or none that can be read */
  static @Nullable CarriedSteps of(Image image) {
    String text = image.config().labels().get(LABEL);
    if (text == null) {
      return null;
    }
    Map<String, String> found = new HashMap<>();
    for (String each : text.split(" ", MOST_STEPS + 1)) {
      var matcher = STEP.matcher(each);
      int layer = matcher.matches() && !matcher.group(2).isEmpty() ? Integer.parseInt(matcher.group(2)) : -1;
      if (!matcher.matches() || layer >= image.diffIds().size()) {
        return null;
      }
      found.put(matcher.group(1), layer < 0 ? "" : image.diffIds().get(layer));
    }
    return new CarriedSteps(found);
  }

  /** @return the layer that the step of this place made; empty for a step that changed no files; absent = it is not carried */
  @Nullable String layer(String place) {
    return diffIds.get(place);
  }

  int count() {
    return diffIds.size();
  }

  /** The label of an image with these layers. Steps whose layer it has not are left out. */
  static String label(Collection<StepPlaces.Step> steps, List<String> layers) {
    StringBuilder text = new StringBuilder();
    int count = 0;
    for (StepPlaces.Step each : steps) {
      int layer = layers.indexOf(each.diffId());
      if ((each.diffId().isEmpty() || layer >= 0) && count++ < MOST_STEPS) {
        text.append(text.isEmpty() ? "" : " ").append(each.place()).append('=').append(layer < 0 ? "" : layer);
      }
    }
    return text.toString();
  }
}
