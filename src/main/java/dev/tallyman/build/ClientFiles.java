package dev.tallyman.build;

import dev.tallyman.image.TarReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Folders that the client of a build offers, from which files are taken one by one. */
public interface ClientFiles {
  /** The folder in which the Dockerfile is. */
  String DOCKERFILE = "dockerfile";
  /** The context. */
  String CONTEXT = "context";

  /** Where a folder is, as its client says: the same the next time that it is sent, told apart from all others of the account. Empty: it does not say. */
  String place(String folder);

  /**
   * Hands all of a folder to the receiver.
   *
   * @param paths of what is wanted, with {@code *} and {@code ?} as wildcards, what links on them lead to included; none = all. As with excludes, the client may send more
   * @param excludes patterns, as in a .dockerignore, of what is not; a help for the client, which may send more
   * @throws IOException when the client fails or does not keep to the protocol
   */
  void copy(String folder, List<String> paths, List<String> excludes, Receiver receiver) throws IOException;

  /** Breaks off what runs; from another thread. */
  void cancel();

  /** What it is handed is the client's word only. What it throws ends the copying. */
  interface Receiver {
    /**
     * @param id of this entry within its copy
     * @param nanos time of the last change since 1970
     * @return true if its bytes are wanted; they come later, in pieces between those of others
     */
    boolean entry(int id, TarReader.Entry entry, long nanos) throws IOException;

    void bytes(int id, ByteBuffer piece) throws IOException;

    /** All bytes of the file have come. */
    void end(int id) throws IOException;
  }
}
