package dev.tallyman.image;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes whose arrival may go on after the server was killed: {@code ID.part}, and beside it {@code ID.note}, which says whom they are for and
 * is there first. Nothing is flushed before the end: what the power takes, the sender brings again, and the digest over all bytes decides.
 */
@ApplicationScoped
class LastingDrafts {
  private static final String PART = ".part";
  private static final String NOTE = ".note";

  /** A note that a killed server had half written is none. */
  private static final String END = "\n";

  private final BlobStore blobs;

  @Inject
  LastingDrafts(BlobStore blobs) {
    this.blobs = blobs;
  }

  /** @param id a new one, fit for the name of a file */
  BlobStore.Draft begin(String id, String note) throws StorageFailure {
    try {
      Files.writeString(blobs.lasting().resolve(id + NOTE), note + END);
    } catch (IOException e) {
      discard(id);
      throw new StorageFailure(e);
    }
    return blobs.lastingDraft(id + PART);
  }

  BlobStore.Draft resume(String id) throws StorageFailure {
    return blobs.resumed(id + PART);
  }

  /** What another server left. Removes what has lost its other half. Only at start, before anything arrives. */
  List<SharedBlobs.Interrupted> left() throws IOException {
    List<SharedBlobs.Interrupted> found = new ArrayList<>();
    try (DirectoryStream<Path> notes = Files.newDirectoryStream(blobs.lasting(), "*" + NOTE)) {
      for (Path each : notes) {
        String name = String.valueOf(each.getFileName());
        String id = name.substring(0, name.length() - NOTE.length());
        String note = Files.readString(each);
        try {
          if (note.endsWith(END)) {
            found.add(new SharedBlobs.Interrupted(id, note.substring(0, note.length() - END.length()), Files.getLastModifiedTime(part(id)).toInstant()));
          } else {
            discard(id);
          }
        } catch (NoSuchFileException e) {
          discard(id);
        }
      }
    }
    return found;
  }

  void discard(String id) {
    for (String each : List.of(PART, NOTE)) {
      try {
        Files.deleteIfExists(blobs.lasting().resolve(id + each));
      } catch (IOException e) {
        // The next start finds it again, and it runs out then.
      }
    }
  }

  private Path part(String id) throws IOException {
    return blobs.lasting().resolve(id + PART);
  }
}
