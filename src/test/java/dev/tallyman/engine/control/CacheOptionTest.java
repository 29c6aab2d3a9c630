package dev.tallyman.engine.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.CacheUse;
import dev.tallyman.distribution.ContentStore;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.InputStream;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheOptionTest {
  private static final String SUM = "sha256:" + "a".repeat(64);

  private static CacheOption registry(String... pairs) {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      attributes.put(pairs[i], pairs[i + 1]);
    }
    return new CacheOption("registry", attributes);
  }

  private static ErrorKind refused(List<CacheOption> imports, List<CacheOption> exports) {
    return assertThrows(TallymanException.class, () -> CacheOption.check(imports, exports)).kind();
  }

  @Test
  void readsWhatClientsWrite() {
    List<CacheOption> imports = CacheOption.list("[{\"Type\":\"registry\",\"Attrs\":{\"ref\":\"example.com/a/b\"}},{\"Type\":\"registry\",\"Attrs\":{\"ref\":\"example.com/a/b:latest\"}}]");
    CacheUse use =
        CacheOption.use(imports, List.of(new CacheOption("inline", Map.of()), registry("ref", "x:y", "mode", "max", "ignore-error", "true", "image-manifest", "true"), registry("ref", "x:z")), Store::new);

    assertEquals(List.of(new CacheUse.Import.OfRegistry("example.com/a/b:latest")), use.imports());
    assertTrue(use.isInline());
    assertEquals(List.of(pushed("docker.io/library/x:y", true, true), pushed("docker.io/library/x:z", false, false)), use.exports());
    assertEquals(CacheUse.none(), CacheOption.use(List.of(), List.of(), Store::new));
  }

  private static CacheUse.Export pushed(String reference, boolean isWhole, boolean isOptional) {
    return new CacheUse.Export(new CacheUse.Target.Registry(reference), isWhole, isOptional);
  }

  private static CacheOption folder(String... pairs) {
    return new CacheOption("local", registry(pairs).attributes());
  }

  private record Store(String name) implements ContentStore {
    @Override
    public InputStream open(String digest) {
      return InputStream.nullInputStream();
    }

    @Override
    public void put(String digest, long size, InputStream content) {}
  }

  @Test
  void readsFoldersOfTheClient() {
    CacheUse use = CacheOption.use(List.of(folder("src", "/a b", "digest", SUM), folder("src", "/a b", "digest", SUM)), List.of(folder("dest", "/c", "mode", "max")), Store::new);

    assertEquals(List.of(new CacheUse.Import.OfStore(new Store("local:/a b"), SUM)), use.imports());
    assertEquals(List.of(new CacheUse.Export(new CacheUse.Target.Store(new Store("local:/c")), true, false)), use.exports());
    for (CacheOption each : List.of(folder("digest", SUM), folder("src", "/x"), folder("src", "/x", "digest", "latest"), folder("src", "/\u00e4", "digest", SUM), folder("src", "x".repeat(5_000), "digest", SUM))) {
      assertEquals(ErrorKind.INVALID, refused(List.of(each), List.of()), each.toString());
    }
    assertEquals(ErrorKind.INVALID, refused(List.of(), List.of(folder())));
    assertEquals(ErrorKind.INVALID, refused(List.of(), List.of(folder("dest", "/x", "mode", "some"))));
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(), List.of(folder("dest", "/x", "compression", "zstd"))));
  }

  @Test
  void refusesWhatIsNotOffered() {
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(), List.of(new CacheOption("gha", Map.of()))));
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(new CacheOption("s3", Map.of())), List.of()));
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(), List.of(registry("ref", "x:y", "compression", "estargz"))));
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(registry("ref", "x:y", "mode", "max")), List.of()));
    assertEquals(ErrorKind.INVALID, refused(List.of(), List.of(registry("ref", "x:y", "mode", "some"))));
    assertEquals(ErrorKind.INVALID, refused(List.of(), List.of(registry("ref", "x@sha256:" + "0".repeat(64)))));
    assertEquals(ErrorKind.INVALID, refused(List.of(registry()), List.of()));
    assertEquals(ErrorKind.INVALID, refused(Collections.nCopies(17, registry("ref", "x")), List.of()));
    assertEquals(ErrorKind.INVALID, assertThrows(TallymanException.class, () -> CacheOption.list("x")).kind());
  }
}
