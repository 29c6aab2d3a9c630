package dev.tallyman.distribution;

import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import java.util.List;

/** Images from and to registries. Each is an audit row. */
public interface Distribution {
  /**
   * @param name {@code [domain/]path[:tag][@digest]}; without both {@code latest}
   * @throws dev.tallyman.error.TallymanException NOT_FOUND, DENIED, UNAVAILABLE in Docker's words; INVALID for what is no image
   */
  Images.Image pull(Caller caller, String name, Platform platform, Login login, TransferProgress progress);

  /** One of a content store, which gets no name. @param digest of its manifest or index */
  Images.Image pull(Caller caller, ContentStore store, String digest, Platform platform, TransferProgress progress);

  /** Every tag of a repository. */
  List<Images.Image> pullAll(Caller caller, String repository, Platform platform, Login login, TransferProgress progress);

  /** @param name of an image of the team; without a tag {@code latest} */
  Pushed push(Caller caller, String name, Login login, TransferProgress progress);

  /** The same for an image that has not that name here, and does not get it. @param image id, or a name of it */
  Pushed push(Caller caller, String image, String name, Login login, TransferProgress progress);

  /** Leaves an image in a content store. @param image id, or a name of it */
  Stored push(Caller caller, String image, ContentStore store, TransferProgress progress);

  /** What a registry says of a name, without pulling it. */
  Description describe(Caller caller, String name, Login login);

  /** @param registry domain; empty = Docker's own. @throws dev.tallyman.error.TallymanException DENIED for wrong credentials */
  void checkLogin(Caller caller, String registry, Login login);

  /** @param mirrors addresses; @param insecure authorities */
  record Configured(List<String> mirrors, List<String> insecure) {}

  Configured configured();

  /** @param size of the manifest, bytes */
  record Pushed(String tag, String digest, long size) {}

  /** A manifest. @param size bytes */
  record Stored(String mediaType, String digest, long size) {}

  record Description(String mediaType, String digest, long size, List<Platform> platforms) {}
}
