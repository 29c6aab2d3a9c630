package dev.tallyman.engine.control;

import dev.tallyman.build.NamedContext;
import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.engine.build.OwnPlatform;
import dev.tallyman.engine.session.Sessions;
import dev.tallyman.image.ImageReference;
import java.util.Map;
import java.util.function.Function;

/**
 * A context beside the first, as clients write it: {@code context:NAME[::PLATFORM]=KIND:WHERE}.
 *
 * @param where an image, a folder of the client, an address, or the key of a result among the inputs
 */
record ContextOption(Kind kind, String where) {
  private static final String IMAGE = "docker-image:";
  private static final String FOLDER = "local:";
  private static final String INPUT = "input:";
  private static final int LONGEST_FOLDER = 512;

  enum Kind { IMAGE, FOLDER, REMOTE, INPUT }

  /** The name without the platform, which must be this machine's. */
  static String name(String key) {
    int end = key.indexOf("::");
    if (end < 0) {
      return key;
    }
    OwnPlatform.require(key.substring(end + 2));
    return key.substring(0, end);
  }

  static ContextOption parse(String name, String value) {
    if (value.startsWith(IMAGE)) {
      String reference = value.substring(IMAGE.length()).replaceFirst("^//", "");
      return new ContextOption(Kind.IMAGE, reference.equals("scratch") ? reference : ImageReference.parse(reference).orLatest().toString());
    }
    if (value.startsWith(FOLDER)) {
      String folder = value.substring(FOLDER.length());
      if (folder.isEmpty() || folder.length() > LONGEST_FOLDER || !folder.chars().allMatch(each -> each > 0x20 && each < 0x7f)) {
        throw Messages.invalid("the folder of the build context " + name + " must have 1 to " + LONGEST_FOLDER + " visible characters");
      }
      return new ContextOption(Kind.FOLDER, folder);
    }
    if (value.startsWith(INPUT)) {
      return new ContextOption(Kind.INPUT, value.substring(INPUT.length()));
    }
    if (GitAddress.is(value) || RemoteUrl.is(value)) {
      return new ContextOption(Kind.REMOTE, value);
    }
    if (GitAddress.isOtherTransport(value)) {
      throw GitAddress.otherTransport(value);
    }
    String source = value.contains(":") ? value.substring(0, value.indexOf(':') + 1) : value;
    throw Messages.unsupported("the build context " + name + " of " + source + " (--build-context) is");
  }

  /** @param clients of sessions, by folder; @param inputs images by the keys of results */
  NamedContext context(Function<String, Sessions.Client> clients, Map<String, String> inputs) {
    return switch (kind) {
      case IMAGE -> new NamedContext.OfImage(where);
      case FOLDER -> new NamedContext.Folder(where, clients.apply(where).files());
      case REMOTE -> new NamedContext.Remote(where);
      case INPUT -> new NamedContext.Made(inputs.getOrDefault(where, ""));
    };
  }
}
