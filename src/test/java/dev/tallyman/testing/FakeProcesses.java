package dev.tallyman.testing;

import dev.tallyman.kernel.Processes;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The scripted processes of the {@link FakeKernel}, as top shows them. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FakeProcesses implements Processes {
  private final FakeKernel kernel;

  public FakeProcesses(FakeKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public List<Running> of(int pid) {
    List<Running> found = new ArrayList<>();
    synchronized (kernel) {
      for (FakeContainer each : kernel.containers.values()) {
        if (each.isRunning() && each.process.setup.pid() == pid) {
          found.add(row(each.process, 1));
          each.execs.values().stream().filter(FakeProcess::isRunning).forEach(exec -> found.add(row(exec, 1)));
        }
      }
    }
    found.sort(Comparator.comparingInt(Running::pid));
    return found;
  }

  private static Running row(FakeProcess process, int parent) {
    FakeProcess.Setup setup = process.setup;
    String user = setup.user().isEmpty() || setup.user().equals("root") ? "0" : setup.user();
    return new Running(
        setup.pid(), parent, user, 1, 0, 0, 'S', process.startedAt, setup.isTty() ? "pts/0" : "?", Duration.ZERO, 4 << 20, 1 << 20, setup.args().get(0),
        String.join(" ", setup.args()));
  }
}
