package dev.tallyman.build;

import dev.tallyman.image.Images.Image;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Places of a build's steps: what a step follows from, told so that it is the same on every machine. Ids of images that builds make are not, since
 * they have the time in them; a place has that of the step below instead, down to an image that was pulled. For several threads.
 */
final class StepPlaces {
  /** Of an image whose files a command mounts. */
  private static final Pattern ID = Pattern.compile("sha256:[0-9a-f]{64}");

  private final Map<String, String> places = new LinkedHashMap<>();
  private final Map<String, Step> steps = new LinkedHashMap<>();

  /** @param diffId of the layer that it made; empty for none */
  record Step(String place, String diffId) {}

  /** @param below absent: nothing; @param text all else that the step depends on */
  synchronized String next(@Nullable Image below, String text) {
    String rest = ID.matcher(text).replaceAll(each -> places.getOrDefault(each.group(), each.group()));
    String start = below == null ? Build.SCRATCH : places.getOrDefault(below.id(), below.id());
    return HexFormat.of().formatHex(Context.sha256().digest((start + "\0" + rest).getBytes(StandardCharsets.UTF_8)));
  }

  /** @param hasFiles false for a step that cannot have made any, which is done again as fast as it is found */
  synchronized void add(String place, @Nullable Image below, Image made, boolean hasFiles) {
    places.put(made.id(), place);
    if (hasFiles) {
      int count = made.diffIds().size();
      boolean isHigher = count > (below == null ? 0 : below.diffIds().size());
      steps.put(place, new Step(place, isHigher ? made.diffIds().get(count - 1) : ""));
    }
  }

  synchronized List<Step> steps() {
    return new ArrayList<>(steps.values());
  }
}
