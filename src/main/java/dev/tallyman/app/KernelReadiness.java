package dev.tallyman.app;

import dev.tallyman.kernel.KernelProbe;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means: containers can be started. Otherwise the answer names the reason. */
@Readiness
@Singleton
class KernelReadiness implements HealthCheck {
  private final KernelProbe kernel;

  @Inject
  KernelReadiness(KernelProbe kernel) {
    this.kernel = kernel;
  }

  @Override
  public HealthCheckResponse call() {
    Optional<String> obstacle = kernel.obstacle();
    var answer = HealthCheckResponse.named("containers can be started");
    return obstacle.isEmpty() ? answer.up().build() : answer.down().withData("reason", obstacle.get()).build();
  }
}
