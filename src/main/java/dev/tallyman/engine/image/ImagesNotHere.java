package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** What has to do with registries and builds: clear answers that say what to do instead. */
@Singleton
class ImagesNotHere implements EngineEndpoints {
  private static final String INSTEAD = "bring images in with docker load or docker import";
  private static final String NO_BUILDS = "building images is not supported by this server: " + INSTEAD;

  private final Images images;

  @Inject
  ImagesNotHere(Images images) {
    this.images = images;
  }

  @Override
  public void register(EndpointTable table) {
    table.post("/images/{name}/push", this::push);
    table.get("/images/search", exchange -> refuse("cannot search for images: no registry is configured"));
    table.get("/distribution/{name}/json", this::distribution);
    table.get("/images/{name}/attestations", exchange -> refuse("attestations of images are not kept by this server"));
    table.upload("POST", "/build", exchange -> refuse(NO_BUILDS));
    table.post("/build/cancel", exchange -> refuse(NO_BUILDS));
    // There is no build cache, so all of it is pruned.
    table.post("/build/prune", exchange -> Answer.ok(Json.object().<ObjectNode>set("CachesDeleted", Json.array()).put("SpaceReclaimed", 0)));
    table.post("/session", exchange -> refuse(NO_BUILDS + "; set DOCKER_BUILDKIT=0 to see this without BuildKit"));
    table.post("/grpc", exchange -> refuse(NO_BUILDS));
  }

  static TallymanException pull(String name) {
    // The client writes Docker's default registry before a plain name.
    String plain = name.replaceFirst("^docker\\.io/(library/)?", "");
    return new TallymanException(ErrorKind.NOT_FOUND, "pull access denied for " + plain + ", repository does not exist or may require 'docker login': no registry is configured; " + INSTEAD);
  }

  private Answer push(Exchange exchange) {
    images.inspect(exchange.caller(), exchange.name());
    return refuse("cannot push " + exchange.name() + ": no registry is configured; write it to a file with docker save");
  }

  private Answer distribution(Exchange exchange) {
    throw new TallymanException(ErrorKind.NOT_FOUND, "cannot ask a registry for " + exchange.name() + ": no registry is configured");
  }

  private static Answer refuse(String message) {
    throw new TallymanException(ErrorKind.UNSUPPORTED, message);
  }
}
