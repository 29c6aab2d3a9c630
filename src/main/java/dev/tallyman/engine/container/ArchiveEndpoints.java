package dev.tallyman.engine.container;

import dev.tallyman.container.FileCopies;
import dev.tallyman.container.FileCopies.CopyIn;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Query;
import dev.tallyman.kernel.Sandboxes.FileRow;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;

/** What {@code docker cp} asks for. */
@Singleton
class ArchiveEndpoints implements EngineEndpoints {
  private static final String STAT_HEADER = "X-Docker-Container-Path-Stat";

  private final FileCopies copies;

  @Inject
  ArchiveEndpoints(FileCopies copies) {
    this.copies = copies;
  }

  @Override
  public void register(EndpointTable table) {
    table.head("/containers/{id}/archive", this::look);
    table.get("/containers/{id}/archive", this::copyOut);
    table.upload("PUT", "/containers/{id}/archive", this::copyIn);
  }

  private Answer look(Exchange exchange) {
    tell(exchange, copies.look(exchange.caller(), exchange.name(), exchange.query().text("path")));
    return Answer.empty(200);
  }

  private static void tell(Exchange exchange, FileRow row) {
    exchange.context().response().putHeader(STAT_HEADER, PathStat.header(row));
  }

  private Answer copyOut(Exchange exchange) throws IOException {
    AnswerStream stream = exchange.stream("application/x-tar");
    copies.copyOut(exchange.caller(), exchange.name(), exchange.query().text("path"), row -> tell(exchange, row), stream);
    stream.finish();
    return Answer.streamed();
  }

  private Answer copyIn(Exchange exchange) {
    Query query = exchange.query();
    CopyIn how = new CopyIn(query.text("path"), query.flag("noOverwriteDirNonDir"), query.flag("copyUIDGID"));
    copies.copyIn(exchange.caller(), exchange.name(), how, exchange.bodyStream());
    return Answer.empty(200);
  }
}
