package dev.tallyman.build;

import dev.tallyman.image.Images.Image;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An image of a build, and what steps that have its files follow from: the step that made it, or, for one that was named, the image itself. The same
 * image may be both.
 *
 * @param key of the step in the team's cache: of two builds that make the same step at once, or one after the other without the cache, the last image
 *     counts, and what was made on top of the other one must be found all the same
 * @param place of the step on any machine, down to an image that was pulled: ids of images that builds make have the time in them
 */
record StepResult(Image image, String key, String place) {
  static StepResult named(Image image) {
    return new StepResult(image, image.id(), image.id());
  }

  static @Nullable Image image(@Nullable StepResult result) {
    return result == null ? null : result.image();
  }

  /**
   * What a step depends on.
   *
   * @param text all but images; @param images whose files it has
   */
  record Inputs(String text, List<StepResult> images) {
    Inputs {
      images = List.copyOf(images);
    }

    static Inputs of(String text) {
      return new Inputs(text, List.of());
    }

    /** Key or place of the step. @param below absent: nothing */
    String on(@Nullable StepResult below, Function<StepResult, String> as) {
      StringBuilder all = new StringBuilder(below == null ? Build.SCRATCH : as.apply(below)).append('\0').append(images.size()).append('\0');
      images.forEach(each -> all.append(as.apply(each)).append('\0'));
      return HexFormat.of().formatHex(Context.sha256().digest(all.append(text).toString().getBytes(StandardCharsets.UTF_8)));
    }
  }
}
