package dev.tallyman.web;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;

/** Options of the listeners that have no setting. */
@Singleton
class Listeners implements HttpServerOptionsCustomizer {
  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    // Finds clients that vanished, since long streams have no idle limit.
    options.setTcpKeepAlive(true);
    leaveUpgrades(options);
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    options.setTcpKeepAlive(true);
  }

  @Override
  public void customizeDomainSocketServer(HttpServerOptions options) {
    // Local programs keep silent streams open; the kernel tells when they end.
    options.setIdleTimeout(0);
    leaveUpgrades(options);
  }

  /** {@code Upgrade: h2c} is what sessions of build clients ask for, and with the roles changed; the platform would take it for its own. */
  private static void leaveUpgrades(HttpServerOptions options) {
    options.setHttp2ClearTextEnabled(false);
  }
}
