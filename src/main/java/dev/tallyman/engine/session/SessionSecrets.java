package dev.tallyman.engine.session;

import dev.tallyman.build.BuildAgents;
import dev.tallyman.build.BuildSecrets;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Secrets that the client has for the commands of its build; asked for when a command needs them, kept nowhere. */
final class SessionSecrets implements BuildSecrets {
  private static final String METHOD = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
  private static final int WAIT_SECONDS = 60;
  private static final int NOT_FOUND = 5;

  private final SessionConnection connection;

  SessionSecrets(SessionConnection connection) {
    this.connection = connection;
  }

  @Override
  public byte @Nullable [] value(String id) {
    if (!connection.answers(METHOD)) {
      return null;
    }
    try (GrpcCall call = connection.call(METHOD, Map.of())) {
      call.send(new ProtoWriter().text(1, id));
      call.endOfMessages();
      byte[] answer = call.receive(WAIT_SECONDS);
      return answer == null ? new byte[0] : take(answer);
    } catch (GrpcException e) {
      if (e.status() == NOT_FOUND) {
        return null;
      }
      throw refused(id, e);
    } catch (IOException e) {
      throw refused(id, e);
    }
  }

  @Override
  public BuildAgents agents() {
    return new SessionAgents(connection);
  }

  private static TallymanException refused(String id, IOException e) {
    return new TallymanException(ErrorKind.INVALID, "cannot get the secret " + id + " from the client: " + e.getMessage(), e);
  }

  /** Wipes the message. */
  private static byte[] take(byte[] answer) throws IOException {
    try {
      ProtoReader reader = new ProtoReader(answer);
      byte[] value = new byte[0];
      for (int field = reader.next(); field != 0; field = reader.next()) {
        if (field == 1) {
          ByteBuffer data = reader.bytes();
          value = new byte[data.remaining()];
          data.get(value);
        } else {
          reader.skip();
        }
      }
      return value;
    } finally {
      Arrays.fill(answer, (byte) 0);
    }
  }
}
