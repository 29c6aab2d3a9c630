package dev.tallyman.build;

import dev.tallyman.distribution.ContentStore;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.distribution.Login;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.ImageSteps;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Platform;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Images that are there for the steps that they carry. */
@Singleton
class CacheImages {
  private static final Logger LOG = Logger.getLogger(CacheImages.class);

  private final Images images;
  private final ImageSteps steps;
  private final Distribution distribution;

  private final Map<Long, CacheNeeds> teams = new ConcurrentHashMap<>();

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
    CacheNeeds needs = needs(build.caller);
    Image image;
    // At once: another build that exports the same layers has the same image, and may be about to remove it.
    synchronized (needs) {
      image = steps.gather(build.caller, layers, config);
      needs.hold(image.id());
    }
    try {
      if (wish.target() instanceof CacheUse.Target.Store to) {
        build.output.cacheStored(distribution.push(build.caller, image.id(), to.store(), build.output.transfer()));
      } else if (wish.target() instanceof CacheUse.Target.Registry to) {
        distribution.push(build.caller, image.id(), to.reference(), build.login(to.reference()), build.output.transfer());
      }
    } finally {
      synchronized (needs) {
        // Unless it came from a registry: then it spares others the way.
        if (needs.release(image.id()) && image.repoDigests().isEmpty()) {
          remove(build.caller, image.id());
        }
      }
    }
  }

  private CacheNeeds needs(Caller caller) {
    return teams.computeIfAbsent(caller.team(), team -> new CacheNeeds());
  }

  /** Brings one here, under no name: what the team calls so stays what it is. It stays until the build releases it. @param name [:tag], in full */
  Image pull(Build build, String name, BuildOutput told) {
    ImageReference reference = ImageReference.parse(name);
    Login login = build.login(name);
    String digest = distribution.describe(build.caller, name, login).digest();
    Image image = distribution.pull(build.caller, reference.repository() + "@" + digest, Platform.of(""), login, told.transfer());
    return hold(build, reference.toString(), image);
  }

  /** The same from a content store. Folders of different clients have the same name, so it is known by what it is. @param digest of its manifest */
  Image pull(Build build, ContentStore store, String digest, BuildOutput told) {
    Image image = distribution.pull(build.caller, store, digest, Platform.of(""), told.transfer());
    return hold(build, digest, image);
  }

  /** What the name led to before goes: other names of the repository are other caches. What a restart forgets stays until a prune. */
  private Image hold(Build build, String name, Image pulled) {
    CacheNeeds needs = needs(build.caller);
    synchronized (needs) {
      // Absent when the last build that exported the same has removed it just now; then this one does without.
      Image image = images.inspect(build.caller, pulled.id());
      needs.hold(image.id());
      needs.lead(name, image.id()).forEach(each -> remove(build.caller, each));
      return image;
    }
  }

  void release(Caller caller, Image image) {
    CacheNeeds needs = needs(caller);
    synchronized (needs) {
      if (needs.release(image.id())) {
        remove(caller, image.id());
      }
    }
  }

  /** Under no name, and nothing but what a cache is. */
  private static boolean isForItsSteps(Image one) {
    return one.tags().isEmpty() && one.comment().equals(ImageSteps.GATHERED);
  }

  private void remove(Caller caller, String image) {
    try {
      if (isForItsSteps(images.inspect(caller, image))) {
        images.remove(caller, image, false, false);
      }
    } catch (TallymanException e) {
      LOG.debugf(e, "the image %s of build steps stays", image);
    }
  }
}
