package dev.tallyman.engine.session;

import dev.tallyman.build.BuildAgents;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The client's SSH agents, by BuildKit's service {@code moby.sshforward.v1.SSH}: a call for each connection. */
final class SessionAgents implements BuildAgents {
  private static final String CHECK = "/moby.sshforward.v1.SSH/CheckAgent";
  private static final String FORWARD = "/moby.sshforward.v1.SSH/ForwardAgent";
  private static final String ID = "buildkit.ssh.id";
  private static final int WAIT_SECONDS = 60;
  /** A command may keep its connection while it does something else. */
  private static final long IDLE_SECONDS = TimeUnit.HOURS.toSeconds(6);
  private static final int PIECE_BYTES = 32 << 10;

  private final SessionConnection connection;

  SessionAgents(SessionConnection connection) {
    this.connection = connection;
  }

  @Override
  public boolean has(String id) {
    if (!connection.answers(CHECK) || !connection.answers(FORWARD)) {
      return false;
    }
    try (GrpcCall call = connection.call(CHECK, Map.of())) {
      call.send(new ProtoWriter().text(1, id));
      call.endOfMessages();
      return call.receive(WAIT_SECONDS) != null;
    } catch (GrpcException e) {
      return false; // it has others
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INVALID, "cannot ask the client for its SSH agent " + id + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void lead(String id, ByteChannel command, Executor threads) throws IOException {
    try (GrpcCall call = connection.call(FORWARD, Map.of(ID, List.of(id)))) {
      threads.execute(() -> send(command, call));
      byte[] message;
      while ((message = call.receive(IDLE_SECONDS)) != null) {
        receive(message, command);
      }
    }
  }

  private static void send(ByteChannel command, GrpcCall call) {
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    try {
      while (command.read(piece) >= 0) {
        call.send(new ProtoWriter().bytes(1, Arrays.copyOf(piece.array(), piece.position())));
        piece.clear();
      }
      call.endOfMessages();
    } catch (IOException e) {
      call.close();
    }
  }

  private static void receive(byte[] message, ByteChannel command) throws IOException {
    ProtoReader reader = new ProtoReader(message);
    for (int field = reader.next(); field != 0; field = reader.next()) {
      if (field == 1) {
        ByteBuffer data = reader.bytes();
        while (data.hasRemaining()) {
          command.write(data);
        }
      } else {
        reader.skip();
      }
    }
  }
}
