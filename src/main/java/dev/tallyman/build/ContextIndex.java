package dev.tallyman.build;

import dev.tallyman.build.dockerfile.DockerIgnore;
import dev.tallyman.build.dockerfile.DockerfileException;
import dev.tallyman.image.TarReader;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of a context that its client need not send again: what it told of each, and where the bytes are that it sent then. */
final class ContextIndex {
  /** It is in memory while a context is transferred. */
  private static final int MOST_FILES = 200_000;
  private static final int MOST_CHARACTERS = 16 << 20;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int DIGEST_BYTES = 32;

  /** @param nanos time of change since 1970; @param offset of its bytes; @param digest of them, SHA-256, hex */
  record File(int mode, long size, long nanos, long uid, long gid, long offset, String digest) {
    static File of(TarReader.Entry entry, long nanos, long offset, String digest) {
      return new File(entry.mode(), entry.size(), nanos, entry.uid(), entry.gid(), offset, digest);
    }

    boolean isOf(TarReader.Entry entry, long changed) {
      return entry.mode() == mode && entry.size() == size && changed == nanos && entry.uid() == uid && entry.gid() == gid;
    }

    File at(long place) {
      return new File(mode, size, nanos, uid, gid, place, digest);
    }
  }

  private final Map<String, File> files = new HashMap<>();
  private long characters;
  private long fileBytes;
  private boolean isTooLarge;

  void put(String path, File file) {
    characters += path.length();
    fileBytes += file.size();
    isTooLarge |= files.size() >= MOST_FILES || characters > MOST_CHARACTERS;
    if (isTooLarge) {
      files.clear();
    } else {
      files.put(path, file);
    }
  }

  /** Forgets what paths or patterns name, with what is below it; everything when it takes too long to tell. */
  void forget(List<String> named) {
    try {
      DockerIgnore all = DockerIgnore.of(named);
      files.keySet().removeIf(all::excludes);
    } catch (DockerfileException e) {
      files.clear(); // it is sent again
    }
  }

  /** Adds what another one still has, all of it or nothing. @param mostBytes of the files of both */
  void addRest(ContextIndex other, long mostBytes) {
    long bytes = other.files.values().stream().mapToLong(File::size).sum();
    int length = other.files.keySet().stream().mapToInt(String::length).sum();
    if (files.size() + other.files.size() <= MOST_FILES && characters + length <= MOST_CHARACTERS && fileBytes + bytes <= mostBytes) {
      other.files.forEach(this::put);
    }
  }

  /** Each is asked for once. */
  @Nullable File take(String path) {
    return files.remove(path);
  }

  /** False with too many files to keep it, or none. */
  boolean isUsable() {
    return !isTooLarge && !files.isEmpty();
  }

  /** Of all files. */
  long fileBytes() {
    return fileBytes;
  }

  /** @return how long it is when it is written */
  long length() throws IOException {
    DataOutputStream counted = new DataOutputStream(OutputStream.nullOutputStream());
    write(counted);
    return counted.size();
  }

  void write(OutputStream to) throws IOException {
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(to, BUFFER_BYTES));
    write(out);
    out.flush();
  }

  private void write(DataOutputStream out) throws IOException {
    out.writeInt(files.size());
    for (Map.Entry<String, File> each : files.entrySet()) {
      File file = each.getValue();
      out.writeUTF(each.getKey());
      out.writeInt(file.mode());
      out.writeLong(file.size());
      out.writeLong(file.nanos());
      out.writeLong(file.uid());
      out.writeLong(file.gid());
      out.writeLong(file.offset());
      out.write(HexFormat.of().parseHex(file.digest()));
    }
  }

  static ContextIndex read(Slices from, long at, long length) throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(from.input(at, length), BUFFER_BYTES));
    ContextIndex index = new ContextIndex();
    byte[] digest = new byte[DIGEST_BYTES];
    for (int left = in.readInt(); left > 0; left--) {
      String path = in.readUTF();
      int mode = in.readInt();
      long size = in.readLong();
      long nanos = in.readLong();
      long uid = in.readLong();
      long gid = in.readLong();
      long offset = in.readLong();
      in.readFully(digest);
      index.put(path, new File(mode, size, nanos, uid, gid, offset, HexFormat.of().formatHex(digest)));
    }
    return index;
  }
}
