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
final class CacheImports implements AutoCloseable {
  private final Build build;
  private @Nullable List<Source> sources;
  private final List<Image> held = new ArrayList<>();

  CacheImports(Build build) {
    this.build = build;
  }

  /** @param reference by which its steps are kept apart from others: a name, or the digest of what has none */
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
      for (CacheUse.Import each : build.request.caches().imports()) {
        Source source = pull(each, told);
        if (source != null) {
          known.add(source);
        }
      }
      sources = known;
    }
    return known;
  }

  private @Nullable Source pull(CacheUse.Import from, BuildOutput told) {
    build.cancellation.check();
    try {
      Source source = source(from, told);
      String name = from.name();
      told.text(source == null ? name + " carries no build cache of this kind of server: nothing is imported\n" : "imported " + source.steps().count() + " steps from " + name + "\n");
      return source;
    } catch (TallymanException e) {
      build.cancellation.check();
      told.text("cannot import the build cache " + from.name() + ", so nothing of it is used: " + e.getMessage() + "\n");
      return null;
    }
  }

  private @Nullable Source source(CacheUse.Import from, BuildOutput told) {
    String reference;
    Image image;
    if (from instanceof CacheUse.Import.OfStore stored) {
      reference = stored.digest();
      image = build.parts.cacheImages.pull(build, stored.store(), stored.digest(), told);
    } else {
      reference = ImageReference.parse(from.name()).orLatest().toString();
      image = build.parts.cacheImages.pull(build, reference, told);
    }
    held.add(image);
    CarriedSteps steps = CarriedSteps.of(image);
    return steps == null ? null : new Source(reference, image, steps);
  }

  /** When nothing asks for steps any more. */
  @Override
  public synchronized void close() {
    held.forEach(each -> build.parts.cacheImages.release(build.caller, each));
    held.clear();
  }
}
