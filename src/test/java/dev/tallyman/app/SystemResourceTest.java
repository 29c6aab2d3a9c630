package dev.tallyman.app;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SystemResourceTest {
  @Inject TestAccounts accounts;
  @Inject Vertx vertx;

  @ConfigProperty(name = "tallyman.run")
  Path run;

  @Test
  void tellsAccountsAboutTheHost() {
    given().header("X-Tallyman-Token", accounts.token(Role.VIEWER)).get("/api/v1/system").then()
        .statusCode(200).body("canStartContainers", equalTo(true)).body("host.kernel", notNullValue()).body("version", notNullValue());
    given().get("/api/v1/system").then().statusCode(401);
  }

  @Test
  void knowsThePeerOfTheUnixSocket() throws Exception {
    long uid = ((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();

    JsonObject me = overSocket("/api/v1/me", 200 + (uid == 0 ? 0 : 201));

    if (uid == 0) {
      assertEquals("admin", me.getString("name"));
    } else {
      assertEquals(true, me.getString("detail").contains("user id " + uid));
    }
  }

  @Test
  void opensTheSocketForItsGroupOnly() throws IOException {
    assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(run.resolve("docker.sock"))));
  }

  @Test
  void namesTheObstacleWhenNotReady() {
    KernelReadiness readiness = new KernelReadiness(new HostWithout("the helper is not root: mounted nosuid"));

    HealthCheckResponse answer = readiness.call();

    assertEquals(HealthCheckResponse.Status.DOWN, answer.getStatus());
    assertEquals("the helper is not root: mounted nosuid", answer.getData().orElseThrow().get("reason"));
  }

  private JsonObject overSocket(String path, int status) throws Exception {
    RequestOptions options =
        new RequestOptions().setServer(SocketAddress.domainSocketAddress(run.resolve("docker.sock").toString())).setHost("docker").setMethod(HttpMethod.GET).setURI(path);
    // The body is asked for on the thread that gets it: one that arrives before anybody wants it is lost.
    Future<JsonObject> answer =
        vertx.createHttpClient().request(options).compose(request -> request.send()).compose(response -> {
          assertEquals(status, response.statusCode());
          return response.body().map(body -> body.toJsonObject());
        });
    return answer.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private record HostWithout(String reason) implements dev.tallyman.kernel.KernelProbe {
    @Override
    public java.util.Map<String, String> facts() {
      return java.util.Map.of();
    }

    @Override
    public java.util.Optional<String> obstacle() {
      return java.util.Optional.of(reason);
    }

    @Override
    public java.util.Optional<String> anchor(String head) {
      return java.util.Optional.empty();
    }
  }
}
