package dev.tallyman.distribution;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.ImageParts;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;

/** The use cases: rights, audit, and who is asked. */
@ApplicationScoped
class DistributionService implements Distribution {
  private final Registries registries;
  private final Endpoints endpoints;
  private final RegistrySettings settings;
  private final SharedPulls shared;
  private final StoredLoginService logins;
  private final ImageParts parts;
  private final Images images;
  private final AuditTrail audit;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "layer");
            thread.setDaemon(true);
            return thread;
          });

  @Inject
  DistributionService(
      Registries registries, Endpoints endpoints, RegistrySettings settings, SharedPulls shared, StoredLoginService logins, ImageParts parts, Images images, AuditTrail audit) {
    this.registries = registries;
    this.endpoints = endpoints;
    this.settings = settings;
    this.shared = shared;
    this.logins = logins;
    this.parts = parts;
    this.images = images;
    this.audit = audit;
  }

  @Override
  public Images.Image pull(Caller caller, String name, Platform platform, Login login, TransferProgress progress) {
    return audited(
        caller, "image.pull", name,
        () -> {
          caller.require(Role.MEMBER, "pull an image");
          ImageReference reference = ImageReference.parse(name).orLatest();
          return pull(caller, reference, platform, logins.orStored(caller, reference.domain(), login), progress);
        });
  }

  private Images.Image pull(Caller caller, ImageReference name, Platform platform, Login login, TransferProgress progress) {
    String reference = name.digest() == null ? String.valueOf(name.tag()) : name.digest();
    SharedPulls.Outcome outcome =
        shared.run(
            new SharedPulls.Key(caller.team(), name.toString(), platform, login), progress,
            told -> registries.pull(name, login, repository -> new Pull(parts, threads, settings.parallel(), caller, name, name.familiar(), platform, told).from(repository, reference)));
    if (!outcome.isFirst()) {
      audit.done(caller, "image.pull", name.familiar(), outcome.image().id() + ", together with another pull of it");
    }
    return outcome.image();
  }

  @Override
  public Images.Image pull(Caller caller, ContentStore store, String digest, Platform platform, TransferProgress progress) {
    String shown = store.name() + "@" + digest;
    return audited(
        caller, "image.pull", shown,
        () -> {
          caller.require(Role.MEMBER, "bring in an image");
          try {
            return new Pull(parts, threads, settings.parallel(), caller, null, shown, platform, progress).from(new StoredImages(store, settings.leastPerMinute().asLongValue()), digest);
          } catch (IOException e) {
            throw new TallymanException(ErrorKind.INVALID, "cannot read the image " + shown + ": " + e.getMessage(), e);
          }
        });
  }

  @Override
  public List<Images.Image> pullAll(Caller caller, String repository, Platform platform, Login login, TransferProgress progress) {
    return audited(
        caller, "image.pull", repository,
        () -> {
          caller.require(Role.MEMBER, "pull images");
          ImageReference name = ImageReference.parse(repository);
          List<Images.Image> pulled = new ArrayList<>();
          Login own = logins.orStored(caller, name.domain(), login);
          for (String tag : registries.pull(name, own, Repository::tags)) {
            pulled.add(pull(caller, ImageReference.of(repository, tag), platform, own, progress));
          }
          return pulled;
        });
  }

  @Override
  public Pushed push(Caller caller, String name, Login login, TransferProgress progress) {
    return push(caller, name, login, progress, reference -> required(caller, reference));
  }

  @Override
  public Pushed push(Caller caller, String image, String name, Login login, TransferProgress progress) {
    return push(caller, name, login, progress, reference -> images.inspect(caller, image));
  }

  @Override
  public Stored push(Caller caller, String image, ContentStore store, TransferProgress progress) {
    return audited(
        caller, "image.push", store.name(),
        () -> {
          caller.require(Role.MEMBER, "push an image");
          Images.Image found = images.inspect(caller, image);
          try {
            Stored stored = new StorePush(parts, caller, found, progress).to(store);
            audit.done(caller, "image.push", store.name(), found.id() + " as " + stored.digest());
            return stored;
          } catch (IOException e) {
            throw new TallymanException(ErrorKind.INVALID, "cannot leave the image in " + store.name() + ": " + e.getMessage(), e);
          }
        });
  }

  private Pushed push(Caller caller, String name, Login login, TransferProgress progress, Function<ImageReference, Images.Image> find) {
    return audited(
        caller, "image.push", name,
        () -> {
          caller.require(Role.MEMBER, "push an image");
          ImageReference reference = ImageReference.parse(name).orLatest();
          if (reference.digest() != null) {
            throw new TallymanException(ErrorKind.INVALID, "cannot push a digest reference");
          }
          Images.Image image = find.apply(reference);
          Login own = logins.orStored(caller, reference.domain(), login);
          return registries.push(reference, own, repository -> new Push(parts, threads, settings.parallel(), caller, reference, image, progress).to(repository));
        });
  }

  private Images.Image required(Caller caller, ImageReference reference) {
    try {
      return images.inspect(caller, reference.familiar());
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        throw new TallymanException(ErrorKind.NOT_FOUND, "An image does not exist locally with the tag: " + reference.familiarName(), e);
      }
      throw e;
    }
  }

  @Override
  public Description describe(Caller caller, String name, Login login) {
    caller.require(Role.MEMBER, "ask a registry");
    ImageReference reference = ImageReference.parse(name).orLatest();
    return registries.pull(
        reference, logins.orStored(caller, reference.domain(), login),
        repository -> {
          Manifest top = repository.manifest(reference.digest() == null ? String.valueOf(reference.tag()) : reference.digest()).manifest();
          return new Description(top.mediaType(), top.digest(), top.size(), platforms(repository, top));
        });
  }

  private List<Platform> platforms(Repository repository, Manifest top) throws IOException {
    if (top.config() == null) {
      return top.entries().stream().map(Manifest.Entry::platform).toList();
    }
    return List.of(parts.platform(repository.document(top.config(), 1_000_000)));
  }

  @Override
  public void checkLogin(Caller caller, String registry, Login login) {
    String domain = Endpoints.domain(registry);
    audited(
        caller, "registry.login", domain,
        () -> {
          caller.require(Role.MEMBER, "log in to a registry");
          registries.checkLogin(domain, login);
          audit.done(caller, "registry.login", domain, "as " + login.user());
          return null;
        });
  }

  @Override
  public Configured configured() {
    return new Configured(endpoints.mirrors(), endpoints.insecure());
  }

  private <T> T audited(Caller caller, String action, String object, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      audit.failed(caller, action, object, e);
      throw e;
    }
  }

  @PreDestroy
  void close() {
    threads.shutdown();
  }
}
