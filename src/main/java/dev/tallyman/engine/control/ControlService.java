package dev.tallyman.engine.control;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.engine.grpc.GrpcService;
import dev.tallyman.engine.grpc.GrpcTable;
import dev.tallyman.engine.grpc.Invocation;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** BuildKit's control API: builds, how they go, and who does them. */
@Singleton
class ControlService implements GrpcService {
  private static final String CONTROL = "/moby.buildkit.v1.Control/";
  private static final int SERVING = 1;

  private final Jobs jobs;
  private final Solver solver;
  private final Workers workers;
  private final HistoryService history;
  private final WaitingThreads threads;
  private final AuditTrail audit;

  @Inject
  ControlService(Jobs jobs, Solver solver, Workers workers, HistoryService history, WaitingThreads threads, AuditTrail audit) {
    this.audit = audit;
    this.jobs = jobs;
    this.solver = solver;
    this.workers = workers;
    this.history = history;
    this.threads = threads;
  }

  @Override
  public void register(GrpcTable table) {
    table.add(CONTROL + "Solve", this::solve);
    table.add(CONTROL + "Status", this::status);
    table.add(CONTROL + "ListWorkers", (call, request) -> call.send(new ProtoWriter().message(1, workers.record(call.caller()))));
    table.add(CONTROL + "Info", (call, request) -> call.send(new ProtoWriter().message(1, workers.version())));
    table.add("/grpc.health.v1.Health/Check", (call, request) -> call.send(new ProtoWriter().number(1, SERVING)));
  }

  private void solve(Invocation call, ProtoReader request) throws IOException {
    SolveWish wish = SolveWish.read(request);
    requireMember(call.caller(), wish.ref());
    Job job = jobs.open(call.caller(), wish.ref(), wish.session());
    // The end of the call, too, is no more than the end of the job.
    call.window().whenClosed(() -> threads.execute(job::cancel));
    Map<String, String> result;
    try {
      @Nullable Result wanted = wish.frontend().isEmpty() ? job.await() : new Result(Frontend.read(wish.frontend(), wish.attributes()), Map.of());
      if (wanted != null && !wanted.build.asked().isEmpty()) {
        throw Messages.unsupported("a question about a Dockerfile outside of the gateway is");
      }
      result = wanted == null ? Map.of() : solver.build(call.caller(), wish, wanted, job);
    } finally {
      jobs.end(call, wish.ref(), job);
    }
    ProtoWriter response = new ProtoWriter();
    Messages.entries(response, 1, result);
    call.send(response);
  }

  /** Before anything of it is kept. */
  private void requireMember(Caller caller, String ref) {
    try {
      caller.require(Role.MEMBER, "build an image");
    } catch (TallymanException e) {
      audit.failed(caller, "image.build", ref, e);
      throw e;
    }
  }

  private void status(Invocation call, ProtoReader request) throws IOException {
    String ref = "";
    for (int field = request.next(); field != 0; field = request.next()) {
      if (field == 1) {
        ref = request.text();
      } else {
        request.skip();
      }
    }
    Job known = jobs.peek(call.caller(), ref);
    if ((known == null || known.queue.isWatched()) && history.tell(call, ref)) {
      return;
    }
    Job job = jobs.find(call, ref);
    if (!job.queue.attach()) {
      throw new TallymanException(ErrorKind.CONFLICT, "somebody watches the build " + ref + " already");
    }
    call.window().whenClosed(job.queue::drop);
    try {
      for (byte[] next = job.queue.take(); next != null; next = job.queue.take()) {
        call.send(next);
      }
    } finally {
      jobs.watched(call.caller(), ref, job);
    }
  }
}
