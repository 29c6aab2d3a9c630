package dev.tallyman.build;

import dev.tallyman.distribution.ContentStore;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.distribution.Login;
import dev.tallyman.distribution.Platform;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.ImageSteps;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Images.ImageFilter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/** Images that are there for the steps that they carry. */
@Singleton
class CacheImages {
  private static final Logger LOG = Logger.getLogger(CacheImages.class);
  private static final int MOST_REMEMBERED = 1000;

  private final Images images;
  private final ImageSteps steps;
  private final Distribution distribution;

  /** What a name led to last, to be removed when it leads elsewhere: other names of the repository are other caches. What is forgotten here stays until a prune. */
  private final Map<Import, String> latest =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Import, String> eldest) {
              return size() > MOST_REMEMBERED;
            }
          });

  private record Import(long team, String reference) {}

  @Inject
  CacheImages(Images images, ImageSteps steps, Distribution distribution) {
    this.images = images;
    this.steps = steps;
    this.distribution = distribution;
  }

  /** Makes one with the layers of a build's steps and pushes it. @param made what the build made */
  void export(Build build, CacheUse.Export wish, Image made) {
    List<StepPlaces.Step> all = build.places.steps().stream().filter(each -> wish.isWhole() || each.diffId().isEmpty() || made.diffIds().contains(each.diffId())).toList();
    List<String> layers = all.stream().map(StepPlaces.Step::diffId).filter(each -> !each.isEmpty()).distinct().toList();
    if (layers.size() > CarriedSteps.MOST_LAYERS) {
      build.output.text("the cache takes the last " + CarriedSteps.MOST_LAYERS + " of " + layers.size() + " layers: an image has no more\n");
      layers = layers.subList(layers.size() - CarriedSteps.MOST_LAYERS, layers.size());
    }
    if (layers.isEmpty()) {
      build.output.text("no step of this build made files: there is nothing to export\n");
      return;
    }
    ImageConfig config = ImageConfig.empty().withLabels(Map.of(CarriedSteps.LABEL, CarriedSteps.label(all, layers)));
    Image image = steps.gather(build.caller, layers, config);
    try {
      if (wish.target() instanceof CacheUse.Target.Store to) {
        build.output.cacheStored(distribution.push(build.caller, image.id(), to.store(), build.output.transfer()));
      } else if (wish.target() instanceof CacheUse.Target.Registry to) {
        distribution.push(build.caller, image.id(), to.reference(), build.login(to.reference()), build.output.transfer());
      }
    } finally {
      // Unless it came from a registry: then it spares others the way.
      if (image.repoDigests().isEmpty()) {
        remove(build.caller, image);
      }
    }
  }

  /** Brings one here, under no name: what the team calls so stays what it is. @param name [:tag], in full */
  Image pull(Build build, String name, BuildOutput told) {
    ImageReference reference = ImageReference.parse(name);
    Login login = build.login(name);
    String digest = distribution.describe(build.caller, name, login).digest();
    Image image = distribution.pull(build.caller, reference.repository() + "@" + digest, Platform.of(""), login, told.transfer());
    replace(build, reference.toString(), image);
    return image;
  }

  /** The same from a content store. @param digest of its manifest */
  Image pull(Build build, ContentStore store, String digest, BuildOutput told) {
    Image image = distribution.pull(build.caller, store, digest, Platform.of(""), told.transfer());
    replace(build, store.name(), image);
    return image;
  }

  private void replace(Build build, String name, Image image) {
    String older = latest.put(new Import(build.caller.team(), name), image.id());
    if (older != null && !older.equals(image.id())) {
      images.list(build.caller, ImageFilter.all()).stream().filter(each -> each.id().equals(older) && isForItsSteps(each)).forEach(each -> remove(build.caller, each));
    }
  }

  /** Under no name, and nothing but what a cache is. */
  private static boolean isForItsSteps(Image one) {
    return one.tags().isEmpty() && one.comment().equals(ImageSteps.GATHERED);
  }

  private void remove(Caller caller, Image image) {
    try {
      images.remove(caller, image.id(), false, false);
    } catch (TallymanException e) {
      LOG.debugf(e, "the image %s of build steps stays", image.id());
    }
  }
}
