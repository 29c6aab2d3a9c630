package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.remote.Condition;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.build.remote.SourceAnswer;
import dev.tallyman.build.remote.SourceClient;
import dev.tallyman.build.remote.Waiting;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Compression;
import dev.tallyman.image.TarReader;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Files that lie on servers of http: what ADD names, archives and Dockerfiles that are a context. */
@Singleton
class RemoteFiles {
  private static final Pattern CHECKSUM = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern FILE_NAME = Pattern.compile("(?i);\\s*filename\\s*=\\s*(?:\"([^\"]*)\"|([^;\\s]+))");
  private static final int DOCKERFILE_BYTES = 1 << 20;
  private static final int OWNER_ONLY = 0600;
  /** What BuildKit calls a file that has no name anywhere. */
  private static final String NAMELESS = "__unnamed__";

  private final SourceClient client;
  private final ContextIntake intake;
  private final RemoteCopies copies;

  @Inject
  RemoteFiles(SourceClient client, ContextIntake intake, RemoteCopies copies) {
    this.copies = copies;
    this.client = client;
    this.intake = intake;
  }

  /**
   * Fetches a file as ADD does: mode 0600, with the time of its last change. One that the team has fetched before comes again only if its server says
   * that it has changed.
   *
   * @param checksum {@code sha256:…} that it must have; empty: any
   * @return the caller closes what it is from
   */
  Found file(RemoteUrl url, String checksum, long team, Waiting waiting) {
    requireChecksum(checksum);
    RemoteCopies.Copy known = copies.find(team, url);
    boolean isUnchanged = false;
    // A copy with another checksum is of no use, whatever its server thinks of it.
    boolean isUseful = known != null && (checksum.isEmpty() || checksum.equals("sha256:" + known.context().digest()));
    try (SourceAnswer answer = client.get(url, known != null && isUseful ? known.condition() : Condition.none(), waiting)) {
      if (known != null && answer.status() == SourceClient.NOT_MODIFIED) {
        isUnchanged = true;
        return found(known.name(), known.context());
      }
      String name = name(url, answer);
      Context context = intake.file(answer.body(), name, OWNER_ONLY, changedAt(answer), url.toString());
      boolean isRight = false;
      try {
        String digest = "sha256:" + context.digest();
        if (!checksum.isEmpty() && !checksum.equals(digest)) {
          throw new TallymanException(ErrorKind.INVALID, "digest mismatch for " + url + ": it is " + digest + ", expected " + checksum);
        }
        Found found = found(name, context);
        copies.keep(team, url, answer, name, context, found.node().size);
        isRight = true;
        return found;
      } finally {
        if (!isRight) {
          context.close();
        }
      }
    } catch (IOException e) {
      throw unreadable(url, e);
    } finally {
      if (known != null && !isUnchanged) {
        known.context().close();
      }
    }
  }

  private static Found found(String name, Context context) {
    Node file = context.tree().find(name);
    if (file == null) {
      throw new IllegalStateException("the file was just written");
    }
    return new Found(name, file, context, true);
  }

  /** The same without a check, under a name. */
  Context named(RemoteUrl url, String name, Waiting waiting) {
    try (SourceAnswer answer = client.get(url, waiting)) {
      return intake.file(answer.body(), name, OWNER_ONLY, changedAt(answer), url.toString());
    } catch (IOException e) {
      throw unreadable(url, e);
    }
  }

  static void requireChecksum(String checksum) {
    if (!checksum.isEmpty() && !CHECKSUM.matcher(checksum).matches()) {
      throw new StageBuild.Refused("ADD --checksum of an address must be sha256: and 64 hexadecimal digits, got " + checksum);
    }
  }

  private static TallymanException unreadable(RemoteUrl url, IOException e) {
    return new TallymanException(ErrorKind.UNAVAILABLE, "failed to fetch " + url + ": " + e.getMessage(), e);
  }

  /** The address says it, or else the server. */
  private static String name(RemoteUrl url, SourceAnswer answer) {
    String name = url.fileName();
    String disposition = answer.header("Content-Disposition");
    if (name.isEmpty() && disposition != null) {
      Matcher matcher = FILE_NAME.matcher(disposition);
      if (matcher.find()) {
        name = RemoteUrl.fileName(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
      }
    }
    return name.isEmpty() ? NAMELESS : name;
  }

  /** @return seconds since 1970; that very moment if the server does not say */
  private static long changedAt(SourceAnswer answer) {
    String text = answer.header("Last-Modified");
    try {
      return text == null ? 0 : Math.max(0, Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT).parse(text)).getEpochSecond());
    } catch (DateTimeException e) {
      return 0;
    }
  }

  /**
   * Fetches a context: an archive, or the text of a Dockerfile.
   *
   * @param dockerfile what such a text is called in the context
   */
  Context context(RemoteUrl url, String dockerfile, Waiting waiting) {
    try (SourceAnswer answer = client.get(url, waiting)) {
      InputStream body = new BufferedInputStream(answer.body());
      byte[] head = body.readNBytes(Compression.SNIFFED_BYTES);
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), body);
      if (TarReader.hasChecksum(head) || Compression.of(head) != Compression.NONE) {
        return intake.take(whole, "the build context " + url);
      }
      byte[] text = whole.readNBytes(DOCKERFILE_BYTES + 1);
      if (text.length > DOCKERFILE_BYTES || !isText(text)) {
        throw new TallymanException(ErrorKind.INVALID, "cannot read the build context " + url + ": it is neither an archive nor the text of a Dockerfile");
      }
      return intake.file(new ByteArrayInputStream(text), dockerfile, 0644, changedAt(answer), url.toString());
    } catch (IOException e) {
      throw unreadable(url, e);
    }
  }

  private static boolean isText(byte[] bytes) {
    try {
      CharSequence text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return !text.isEmpty() && text.chars().noneMatch(each -> each == 0);
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
