package dev.tallyman.build;

import dev.tallyman.distribution.ContentStore;

/** Where files come from that a Dockerfile knows by a name, beside its context. */
public sealed interface NamedContext {
  /** @param reference of an image, or scratch */
  record OfImage(String reference) implements NamedContext {}

  /** An image of a content store. @param digest of its manifest or index */
  record OfStore(ContentStore store, String digest) implements NamedContext {}

  /** @param id of an image that another build made */
  record Made(String id) implements NamedContext {}

  /** @param folder of the client; what its .dockerignore names stays there. @param files used for it alone */
  record Folder(String folder, ClientFiles files) implements NamedContext {}

  /** @param address of a repository, whose files they are, or of a file, which is called {@code context} then */
  record Remote(String address) implements NamedContext {}
}
