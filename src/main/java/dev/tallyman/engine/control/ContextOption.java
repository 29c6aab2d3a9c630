package dev.tallyman.engine.control;

import dev.tallyman.build.NamedContext;
import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.distribution.ContentStore;
import dev.tallyman.engine.build.OwnPlatform;
import dev.tallyman.engine.session.Sessions;
import dev.tallyman.image.ImageReference;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A context beside the first, as clients write it: {@code context:NAME[::PLATFORM]=KIND:WHERE}.
 *
 * @param where an image, one of a folder in the layout of OCI, a folder of the client, an address, or the key of a result among the inputs
 */
record ContextOption(Kind kind, String where) {
  private static final String IMAGE = "docker-image:";
  private static final String LAYOUT = "oci-layout:";
  /** The client's name for a folder, a tag that is for people, and the digest that counts. */
  private static final Pattern STORED = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._/-]{0,254})(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@(sha256:[0-9a-f]{64})");
  private static final String FOLDER = "local:";
  private static final String INPUT = "input:";
  private static final int LONGEST_FOLDER = 512;

  enum Kind { IMAGE, LAYOUT, FOLDER, REMOTE, INPUT }

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
    if (value.startsWith(LAYOUT)) {
      String stored = value.substring(LAYOUT.length()).replaceFirst("^//", "");
      if (!STORED.matcher(stored).matches()) {
        throw Messages.invalid("the OCI layout of the build context " + name + " must be named with its sha256 digest, which clients find in its index.json");
      }
      return new ContextOption(Kind.LAYOUT, stored);
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

  private NamedContext layout(Function<String, ContentStore> stores) {
    Matcher parts = STORED.matcher(where);
    if (!parts.matches()) {
      throw new IllegalStateException("an OCI layout that was not parsed");
    }
    return new NamedContext.OfStore(stores.apply("oci:" + parts.group(1)), parts.group(2));
  }

  /** @param clients of sessions, by folder; @param stores of the client, by their ids; @param inputs images by the keys of results */
  NamedContext context(Function<String, Sessions.Client> clients, Function<String, ContentStore> stores, Map<String, String> inputs) {
    return switch (kind) {
      case IMAGE -> new NamedContext.OfImage(where);
      case LAYOUT -> layout(stores);
      case FOLDER -> new NamedContext.Folder(where, clients.apply(where).files());
      case REMOTE -> new NamedContext.Remote(where);
      case INPUT -> new NamedContext.Made(inputs.getOrDefault(where, ""));
    };
  }
}
