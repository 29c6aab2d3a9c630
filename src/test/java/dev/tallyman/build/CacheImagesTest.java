package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.distribution.ContentStore;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.ImageSteps;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Builds of one team whose caches are the same, or have the same name, do each other no harm. */
@QuarkusTest
class CacheImagesTest {
  @Inject TestAccounts accounts;
  @Inject Builds builds;
  @Inject Images images;

  private final String name = "e" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;

  @BeforeEach
  void start() {
    member = accounts.caller(Role.MEMBER);
  }

  /** A folder that has the path of all others. */
  private static final class Folder implements ContentStore {
    private final Map<String, byte[]> blobs = new HashMap<>();

    @Override
    public String name() {
      return "the client's folder local:/tmp/.buildx-cache";
    }

    @Override
    public InputStream open(String digest) throws IOException {
      byte[] blob = blobs.get(digest);
      if (blob == null) {
        throw new IOException("content " + digest + " not found");
      }
      return new ByteArrayInputStream(blob);
    }

    @Override
    public void put(String digest, long size, InputStream content) throws IOException {
      blobs.put(digest, content.readAllBytes());
    }
  }

  private static class Output implements BuildOutput {
    final List<String> stored = new ArrayList<>();
    final StringBuilder text = new StringBuilder();

    @Override
    public void text(String piece) {
      text.append(piece);
    }

    @Override
    public void made(String image) {}

    @Override
    public void cacheStored(Distribution.Stored manifest) {
      stored.add(manifest.digest());
    }

    @Override
    public TransferProgress transfer() {
      return TransferProgress.silent();
    }
  }

  private void build(Caller who, String word, CacheUse caches, BuildOutput output) {
    String dockerfile = "FROM scratch\nCOPY <<EOF /one\n" + name + word + "\nEOF\n";
    BuildRequest request = new BuildWish("Dockerfile", List.of(name + ":" + word), "", List.of(), List.of(), false, false).request().withCaches(caches);
    try {
      builds.build(who, request, new ByteArrayInputStream(BuildResourceTest.context("Dockerfile", dockerfile)), output, new Cancellation());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CacheUse to(Folder folder) {
    return new CacheUse(List.of(), List.of(new CacheUse.Export(new CacheUse.Target.Store(folder), true, false)), false);
  }

  private static CacheUse from(Folder folder, String digest) {
    return new CacheUse(List.of(new CacheUse.Import.OfStore(folder, digest)), List.of(), false);
  }

  private String exported(Caller who, String word, Folder folder) {
    Output output = new Output();
    build(who, word, to(folder), output);
    return output.stored.get(0);
  }

  private List<String> kept(Caller who) {
    return images.list(who, Images.ImageFilter.all()).stream().filter(each -> each.comment().equals(ImageSteps.GATHERED)).map(Images.Image::id).toList();
  }

  @Test
  void twoBuildsExportTheSameAtOnce() {
    Folder first = new Folder();
    Folder second = new Folder();
    Output output = new Output() {
      /** Asked for between the making of the image and its push. */
      @Override
      public TransferProgress transfer() {
        exported(member, "a", second);
        return super.transfer();
      }
    };

    build(member, "a", to(first), output);

    assertEquals(1, output.stored.size());
    assertEquals(second.blobs.keySet(), first.blobs.keySet());
    assertEquals(List.of(), kept(member));
  }

  @Test
  void foldersOfTheSamePathAreOtherCaches() {
    Folder one = new Folder();
    Folder two = new Folder();
    String digest = exported(member, "a", one);
    String other = exported(member, "b", two);
    Caller importer = accounts.stranger(Role.MEMBER);

    build(importer, "a", from(one, digest), new Output());
    List<String> first = kept(importer);
    build(importer, "b", from(two, other), new Output());

    assertEquals(1, first.size());
    assertEquals(2, kept(importer).size());
    assertTrue(kept(importer).containsAll(first));
    // An export of the same layers makes the same image.
    Output again = new Output();
    build(importer, "a", new CacheUse(from(one, digest).imports(), to(new Folder()).exports(), false), again);
    assertEquals(List.of(digest), again.stored);
    assertEquals(2, kept(importer).size());
  }
}
