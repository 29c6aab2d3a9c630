package dev.tallyman.app;

import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Singleton;

/** Takes the room that was given away on a full disk again, once there is plenty. */
@Singleton
class BallastRefill {
  @Scheduled(every = "30s")
  void refill() {
    BallastedFile.refill();
  }
}
