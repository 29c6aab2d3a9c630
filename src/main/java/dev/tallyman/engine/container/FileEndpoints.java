package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tallyman.container.ContainerFiles;
import dev.tallyman.container.ContainerFiles.Commit;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.engine.http.Query;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.kernel.Sandboxes.Change;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What reads the files of containers. */
@Singleton
class FileEndpoints implements EngineEndpoints {
  private final ContainerFiles files;

  @Inject
  FileEndpoints(ContainerFiles files) {
    this.files = files;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/containers/{id}/export", this::export);
    table.get("/containers/{id}/changes", this::changes);
    table.post("/commit", this::commit);
  }

  private Answer export(Exchange exchange) throws IOException {
    AnswerStream stream = exchange.stream("application/octet-stream");
    files.export(exchange.caller(), exchange.name(), stream);
    stream.finish();
    return Answer.streamed();
  }

  private Answer changes(Exchange exchange) {
    ArrayNode rows = Json.array();
    for (Change each : files.changes(exchange.caller(), exchange.name())) {
      rows.addObject().put("Path", each.path()).put("Kind", kind(each));
    }
    return Answer.ok(rows);
  }

  private static int kind(Change change) {
    return switch (change.kind()) {
      case 'C' -> 0;
      case 'A' -> 1;
      default -> 2;
    };
  }

  private Answer commit(Exchange exchange) {
    Query query = exchange.query();
    ImageConfig config = config(exchange.jsonIfAny());
    String container = query.text("container");
    if (container.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "no container to commit: the parameter container is missing");
    }
    Commit commit = new Commit(reference(query), config, changes(query), query.text("author"), query.text("comment"), query.flag("pause", true));
    return Answer.json(201, Json.object().put("Id", files.commit(exchange.caller(), container, commit).id()));
  }

  /** A container's configuration; of it an image has a part, and the rest is passed over, as by dockerd. */
  private static ImageConfig config(JsonFields body) {
    return new ImageConfig(
        body.text("User"), body.set("ExposedPorts"), body.texts("Env"), orEmpty(body.textOrTexts("Entrypoint")), orEmpty(body.textOrTexts("Cmd")), body.set("Volumes"), body.text("WorkingDir"),
        body.textMap("Labels"), body.text("StopSignal"), body.texts("Shell"), body.texts("OnBuild"), HealthFields.read(body));
  }

  private static List<String> orEmpty(@Nullable List<String> command) {
    return command == null ? List.of() : command;
  }

  private static @Nullable String reference(Query query) {
    String repository = query.text("repo");
    String tag = query.text("tag");
    if (repository.isEmpty()) {
      return null;
    }
    return tag.isEmpty() ? repository : repository + ":" + tag;
  }

  private static List<String> changes(Query query) {
    return query.all("changes").stream().flatMap(String::lines).filter(line -> !line.isBlank()).toList();
  }
}
