package dev.tallyman.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunMountTest {
  private static RunMount mount(String text) {
    Instruction.Run run = (Instruction.Run) Dockerfile.parse("FROM a\nRUN --mount=" + text + " b\n").stages().get(0).instructions().get(0);
    return run.mounts(new Words(Lookup.of(Map.of("DIR", "/x")), '\\')).get(0);
  }

  @Test
  void bindIsReadOnlyUnlessAskedForOtherwise() {
    RunMount bind = mount("target=$DIR/y,source=src,from=stage");

    assertEquals(RunMount.Type.BIND, bind.type());
    assertEquals("/x/y", bind.target());
    assertEquals("src", bind.source());
    assertEquals("stage", bind.from());
    assertTrue(bind.isReadOnly());
    assertFalse(mount("target=/y,rw").isReadOnly());
    assertFalse(mount("dst=/y,readonly=false").isReadOnly());
  }

  @Test
  void readsCacheTmpfsAndSecret() {
    RunMount cache = mount("type=cache,id=m2,target=/root/.m2,sharing=Locked,mode=0700,uid=1,gid=2");

    assertEquals(RunMount.Sharing.LOCKED, cache.sharing());
    assertEquals(0700, cache.mode());
    assertEquals(1L, cache.uid());
    assertFalse(cache.isReadOnly());
    assertEquals(64L << 20, mount("type=tmpfs,target=/t,size=64m").sizeBytes());
    assertEquals(1536, mount("type=tmpfs,target=/t,size=1.5KiB").sizeBytes());
    assertTrue(mount("type=secret,id=key,required").isRequired());
    assertEquals("KEY", mount("type=secret,id=key,env=KEY").env());
    assertNull(mount("type=secret,id=key").env());
    assertEquals("/a,b", mount("\\\"target=/a,b\\\"").target());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      type=bnid,target=/a             | unsupported mount type "bnid" (did you mean bind?)
      type=cache,sharing=all          | unsupported sharing value "all"
      target=/a,required              | unexpected key 'required' for mount type 'bind'
      target=/a,size=1m               | unexpected key 'size' for mount type 'bind'
      target=/a,traget=/b             | unexpected key 'traget' in 'traget=/b' (did you mean target?)
      target=/a,writable              | invalid field 'writable' must be a key=value pair
      target=/a,ro=maybe              | invalid value for ro: maybe
      target=/a,mode=700              | mode not allowed for "bind" type mounts
      type=cache,mode=9               | invalid value 9 for mode
      type=cache,uid=-1               | invalid value -1 for uid
      type=tmpfs,size=huge            | invalid value for size: huge
      type=secret                     | invalid secret mount. one of source, target required
      type=secret,id=a,source=b       | both source and id can't be set
      type=secret,id=a,from=b         | secret mount should not have a from
      target=/a,sharing=private       | invalid cache sharing set for bind mount
      target=/${a                     | missing '}'
      """)
  void refusesWhatATypeDoesNotKnow(String text, String reason) {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> mount(text));

    assertTrue(refused.reason().contains(reason), refused::reason);
  }

  @Test
  void refusesBrokenLists() {
    assertTrue(assertThrows(DockerfileException.class, () -> mount("target=/a\\\"b")).getMessage().contains("failed to parse csv mounts"));
    assertTrue(assertThrows(DockerfileException.class, () -> mount("\\\"target=/a")).getMessage().contains("does not end"));
  }
}
