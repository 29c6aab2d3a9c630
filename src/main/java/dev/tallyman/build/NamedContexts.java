package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.Images.Image;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of one build beside the first. Each stands for the stages and images of its name and is taken once, when the first step needs it;
 * for several threads.
 */
final class NamedContexts implements AutoCloseable {
  private final Build build;
  /** By the name in full, since {@code base}, {@code base:latest} and {@code docker.io/library/base} are the same. */
  private final Map<String, Entry> entries = new HashMap<>();

  NamedContexts(Build build, Map<String, NamedContext> contexts) {
    this.build = build;
    contexts.forEach((name, context) -> {
      String key = key(name);
      if (key == null) {
        throw new TallymanException(ErrorKind.INVALID, "invalid context name " + name + ": it must have the form of an image's name");
      }
      entries.put(key, new Entry(name, context));
    });
  }

  /** What a name after FROM or from stands for. @param files absent for an image; @param result absent for files, and for nothing at all */
  record Taken(@Nullable StepResult result, @Nullable Context files) {
    static Taken of(@Nullable Image named) {
      return new Taken(named == null ? null : StepResult.named(named), null);
    }
  }

  private static @Nullable String key(String name) {
    try {
      return ImageReference.parse(name).orLatest().toString();
    } catch (TallymanException e) {
      return null;
    }
  }

  private @Nullable Entry entry(@Nullable String name) {
    return entries.isEmpty() || name == null ? null : entries.get(key(name));
  }

  /** Whether nothing that is written in the stage counts. */
  boolean replaces(Stage stage) {
    return entry(stage.name()) != null;
  }

  /** @param stage that the name means; absent: none. @return absent when no context stands for it */
  @Nullable Taken find(@Nullable Stage stage, String name, BuildOutput told) {
    Entry entry = entry(stage == null ? name : stage.name());
    return entry == null ? null : entry.take(told);
  }

  @Override
  public void close() {
    entries.values().forEach(Entry::close);
  }

  private final class Entry {
    private final String name;
    private final NamedContext context;
    private @Nullable Taken taken;

    Entry(String name, NamedContext context) {
      this.name = name;
      this.context = context;
    }

    synchronized Taken take(BuildOutput told) {
      build.cancellation.check();
      Taken known = taken;
      if (known == null) {
        known = fetch(told);
        taken = known;
      }
      return known;
    }

    private Taken fetch(BuildOutput told) {
      if (context instanceof NamedContext.OfImage image) {
        return Taken.of(image.reference().equals(Build.SCRATCH) ? null : build.image(image.reference(), "", told));
      }
      if (context instanceof NamedContext.Made made) {
        return Taken.of(build.made(made.id()));
      }
      if (context instanceof NamedContext.OfStore of) {
        Image image = build.stored(of.store(), of.digest(), told);
        build.origins.add("context " + name + " of " + of.store().name() + " " + of.digest());
        return Taken.of(image);
      }
      if (context instanceof NamedContext.Folder folder) {
        return files(build.parts.inputs.folder(build.caller, folder.files(), folder.folder(), "the build context " + name, told, build.cancellation), "the client");
      }
      NamedContext.Remote remote = (NamedContext.Remote) context;
      RemoteContexts.Taken fetched = build.parts.remoteContexts.beside(remote.address(), build.request.secrets(), build.caller.team(), build.cancellation);
      return files(fetched.context(), fetched.origin());
    }

    private Taken files(Context files, String origin) {
      build.origins.add("context " + name + " of " + origin + " sha256:" + files.digest());
      return new Taken(null, files);
    }

    synchronized void close() {
      Taken known = taken;
      if (known != null && known.files() != null) {
        known.files().close();
      }
    }
  }
}
