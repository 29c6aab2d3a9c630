package dev.tallyman.engine.control;

import dev.tallyman.build.FileTarget;
import dev.tallyman.build.dockerfile.Warning;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.engine.build.Trace;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.engine.http.Json;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The progress of a job, with what the build checks found as warnings of their own. */
final class JobTrace extends Trace {
  private static final int LEVEL = 1;
  /** A larger Dockerfile is not sent along with each remark about it. */
  static final int LONGEST_SOURCE = 32 << 10;

  private final StatusQueue queue;
  private List<String> names = List.of();
  private @Nullable FileTarget target;
  private volatile @Nullable String cacheManifest;
  private volatile String name = "Dockerfile";
  private volatile String text = "";

  JobTrace(StatusQueue queue) {
    super(response -> queue.add(response.toBytes()));
    this.queue = queue;
  }

  /** @param given to the image in the end */
  void names(List<String> given) {
    names = List.copyOf(given);
  }

  void target(FileTarget given) {
    target = given;
  }

  @Override
  public @Nullable FileTarget target() {
    return target;
  }

  @Override
  public void cacheStored(Distribution.Stored manifest) {
    cacheManifest = Json.object().put("mediaType", manifest.mediaType()).put("digest", manifest.digest()).put("size", manifest.size()).toString();
  }

  /** By which the client finds the build's cache in its folder; absent: none was left there. */
  Optional<String> cacheManifest() {
    return Optional.ofNullable(cacheManifest);
  }

  String dockerfileName() {
    return name;
  }

  /** Empty as long as it is not known. */
  String dockerfileText() {
    return text;
  }

  @Override
  public void dockerfile(String given, String content) {
    name = given;
    text = content;
  }

  @Override
  public void warning(Warning warning) {
    String vertex = vertex();
    if (vertex == null) {
      return;
    }
    ProtoWriter source = new ProtoWriter().text(1, name);
    if (text.length() <= LONGEST_SOURCE) {
      source.text(2, text);
    }
    ProtoWriter message = new ProtoWriter().text(1, vertex).number(2, LEVEL).text(3, warning.rule() + ": " + warning.detail() + " (line " + warning.line() + ")");
    message.text(4, warning.description()).text(5, warning.url() == null ? "" : warning.url()).message(6, source.text(4, "Dockerfile"));
    ProtoWriter place = new ProtoWriter().number(1, warning.line());
    message.message(7, new ProtoWriter().message(1, place).message(2, place));
    queue.add(new ProtoWriter().message(4, message).toBytes());
  }

  @Override
  public void made(String image) {
    status("writing image " + image, "");
    names.forEach(each -> status("naming to " + each, ""));
    super.made(image);
  }

}
