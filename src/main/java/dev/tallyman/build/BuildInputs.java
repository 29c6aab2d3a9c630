package dev.tallyman.build;

import dev.tallyman.build.Builds.Recipe;
import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.dockerfile.DockerIgnore;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes what a build reads before its first step. */
@Singleton
class BuildInputs {
  private static final int DOCKERFILE_BYTES = 1 << 20;
  private static final String IGNORE = ".dockerignore";
  /** Beyond that the client sends everything, and what is ignored is left out here. */
  private static final int MOST_PATTERN_CHARACTERS = 256 << 10;

  private final ContextIntake intake;
  private final RemoteContexts remotes;
  private final Images images;

  @Inject
  BuildInputs(ContextIntake intake, RemoteContexts remotes, Images images) {
    this.remotes = remotes;
    this.images = images;
    this.intake = intake;
  }

  /**
   * Whoever has it closes it.
   *
   * @param context without what is ignored; @param dockerfile its text
   * @param origin where the server fetched it, and what that was; empty: the client sent it
   */
  record Input(Context context, String dockerfile, @Nullable DockerIgnore ignore, String origin) implements AutoCloseable {
    Input from(String address) {
      return new Input(context, dockerfile, ignore, address);
    }

    @Override
    public void close() {
      context.close();
    }
  }

  /** From where it comes. */
  interface Source {
    Input open(BuildRequest request, BuildOutput output, Cancellation cancellation);
  }

  Source archive(InputStream body) {
    return (request, output, cancellation) -> {
      output.phase("[internal] load build context");
      return input(intake.take(body, "the build context"), request);
    };
  }

  /** What the request's address leads to. @param team for which it is fetched */
  Source remote(long team) {
    return (request, output, cancellation) -> {
      output.phase("[internal] load remote build context");
      RemoteContexts.Taken taken = remotes.take(request, team, cancellation);
      Input input = input(taken.context(), request).from(taken.origin());
      output.remark("Build context from " + taken.origin());
      return input;
    };
  }

  private static Input input(Context context, BuildRequest request) {
    boolean isWhole = false;
    try {
      Input input = prune(context, text(context, request.dockerfile()), ignore(context, request.dockerfile() + IGNORE), ignore(context, IGNORE));
      isWhole = true;
      return input;
    } finally {
      if (!isWhole) {
        context.close();
      }
    }
  }

  Source client(Caller caller, ClientFiles files) {
    return (request, output, cancellation) -> {
      Cancellation.Registration end = cancellation.on(files::cancel);
      try {
        return copy(caller, files, request, output);
      } catch (TallymanException e) {
        cancellation.check();
        throw e;
      } finally {
        end.close();
      }
    };
  }

  private Input copy(Caller caller, ClientFiles files, BuildRequest request, BuildOutput output) {
    Texts texts = texts(files, request.dockerfile(), output);
    ContextNeeds needs = ContextNeeds.of(request, texts.dockerfile(), name -> triggers(caller, request, name));
    Context context = needs.isNothing() ? intake.nothing() : context(caller, files, needs, texts, output);
    boolean isWhole = false;
    try {
      Input input = prune(context, texts.dockerfile(), texts.own(), texts.common());
      isWhole = true;
      return input;
    } finally {
      if (!isWhole) {
        context.close();
      }
    }
  }

  private Context context(Caller caller, ClientFiles files, ContextNeeds needs, Texts texts, BuildOutput output) {
    output.phase("[internal] load build context");
    ContextStore.Place place = ContextStore.Place.of(caller, files, ClientFiles.CONTEXT);
    return intake.copy(files, place, ClientFiles.CONTEXT, needs.asked(), patterns(texts.ignore()), "the build context", output);
  }

  private @Nullable List<String> triggers(Caller caller, BuildRequest request, String image) {
    try {
      return request.pulls() ? null : images.inspect(caller, image).config().onBuild();
    } catch (TallymanException e) {
      return null; // it is pulled when the build comes to it
    }
  }

  /** @param own ignore file of this Dockerfile; @param common of all */
  private record Texts(String dockerfile, @Nullable String own, @Nullable String common) {
    @Nullable String ignore() {
      return own == null ? common : own;
    }
  }

  private Texts texts(ClientFiles files, String name, BuildOutput output) {
    String text;
    String own;
    output.phase("[internal] load build definition from " + name);
    try (Context folder = intake.copy(files, ClientFiles.DOCKERFILE, List.of(name, name + IGNORE), List.of(), "the Dockerfile", output)) {
      text = text(folder, name);
      own = ignore(folder, name + IGNORE);
    }
    String common = null;
    output.phase("[internal] load .dockerignore");
    if (own == null) {
      try (Context folder = intake.copy(files, ClientFiles.CONTEXT, List.of(IGNORE), List.of(), "the .dockerignore", output)) {
        common = ignore(folder, IGNORE);
      }
    }
    return new Texts(text, own, common);
  }

  /** A folder beside the context, without what its ignore file names. */
  Context folder(Caller caller, ClientFiles files, String folder, String what, BuildOutput output, Cancellation cancellation) {
    Cancellation.Registration end = cancellation.on(files::cancel);
    try {
      String ignored;
      try (Context found = intake.copy(files, folder, List.of(IGNORE), List.of(), what, output)) {
        ignored = ignore(found, IGNORE);
      }
      DockerIgnore ignore = ignored == null ? null : DockerIgnore.parse(ignored);
      Context context = intake.copy(files, ContextStore.Place.of(caller, files, folder), folder, List.of(), patterns(ignored), what, output);
      if (ignore != null) {
        context.tree().prune(ignore::excludes);
      }
      return context;
    } catch (TallymanException e) {
      cancellation.check();
      throw e;
    } finally {
      end.close();
    }
  }

  Recipe recipe(ClientFiles files, String dockerfile, BuildOutput output, Cancellation cancellation) {
    Cancellation.Registration end = cancellation.on(files::cancel);
    try {
      Texts texts = texts(files, dockerfile, output);
      return new Recipe(texts.dockerfile(), texts.ignore());
    } finally {
      end.close();
    }
  }

  private static List<String> patterns(@Nullable String ignore) {
    if (ignore == null || ignore.length() > MOST_PATTERN_CHARACTERS) {
      return List.of();
    }
    return Arrays.stream(ignore.replace("\ufeff", "").split("\n")).map(String::strip).filter(each -> !each.isEmpty() && !each.startsWith("#") && !each.equals("!")).toList();
  }

  private static String text(Context context, String dockerfile) {
    Node node = context.tree().find(dockerfile);
    if (node == null || !node.isFile()) {
      throw new TallymanException(ErrorKind.INVALID, "Cannot locate specified Dockerfile: " + dockerfile);
    }
    return new String(context.bytes(node, DOCKERFILE_BYTES, "the Dockerfile"), StandardCharsets.UTF_8);
  }

  private static @Nullable String ignore(Context context, String path) {
    Node node = context.tree().find(path);
    return node == null || !node.isFile() ? null : new String(context.bytes(node, DOCKERFILE_BYTES, "the .dockerignore"), StandardCharsets.UTF_8);
  }

  /** Takes away what the ignore file excludes; the one of this Dockerfile goes before the one of all. */
  private static Input prune(Context context, String dockerfile, @Nullable String own, @Nullable String common) {
    String text = own == null ? common : own;
    if (text == null) {
      return new Input(context, dockerfile, null, "");
    }
    DockerIgnore ignore = DockerIgnore.parse(text);
    context.tree().prune(ignore::excludes);
    return new Input(context, dockerfile, ignore, "");
  }
}
