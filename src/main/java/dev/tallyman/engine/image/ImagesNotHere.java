package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Singleton;

/** What has to do with builds and attestations: clear answers that say what to do instead. */
@Singleton
class ImagesNotHere implements EngineEndpoints {
  private static final String INSTEAD = "bring images in with docker pull, docker load or docker import";
  private static final String NO_BUILDS = "building images is not supported by this server: " + INSTEAD;

  @Override
  public void register(EndpointTable table) {
    table.get("/images/{name}/attestations", exchange -> refuse("attestations of images are not kept by this server"));
    table.upload("POST", "/build", exchange -> refuse(NO_BUILDS));
    table.post("/build/cancel", exchange -> refuse(NO_BUILDS));
    // There is no build cache, so all of it is pruned.
    table.post("/build/prune", exchange -> Answer.ok(Json.object().<ObjectNode>set("CachesDeleted", Json.array()).put("SpaceReclaimed", 0)));
    table.post("/session", exchange -> refuse(NO_BUILDS + "; set DOCKER_BUILDKIT=0 to see this without BuildKit"));
    table.post("/grpc", exchange -> refuse(NO_BUILDS));
  }

  private static Answer refuse(String message) {
    throw new TallymanException(ErrorKind.UNSUPPORTED, message);
  }
}
