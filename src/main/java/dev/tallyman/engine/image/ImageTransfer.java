package dev.tallyman.engine.image;

import dev.tallyman.build.Cancellation;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.build.remote.SourceClient;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Query;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Images in and out as archives. Registries are asked in {@link RegistryEndpoints}. */
@Singleton
class ImageTransfer implements EngineEndpoints {
  /** Two blocks of nothing. */
  private static final int TAR_END_BYTES = 1024;

  private final Images images;
  private final RegistryEndpoints registries;
  private final SourceClient sources;
  private final WaitingThreads threads;

  @Inject
  ImageTransfer(Images images, RegistryEndpoints registries, SourceClient sources, WaitingThreads threads) {
    this.images = images;
    this.sources = sources;
    this.threads = threads;
    this.registries = registries;
  }

  @Override
  public void register(EndpointTable table) {
    table.upload("POST", "/images/create", this::create);
    table.upload("POST", "/images/load", this::load);
    table.get("/images/get", this::saveSeveral);
    table.get("/images/{name}/get", this::save);
  }

  private Answer create(Exchange exchange) throws IOException {
    Query query = exchange.query();
    if (!query.text("fromImage").isEmpty()) {
      return registries.pull(exchange);
    }
    String source = query.text("fromSrc");
    if (source.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "nothing to pull or import: name fromImage or fromSrc");
    }
    Platform platform = platform(exchange);
    Progress progress = new Progress(exchange);
    if (source.equals("-")) {
      progress.run(() -> importTar(exchange, orNoFiles(exchange.bodyStream()), platform, query.text("message"), progress));
      return Answer.streamed();
    }
    RemoteUrl url = RemoteUrl.parse(RemoteUrl.is(source) ? source : "http://" + source);
    Cancellation cancellation = new Cancellation("the import was cancelled");
    exchange.window().whenClosed(() -> threads.execute(cancellation::cancel));
    progress.run(
        () -> {
          try (FetchedArchive archive = new FetchedArchive(sources, url, cancellation)) {
            importTar(exchange, archive, platform, query.text("message").isEmpty() ? "Imported from " + url : query.text("message"), progress);
          }
        });
    return Answer.streamed();
  }

  /** What a pull or an import asks for. */
  static Platform platform(Exchange exchange) {
    return Platform.of(exchange.version().isBefore(32) ? "" : exchange.query().text("platform"));
  }

  /** An upload without a byte is an image without files to dockerd. */
  private static InputStream orNoFiles(InputStream upload) throws IOException {
    PushbackInputStream whole = new PushbackInputStream(upload, 1);
    int first = whole.read();
    if (first < 0) {
      return new ByteArrayInputStream(new byte[TAR_END_BYTES]);
    }
    whole.unread(first);
    return whole;
  }

  private void importTar(Exchange exchange, InputStream tar, Platform platform, String message, Progress progress) {
    Query query = exchange.query();
    progress.line(images.importTar(exchange.caller(), tar, reference(query.text("repo"), query.text("tag")), platform, changes(query), message).id());
  }

  private static @Nullable String reference(String repository, String tag) {
    if (repository.isEmpty()) {
      return null;
    }
    return tag.isEmpty() ? repository : repository + ":" + tag;
  }

  private static List<String> changes(Query query) {
    return query.all("changes").stream().flatMap(String::lines).filter(line -> !line.isBlank()).toList();
  }

  private Answer load(Exchange exchange) throws IOException {
    Platform platform = PlatformParameter.read(exchange, "platform", 48);
    Progress progress = new Progress(exchange);
    progress.runAndTellAll(() -> images.load(exchange.caller(), exchange.bodyStream(), platform == null ? "" : platform.architecture(), progress::output));
    return Answer.streamed();
  }

  private Answer save(Exchange exchange) throws IOException {
    return send(exchange, List.of(exchange.name()));
  }

  private Answer saveSeveral(Exchange exchange) throws IOException {
    List<String> names = exchange.query().all("names").stream().flatMap(each -> List.of(each.split(",")).stream()).filter(each -> !each.isEmpty()).toList();
    if (names.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "no image to save: the parameter names is missing");
    }
    return send(exchange, names);
  }

  private Answer send(Exchange exchange, List<String> names) throws IOException {
    Platform platform = PlatformParameter.read(exchange, "platform", 48);
    for (String each : platform == null ? List.<String>of() : names) {
      if (!platform.runs(Platform.of(images.inspect(exchange.caller(), each)))) {
        throw new TallymanException(ErrorKind.NOT_FOUND, "no suitable export target found for platform " + platform);
      }
    }
    AnswerStream stream = exchange.stream("application/x-tar");
    images.save(exchange.caller(), names, stream);
    stream.finish();
    return Answer.streamed();
  }
}
