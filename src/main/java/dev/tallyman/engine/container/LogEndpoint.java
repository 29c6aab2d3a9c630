package dev.tallyman.engine.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.LogTag;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Query;
import dev.tallyman.engine.http.Times;
import dev.tallyman.engine.stream.LogAnswer;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.log.Logs;
import dev.tallyman.log.Logs.LogQuery;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** {@code docker logs}. */
@Singleton
class LogEndpoint implements EngineEndpoints {
  private final Containers containers;
  private final Logs logs;

  @Inject
  LogEndpoint(Containers containers, Logs logs) {
    this.containers = containers;
    this.logs = logs;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/containers/{id}/logs", this::read);
  }

  private Answer read(Exchange exchange) throws IOException {
    Query query = exchange.query();
    if (!query.flag("stdout") && !query.flag("stderr")) {
      throw new TallymanException(ErrorKind.INVALID, "Bad parameters: you must choose at least one stream");
    }
    Container container = containers.inspect(exchange.caller(), exchange.name());
    LogQuery wanted =
        new LogQuery(
            query.flag("stdout"), query.flag("stderr"), query.flag("follow"), Times.parse(query.text("since"), "since"), Times.parse(query.text("until"), "until"),
            tail(query.text("tail")), query.flag("timestamps"), query.flag("details") ? details(container) : "");
    boolean isTty = container.spec().isTty();
    boolean hasOwnType = !isTty && !exchange.version().isBefore(42);
    AnswerStream stream = exchange.stream(hasOwnType ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream");
    LogAnswer answer = new LogAnswer(stream, isTty);
    logs.read(exchange.caller(), container.id(), wanted, answer);
    answer.finish();
    stream.finish();
    return Answer.streamed();
  }

  /** As dockerd writes them: escaped like a query, and a space even when there are none. */
  private static String details(Container container) {
    return LogTag.details(container).entrySet().stream()
        .map(each -> URLEncoder.encode(each.getKey(), StandardCharsets.UTF_8) + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining(",", "", " "));
  }

  /** What is not a number means all, as dockerd has it. */
  private static long tail(String text) {
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
  }
}
