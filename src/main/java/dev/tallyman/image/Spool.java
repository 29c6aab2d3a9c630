package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An archive of images, read once from front to back in whatever order it has: documents stay in memory (bounded), layers are unpacked at
 * once under names that nobody knows. Closing it takes away every layer that was not kept.
 */
final class Spool implements AutoCloseable {
  private static final String BLOBS = "blobs/sha256/";
  private static final int MOST_LINKS = 8;

  private sealed interface Content {}

  private record Document(byte[] bytes) implements Content {}

  private record Link(String target) implements Content {}

  private record Fresh(LayerIntake.Taken taken) implements Content {}

  private record Known(Digest diffId) implements Content {}

  private final LayerIntake intake;
  private final ImageLimits limits;
  /** Diff id of a layer that the inventory has, by the digest of its blob. */
  private final Function<Digest, Optional<Digest>> known;
  private final Map<String, Content> contents = new HashMap<>();
  private final Deque<LayerIntake.Taken> taken = new ArrayDeque<>();
  private long documentBytes;

  Spool(LayerIntake intake, ImageLimits limits, Function<Digest, Optional<Digest>> known) {
    this.intake = intake;
    this.limits = limits;
    this.known = known;
  }

  /** @throws TallymanException INVALID or EXHAUSTED; close is still due */
  void readAll(InputStream source) {
    try {
      BoundedStream bounded = new BoundedStream(source, limits.archiveMax().asLongValue(), "the archive");
      byte[] head = bounded.readNBytes(Compression.SNIFFED_BYTES);
      if (head.length == 0) {
        throw new TallymanException(ErrorKind.INVALID, "cannot read the archive: it is empty");
      }
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), bounded);
      Compression compression = Compression.of(head);
      if (compression == Compression.NONE) {
        readEntries(whole);
      } else {
        try (InputStream unpacked = compression.unpack(whole)) {
          readEntries(new BoundedStream(unpacked, limits.archiveMax().asLongValue(), "the archive"));
        }
      }
    } catch (EOFException e) {
      // A stream that cannot skip as far as it is told says no more than that.
      throw new TallymanException(ErrorKind.INVALID, "cannot read the archive: it ends early", e);
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INVALID, "cannot read the archive: " + Texts.shortened(String.valueOf(e.getMessage())), e);
    }
  }

  private void readEntries(InputStream in) throws IOException {
    TarReader reader = new TarReader(in);
    TarReader.Entry entry;
    int count = 0;
    while ((entry = reader.next()) != null) {
      if (++count > limits.archiveEntriesMax()) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read the archive: it has more than " + limits.archiveEntriesMax() + " entries");
      }
      String name = normal(entry.name());
      switch (entry.kind()) {
        case DIRECTORY -> {}
        case LINK -> put(name, new Link(entry.isHard() ? entry.link() : sibling(name, entry.link())));
        case FILE -> put(name, read(name, entry.size(), reader.content()));
      }
    }
    skipRest(in);
  }

  /** A sender that is not read to the end takes its pipe for broken. */
  private static void skipRest(InputStream in) throws IOException {
    byte[] buffer = new byte[1 << 16];
    while (in.read(buffer, 0, buffer.length) >= 0) {
      // Padding.
    }
  }

  private void put(String name, Content content) {
    if (contents.putIfAbsent(name, content) != null) {
      throw invalid("the name " + Texts.shortened(name) + " occurs twice");
    }
  }

  private Content read(String name, long size, InputStream in) throws IOException {
    byte[] head = in.readNBytes(Compression.SNIFFED_BYTES);
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), in);
    Digest expected = digestOf(name);
    if (!isLayer(head)) {
      return document(name, size, whole, expected);
    }
    Optional<Digest> diffId = expected == null ? Optional.empty() : known.apply(expected);
    if (diffId.isPresent()) {
      requireDigest(expected, sum(whole));
      return new Known(diffId.get());
    }
    if (taken.size() >= limits.archiveLayersMax()) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read the archive: it has more than " + limits.archiveLayersMax() + " layers");
    }
    LayerIntake.Taken layer = intake.take(whole);
    taken.push(layer);
    if (expected != null) {
      requireDigest(expected, layer.source());
    }
    return new Fresh(layer);
  }

  private Document document(String name, long size, InputStream in, @Nullable Digest expected) throws IOException {
    if (size > limits.documentMax().asLongValue()) {
      throw invalid(Texts.shortened(name) + " is neither a layer nor a document of at most " + limits.documentMax().asLongValue() + " bytes");
    }
    documentBytes += size;
    if (documentBytes > limits.documentsMax().asLongValue()) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read the archive: its documents are larger than " + limits.documentsMax().asLongValue() + " bytes");
    }
    byte[] bytes = in.readAllBytes();
    if (expected != null) {
      requireDigest(expected, Digest.of(bytes));
    }
    return new Document(bytes);
  }

  private static boolean isLayer(byte[] head) {
    return Compression.of(head) != Compression.NONE || TarReader.hasChecksum(head);
  }

  private static Digest sum(InputStream in) throws IOException {
    MessageDigest sum = Digest.begin();
    byte[] buffer = new byte[1 << 18];
    int count;
    while ((count = in.read(buffer, 0, buffer.length)) >= 0) {
      sum.update(buffer, 0, count);
    }
    return Digest.finish(sum);
  }

  private static @Nullable Digest digestOf(String name) {
    String hex = name.startsWith(BLOBS) ? name.substring(BLOBS.length()) : "";
    return Digest.isHex(hex) ? new Digest(hex) : null;
  }

  private static void requireDigest(Digest expected, Digest actual) {
    if (!expected.equals(actual)) {
      throw invalid("blob " + expected + " has the digest " + actual);
    }
  }

  /** Relative, without {@code .} parts; {@code ..} is refused, because no tool writes it and only an attacker needs it. */
  static String normal(String name) {
    if (name.startsWith("/") || name.indexOf('\0') >= 0) {
      throw invalid("the name " + Texts.shortened(name) + " is not relative");
    }
    List<String> parts = new ArrayList<>();
    for (String part : name.split("/")) {
      if (part.equals("..")) {
        throw invalid("the name " + Texts.shortened(name) + " leaves the archive");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  /** Target of a symbolic link beside {@code name}, as old docker save writes for equal layers: {@code ../<id>/layer.tar}. */
  private static String sibling(String name, String target) {
    if (target.startsWith("/")) {
      throw invalid("the link " + Texts.shortened(name) + " leaves the archive");
    }
    Deque<String> parts = new ArrayDeque<>(List.of(name.split("/")));
    parts.pollLast();
    for (String part : target.split("/")) {
      if (!part.equals("..")) {
        parts.addLast(part);
      } else if (parts.pollLast() == null) {
        throw invalid("the link " + Texts.shortened(name) + " leaves the archive");
      }
    }
    return String.join("/", parts);
  }

  private @Nullable Content find(String name) {
    String current = normal(name);
    for (int i = 0; i < MOST_LINKS; i++) {
      Content content = contents.get(current);
      if (!(content instanceof Link link)) {
        return content;
      }
      current = normal(link.target());
    }
    throw invalid("the links of " + Texts.shortened(name) + " go round in circles");
  }

  Optional<byte[]> document(String name) {
    Content content = find(name);
    if (content == null) {
      return Optional.empty();
    }
    if (content instanceof Document document) {
      return Optional.of(document.bytes());
    }
    throw invalid(Texts.shortened(name) + " is not a document");
  }

  byte[] requireDocument(String name) {
    return document(name).orElseThrow(() -> invalid("it has no " + Texts.shortened(name)));
  }

  byte[] requireDocument(Digest digest) {
    return requireDocument(BLOBS + digest.hex());
  }

  NewImage.Layer requireLayer(Digest blob) {
    return requireLayer(BLOBS + blob.hex());
  }

  NewImage.Layer requireLayer(String name) {
    Content content = find(name);
    if (content == null) {
      throw invalid("it has no layer " + Texts.shortened(name));
    }
    if (content instanceof Known layer) {
      return new NewImage.Layer(layer.diffId(), null);
    }
    if (content instanceof Fresh fresh) {
      return new NewImage.Layer(fresh.taken().diffId(), fresh.taken());
    }
    // A tar without a first entry looks like a document.
    LayerIntake.Taken layer = intake.take(new ByteArrayInputStream(((Document) content).bytes()));
    taken.push(layer);
    contents.put(normal(name), new Fresh(layer));
    return new NewImage.Layer(layer.diffId(), layer);
  }

  static TallymanException invalid(String why) {
    return new TallymanException(ErrorKind.INVALID, "invalid archive of images: " + why);
  }

  @Override
  public void close() {
    while (!taken.isEmpty()) {
      taken.pop().close();
    }
  }
}
