package dev.tallyman.engine.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.engine.control.ContextOption.Kind;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContextOptionTest {
  private static final String SUM = "sha256:" + "a".repeat(64);

  @Test
  void readsWhatClientsWrite() {
    assertEquals(new ContextOption(Kind.IMAGE, "docker.io/library/busybox:latest"), ContextOption.parse("x", "docker-image://busybox"));
    assertEquals(new ContextOption(Kind.IMAGE, "scratch"), ContextOption.parse("x", "docker-image://scratch"));
    assertEquals(new ContextOption(Kind.LAYOUT, "store:latest@" + SUM), ContextOption.parse("x", "oci-layout://store:latest@" + SUM));
    assertEquals(new ContextOption(Kind.FOLDER, "_context"), ContextOption.parse("x", "local:_context"));
    assertEquals(new ContextOption(Kind.REMOTE, "https://example.com/x.git#v1"), ContextOption.parse("x", "https://example.com/x.git#v1"));
    assertEquals(new ContextOption(Kind.INPUT, "0-base"), ContextOption.parse("x", "input:0-base"));
  }

  @Test
  void refusesWhatIsNotOffered() {
    for (String value : List.of("target:base", "ssh://git@example.com/x", "git@example.com:x/y", "file:///etc", "word", "")) {
      assertEquals(ErrorKind.UNSUPPORTED, assertThrows(TallymanException.class, () -> ContextOption.parse("x", value), value).kind(), value);
    }
    for (String value : List.of("oci-layout://store@sha256:0", "oci-layout://store", "oci-layout://a b@" + SUM, "docker-image://UPPER", "docker-image:", "local:", "local:a\nb", "local:" + "x".repeat(513))) {
      assertEquals(ErrorKind.INVALID, assertThrows(TallymanException.class, () -> ContextOption.parse("x", value), value).kind(), value);
    }
  }

  @Test
  void knowsItsOwnDefinitionsAgainAndNoOthers() throws IOException {
    ResultReference given = new ResultReference("a/b-c", "result3");
    assertEquals(given, ResultReference.read(new ProtoReader(given.definition().toBytes())));

    ProtoWriter image = new ProtoWriter().message(3, new ProtoWriter().text(1, "docker-image://docker.io/library/busybox"));
    ProtoWriter attributed = new ProtoWriter().message(3, new ProtoWriter().text(1, "tallyman-result://result0/x").message(2, new ProtoWriter().text(1, "a")));
    ProtoWriter command = new ProtoWriter().message(2, new ProtoWriter());
    byte[] own = new ProtoWriter().message(3, new ProtoWriter().text(1, "tallyman-result://result0/x")).toBytes();
    List<ProtoWriter> foreign =
        List.of(
            new ProtoWriter(), new ProtoWriter().message(1, image), new ProtoWriter().message(1, attributed), new ProtoWriter().bytes(1, own).message(1, command),
            new ProtoWriter().bytes(1, own).bytes(1, own), new ProtoWriter().message(1, new ProtoWriter().message(3, new ProtoWriter().text(1, "tallyman-result://result0"))));
    for (ProtoWriter each : foreign) {
      assertThrows(TallymanException.class, () -> ResultReference.read(new ProtoReader(each.toBytes())));
    }
  }
}
