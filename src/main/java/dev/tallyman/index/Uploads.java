package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.RetryLaterException;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.image.SharedBlobs.Incoming;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Blobs that are arriving. They outlive the server: a client that asks at the same address goes on where the bytes ended. */
@ApplicationScoped
class Uploads {
  private static final int MAX_PER_ACCOUNT = 100;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final Pattern CHUNK = Pattern.compile("(?:bytes )?(\\d{1,18})-(\\d{1,18})(?:/(?:\\d+|\\*))?");
  /** Account and repository. */
  private static final Pattern NOTE = Pattern.compile("(\\d{1,18}) (.+)");

  private static final long LOOK_MILLIS = 60_000;

  private final SharedBlobs blobs;
  private final IndexConfig config;
  private final Map<String, Upload> open = new ConcurrentHashMap<>();

  @Inject
  Uploads(SharedBlobs blobs, IndexConfig config, Vertx vertx) {
    this.blobs = blobs;
    this.config = config;
    vertx.setPeriodic(LOOK_MILLIS, timer -> vertx.executeBlocking(() -> expire(config.uploadLifetime()), false));
  }

  /** Takes over what the last server left. What nobody can own is removed. */
  void onStart(@Observes StartupEvent start) {
    for (SharedBlobs.Interrupted each : blobs.interrupted()) {
      Matcher note = NOTE.matcher(each.note());
      if (note.matches()) {
        open.putIfAbsent(each.id(), new Upload(each, note.group(2), Long.parseLong(note.group(1))));
      } else {
        blobs.discard(each.id());
      }
    }
  }

  /** One blob on its way into a repository. */
  static final class Upload {
    final String id;
    final String repository;
    final long account;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long usedAt = System.nanoTime();

    /** Absent until somebody goes on with what another server began. */
    private volatile @Nullable Incoming incoming;

    private Upload(String id, String repository, long account, Incoming incoming) {
      this.id = id;
      this.repository = repository;
      this.account = account;
      this.incoming = incoming;
    }

    private Upload(SharedBlobs.Interrupted left, String repository, long account) {
      this.id = left.id();
      this.repository = repository;
      this.account = account;
      this.usedAt = System.nanoTime() - Math.max(0, Duration.between(left.writtenAt(), Instant.now()).toNanos());
    }

    /** Within {@link Uploads#with}, or for who began it. */
    Incoming incoming() {
      return Objects.requireNonNull(incoming, "nobody works on this upload");
    }

    private long bytes() {
      Incoming known = incoming;
      return known == null ? 0 : known.size();
    }

    String location() {
      return "/v2/" + repository + "/blobs/uploads/" + id;
    }

    /** What has arrived, as the header Range of the specification has it. */
    String range() {
      return "0-" + Math.max(0, incoming().size() - 1);
    }
  }

  interface Work<T> {
    T on(Upload upload) throws IOException;
  }

  Upload begin(Visitor visitor, String repository) {
    long account = visitor.caller().account();
    if (open.values().stream().filter(each -> each.account == account).count() >= MAX_PER_ACCOUNT) {
      throw new RetryLaterException("cannot begin an upload: an account has at most " + MAX_PER_ACCOUNT + " at a time; finish or cancel some", Duration.ofSeconds(10));
    }
    String id = UUID.randomUUID().toString();
    Upload upload = new Upload(id, repository, account, blobs.begin(id, account + " " + repository));
    open.put(upload.id, upload);
    return upload;
  }

