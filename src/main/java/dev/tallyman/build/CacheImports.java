package dev.tallyman.build;

import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.Images.Image;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Caches from elsewhere that a build names. They are pulled when the first step is not in the team's own; one that cannot be had is told and left out. */
final class CacheImports {
  private final Build build;
  private @Nullable List<Source> sources;

  CacheImports(Build build) {
    this.build = build;
  }

  private record Source(String reference, Image image, CarriedSteps steps) {}

  /**
   * A step that such a cache has.
   *
   * @param image that carries it; @param diffId its layer, empty for none
   */
  record Hit(String reference, String image, String diffId) {
    /**
     * Key under which the team's cache has it: what one build believed is no step of those that do not name the same source.
     *
     * @param key of the step
     */
    String key(String key) {
      return HexFormat.of().formatHex(Context.sha256().digest(("imported\0" + reference + "\0" + key).getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Nullable Hit find(String place, BuildOutput told) {
    for (Source each : sources(told)) {
      String diffId = each.steps().layer(place);
      if (diffId != null) {
        return new Hit(each.reference(), each.image().id(), diffId);
      }
    }
    return null;
  }

  private synchronized List<Source> sources(BuildOutput told) {
    List<Source> known = sources;
    if (known == null) {
      known = new ArrayList<>();
      for (String reference : build.request.caches().imports()) {
        Source source = pull(reference, told);
        if (source != null) {
          known.add(source);
        }
      }
      sources = known;
    }
    return known;
  }

  private @Nullable Source pull(String reference, BuildOutput told) {
    build.cancellation.check();
    try {
      String whole = ImageReference.parse(reference).orLatest().toString();
      Image image = build.parts.cacheImages.pull(build, whole, told);
      CarriedSteps steps = CarriedSteps.of(image);
      told.text(steps == null ? reference + " carries no build cache of this kind of server: nothing is imported\n" : "imported " + steps.count() + " steps from " + reference + "\n");
      return steps == null ? null : new Source(whole, image, steps);
    } catch (TallymanException e) {
      build.cancellation.check();
      told.text("cannot import the build cache " + reference + ", so nothing of it is used: " + e.getMessage() + "\n");
      return null;
    }
  }
}
