package dev.tallyman.engine.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.volume.Volumes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** What volumes take, for {@code docker system df}. */
@Singleton
public class VolumeUsage {
  private final Volumes volumes;

  @Inject
  VolumeUsage(Volumes volumes) {
    this.volumes = volumes;
  }

  public ArrayNode rows(Exchange exchange) {
    return VolumeEndpoints.diskUsage(volumes, exchange);
  }
}
