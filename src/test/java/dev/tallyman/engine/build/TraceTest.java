package dev.tallyman.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.build.StageVoices;
import dev.tallyman.engine.grpc.ProtoReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceTest {
  private final List<String> told = new ArrayList<>();
  private final Map<String, String> names = new HashMap<>();
  private final Trace trace =
      new Trace(response -> {
        try {
          read(new ProtoReader(response.toBytes()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
  private final StageVoices voices =
      trace.voices(List.of(new StageVoices.Label(0, "base", 1, 2), new StageVoices.Label(2, "stage-2", 3, 2)));

  private void read(ProtoReader response) throws IOException {
    for (int field = response.next(); field != 0; field = response.next()) {
      switch (field) {
        case 1 -> vertex(response.message());
        case 3 -> log(response.message());
        default -> response.skip();
      }
    }
  }

  private void vertex(ProtoReader vertex) throws IOException {
    String digest = "";
    String name = "";
    boolean hasEnded = false;
    String error = "";
    for (int field = vertex.next(); field != 0; field = vertex.next()) {
      switch (field) {
        case 1 -> digest = vertex.text();
        case 3 -> name = vertex.text();
        case 6 -> {
          hasEnded = true;
          vertex.skip();
        }
        case 7 -> error = vertex.text();
        default -> vertex.skip();
      }
    }
    names.put(digest, name);
    told.add((hasEnded ? "end " : "begin ") + name + (error.isEmpty() ? "" : ": " + error));
  }

  private void log(ProtoReader log) throws IOException {
    String line = "";
    for (int field = log.next(); field != 0; field = log.next()) {
      switch (field) {
        case 1 -> line = names.get(log.text()) + ": ";
        case 4 -> line += log.text();
        default -> log.skip();
      }
    }
    told.add(line);
  }

  @Test
  void stagesSideBySideAreToldAtTheSameTime() {
    voices.of(2).step(3, 4, "FROM b");
    voices.of(0).step(1, 4, "FROM a");
    voices.of(2).text("late\n");
    voices.of(0).text("early\n");
    voices.ended(2);
    voices.of(0).step(2, 4, "RUN x");
    voices.ended(0);
    trace.text("at last\n");
    trace.phase("exporting");

    assertEquals(
        List.of(
            "begin [stage-2 1/2] FROM b", "begin [base 1/2] FROM a", "[stage-2 1/2] FROM b: late\n", "[base 1/2] FROM a: early\n", "end [stage-2 1/2] FROM b",
            "end [base 1/2] FROM a", "begin [base 2/2] RUN x", "end [base 2/2] RUN x", "[base 2/2] RUN x: at last\n", "begin exporting"),
        told);
  }

  @Test
  void theStepThatFailedHasTheErrorAndOthersWereStopped() {
    voices.of(0).step(1, 4, "FROM a");
    voices.of(2).step(3, 4, "FROM b");
    voices.failed(2);
    trace.failed("it broke");

    assertEquals(List.of("end [base 1/2] FROM a: context canceled", "end [stage-2 1/2] FROM b: it broke"), told.subList(2, 4));
    assertEquals(4, told.size());
  }
}
