package dev.tallyman.engine.session;

import dev.tallyman.distribution.Login;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;

/** Credentials that the client has for registries; asked for when they are needed, kept nowhere. */
final class SessionLogins implements Function<String, Login> {
  private static final String METHOD = "/moby.filesync.v1.Auth/Credentials";
  private static final int WAIT_SECONDS = 60;
  private static final int LONGEST = 64 << 10;

  private final SessionConnection connection;

  SessionLogins(SessionConnection connection) {
    this.connection = connection;
  }

  /** @param domain of a registry, {@code docker.io} for Docker's own */
  @Override
  public Login apply(String domain) {
    if (!connection.answers(METHOD)) {
      return Login.nobody();
    }
    String host = domain.equals("docker.io") ? "registry-1.docker.io" : domain;
    try (GrpcCall call = connection.call(METHOD, Map.of())) {
      call.send(new ProtoWriter().text(1, host));
      call.endOfMessages();
      byte[] answer = call.receive(WAIT_SECONDS);
      return answer == null || answer.length > LONGEST ? Login.nobody() : login(answer);
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INVALID, "cannot get the credentials for " + domain + " from the client: " + e.getMessage(), e);
    }
  }

  /** Without a user's name the secret is a refresh token. */
  private static Login login(byte[] answer) throws IOException {
    ProtoReader reader = new ProtoReader(answer);
    String user = "";
    String secret = "";
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1 -> user = reader.text();
        case 2 -> secret = reader.text();
        default -> reader.skip();
      }
    }
    if (secret.isEmpty()) {
      return Login.nobody();
    }
    return user.isEmpty() || user.equals("<token>") ? new Login("", "", secret) : new Login(user, secret, "");
  }
}