  /** @throws IndexException BLOB_UPLOAD_UNKNOWN unless this account began it in this repository; CONFLICT while another request adds to it */
  <T> T with(Visitor visitor, String repository, String id, Work<T> work) {
    Upload upload = open.get(id);
    if (upload == null || !upload.repository.equals(repository) || upload.account != visitor.caller().account()) {
      throw unknown();
    }
    if (!upload.lock.tryLock()) {
      throw new IndexException(ErrorKind.CONFLICT, "BLOB_UPLOAD_INVALID", "another request adds to this upload");
    }
    try {
      if (open.get(id) != upload) {
        throw unknown();
      }
      if (upload.incoming == null) {
        upload.incoming = blobs.resume(id);
      }
      return work.on(upload);
    } catch (IOException e) {
      throw new IndexException(ErrorKind.INVALID, "BLOB_UPLOAD_INVALID", "the body ended early; ask what has arrived and go on from there");
    } finally {
      upload.usedAt = System.nanoTime();
      upload.lock.unlock();
    }
  }

  /**
   * Adds a body. What came before it broke off stays.
   *
   * @param expected bytes that the client announced; -1 = unknown
   * @param guard hears how large the upload is going to be, before it is; when it throws, the upload ends
   */
  void receive(Upload upload, InputStream body, long expected, LongConsumer guard) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long taken = 0;
    for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      taken += count;
      if (upload.incoming().size() + count > config.maxBlob().asLongValue()) {
        end(upload);
        throw new IndexException(ErrorKind.TOO_LARGE, "SIZE_INVALID", "the blob is larger than " + config.maxBlob().asLongValue() + " bytes (tallyman.index.max-blob)");
      }
      if (expected >= 0 && taken > expected) {
        throw IndexException.invalid("SIZE_INVALID", "the body is longer than its Content-Range");
      }
      admit(upload, count, guard);
      upload.incoming().write(buffer, count);
      upload.usedAt = System.nanoTime();
    }
    if (expected >= 0 && taken != expected) {
      throw IndexException.invalid("SIZE_INVALID", "the body is shorter than its Content-Range");
    }
  }

  private void admit(Upload upload, int count, LongConsumer guard) {
    try {
      guard.accept(upload.incoming().size() + count);
    } catch (IndexException e) {
      end(upload);
      throw e;
    }
  }

  /** Bytes of the team's open uploads that this server has worked on. @param except that is not counted */
  long underWay(String team, @Nullable Upload except) {
    return open.values().stream().filter(each -> each != except && Address.teamOf(each.repository).equals(team)).mapToLong(Upload::bytes).sum();
  }

  void end(Upload upload) {
    open.remove(upload.id);
    if (upload.incoming == null) {
      blobs.discard(upload.id);
    } else {
      upload.incoming.close();
    }
  }

  /** @return how many were given up */
  int expire(Duration unusedFor) {
    return giveUp(upload -> true, unusedFor);
  }

  /** Of the team. @param except stays; @return how many were given up */
  int giveUp(String team, Upload except, Duration unusedFor) {
    return giveUp(upload -> upload != except && Address.teamOf(upload.repository).equals(team), unusedFor);
  }

  private int giveUp(Predicate<Upload> which, Duration unusedFor) {
    int count = 0;
    for (Upload upload : open.values()) {
      if (which.test(upload) && System.nanoTime() - upload.usedAt >= unusedFor.toNanos() && upload.lock.tryLock()) {
        try {
          end(upload);
          count++;
        } finally {
          upload.lock.unlock();
        }
      }
    }
    return count;
  }

  /** @param header Content-Range of a chunk, absent = the body goes on where the last one ended. @return its length, -1 if unknown */
  static long chunkLength(Upload upload, @Nullable String header) {
    if (header == null) {
      return -1;
    }
    Matcher matcher = CHUNK.matcher(header.strip());
    if (!matcher.matches()) {
      throw IndexException.invalid("BLOB_UPLOAD_INVALID", "Content-Range must be START-END");
    }
    long start = Long.parseLong(matcher.group(1));
    long end = Long.parseLong(matcher.group(2));
    if (start != upload.incoming().size() || end < start) {
      throw new RangeException("the chunk does not begin where the last one ended", upload.location(), upload.range());
    }
    return end - start + 1;
  }

  private static TallymanException unknown() {
    return IndexException.absent("BLOB_UPLOAD_UNKNOWN", "there is no such upload: it ended, or was not used for long");
  }
}
