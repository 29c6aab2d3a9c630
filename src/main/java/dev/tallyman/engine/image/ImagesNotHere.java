package dev.tallyman.engine.image;

import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Singleton;

/** Attestations are not kept. */
@Singleton
class ImagesNotHere implements EngineEndpoints {
  @Override
  public void register(EndpointTable table) {
    table.get("/images/{name}/attestations", exchange -> refuse("attestations of images are not kept by this server"));
  }

  private static Answer refuse(String message) {
    throw new TallymanException(ErrorKind.UNSUPPORTED, message);
  }
}
