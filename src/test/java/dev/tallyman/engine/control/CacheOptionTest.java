package dev.tallyman.engine.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.CacheUse;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheOptionTest {
  private static CacheOption registry(String... pairs) {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      attributes.put(pairs[i], pairs[i + 1]);
    }
    return new CacheOption("registry", attributes);
  }

  private static ErrorKind refused(List<CacheOption> imports, List<CacheOption> exports) {
    return assertThrows(TallymanException.class, () -> CacheOption.use(imports, exports)).kind();
  }

  @Test
  void readsWhatClientsWrite() {
    List<CacheOption> imports = CacheOption.list("[{\"Type\":\"registry\",\"Attrs\":{\"ref\":\"example.com/a/b\"}},{\"Type\":\"registry\",\"Attrs\":{\"ref\":\"example.com/a/b:latest\"}}]");
    CacheUse use =
        CacheOption.use(imports, List.of(new CacheOption("inline", Map.of()), registry("ref", "x:y", "mode", "max", "ignore-error", "true", "image-manifest", "true"), registry("ref", "x:z")));

    assertEquals(List.of("example.com/a/b:latest"), use.imports());
    assertTrue(use.isInline());
    assertEquals(List.of(new CacheUse.Export("docker.io/library/x:y", true, true), new CacheUse.Export("docker.io/library/x:z", false, false)), use.exports());
    assertEquals(CacheUse.none(), CacheOption.use(List.of(), List.of()));
  }

  @Test
  void refusesWhatIsNotOffered() {
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(), List.of(new CacheOption("gha", Map.of()))));
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(new CacheOption("local", Map.of("src", "/x"))), List.of()));
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(), List.of(registry("ref", "x:y", "compression", "estargz"))));
    assertEquals(ErrorKind.UNSUPPORTED, refused(List.of(registry("ref", "x:y", "mode", "max")), List.of()));
    assertEquals(ErrorKind.INVALID, refused(List.of(), List.of(registry("ref", "x:y", "mode", "some"))));
    assertEquals(ErrorKind.INVALID, refused(List.of(), List.of(registry("ref", "x@sha256:" + "0".repeat(64)))));
    assertEquals(ErrorKind.INVALID, refused(List.of(registry()), List.of()));
    assertEquals(ErrorKind.INVALID, refused(Collections.nCopies(17, registry("ref", "x")), List.of()));
    assertEquals(ErrorKind.INVALID, assertThrows(TallymanException.class, () -> CacheOption.list("x")).kind());
  }
}
