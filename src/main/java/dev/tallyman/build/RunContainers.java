package dev.tallyman.build;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.container.LifeOptions;
import dev.tallyman.container.Loan;
import dev.tallyman.container.MountOptions;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.kernel.CommandNotRunException;
import dev.tallyman.kernel.MonitorConnection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Runs the commands of builds: in containers like anybody's, with the same rights, limits and policy. */
@Singleton
class RunContainers {
  /** Marks containers of a build; its value is the build's id. */
  static final String LABEL = "tallyman.build";

  private final Containers containers;

  @Inject
  RunContainers(Containers containers) {
    this.containers = containers;
  }

  /** @param network default, none or host */
  record Command(String image, List<String> words, List<String> env, String network) {}

  String create(Caller caller, String build, BuildRequest request, Command command) {
    String network = command.network().equals("default") ? request.network() : command.network();
    ContainerSpec spec =
        new ContainerSpec(
            "", command.image(), List.of(""), command.words(), command.env(), null, null, Map.of(LABEL, build), "", "", false, false, false, List.of("stdout", "stderr"), null, null,
            List.of(), List.of(), false, network.isEmpty() ? "bridge" : network, null, List.of(), List.of(), List.of(), request.extraHosts(), request.limits(), RestartPolicy.no(), false, false,
            false, false, List.of(), List.of(), List.of(), List.of(), Map.of(), Map.of(), request.ulimits(), request.shmSizeBytes(), null, false, "none", Map.of())
            .with(MountOptions.withoutImages())
            .with(new LifeOptions(new ImageConfig.Healthcheck(List.of("NONE"), 0, 0, 0, 0, 0), "none", ""));
    return containers.create(caller, spec).id();
  }

  /** Gets what a command writes, in whole characters. */
  interface Written {
    void write(boolean isError, String text);
  }

  /** Runs it to its end. @param loan what it has beside its image; @param output gets what it writes. @return its exit code */
  @SuppressWarnings("try") // registered is there to be closed
  int run(Caller caller, String id, Loan loan, Written output, Cancellation cancellation) {
    var attachment = containers.attach(caller, id, false, true);
    try (Cancellation.Registration registered = cancellation.on(() -> kill(caller, id))) {
      cancellation.check();
      containers.start(caller, id, loan);
      if (cancellation.isCancelled()) {
        kill(caller, id); // the registered kill may have come before there was a process
      }
      try (MonitorConnection connection = attachment.connection().get()) {
        follow(connection, output);
      }
      int code = containers.wait(caller, id, WaitCondition.NOT_RUNNING).get().exitCode();
      cancellation.check();
      return code;
    } catch (CommandNotRunException e) {
      output.write(false, e.getMessage() + "\n");
      return e.exitCode();
    } catch (IOException | ExecutionException e) {
      cancellation.check();
      throw new TallymanException(ErrorKind.INTERNAL, "the output of container " + id + " could not be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TallymanException(ErrorKind.UNAVAILABLE, "the build was interrupted", e);
    }
  }

  private void kill(Caller caller, String id) {
    try {
      containers.kill(caller, id, "KILL");
    } catch (TallymanException e) {
      // It does not run yet, which is checked before it would, or not any more.
    }
  }

  void remove(Caller caller, String id) {
    containers.remove(caller, id, true, true);
  }

  private static void follow(MonitorConnection connection, Written output) throws IOException {
    Characters out = new Characters(text -> output.write(false, text));
    Characters errors = new Characters(text -> output.write(true, text));
    MonitorConnection.Frame frame;
    while ((frame = connection.next()) instanceof MonitorConnection.Frame.Output piece) {
      (piece.isError() ? errors : out).add(piece.bytes());
    }
    out.end();
    errors.end();
  }

  /** Makes text of bytes: a character that the end of a piece cuts waits for its rest. */
  private static final class Characters {
    private final Consumer<String> output;
    private final ByteArrayOutputStream cut = new ByteArrayOutputStream();

    Characters(Consumer<String> output) {
      this.output = output;
    }

    void add(ByteBuffer bytes) {
      byte[] piece = new byte[bytes.remaining()];
      bytes.get(piece);
      cut.writeBytes(piece);
      byte[] all = cut.toByteArray();
      int whole = wholeOf(all);
      if (whole > 0) {
        output.accept(new String(all, 0, whole, StandardCharsets.UTF_8));
      }
      cut.reset();
      cut.write(all, whole, all.length - whole);
    }

    private static int wholeOf(byte[] all) {
      for (int back = 1; back <= Math.min(3, all.length); back++) {
        int each = all[all.length - back] & 0xff;
        if (each >= 0xc0) {
          int needed = each >= 0xf0 ? 4 : each >= 0xe0 ? 3 : 2;
          return needed > back ? all.length - back : all.length;
        }
        if (each < 0x80) {
          break;
        }
      }
      return all.length;
    }

    void end() {
      if (cut.size() > 0) {
        output.accept(cut.toString(StandardCharsets.UTF_8));
      }
    }
  }
}
