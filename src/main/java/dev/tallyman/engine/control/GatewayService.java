package dev.tallyman.engine.control;

import dev.tallyman.build.Cancellation;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.engine.grpc.GrpcFailure;
import dev.tallyman.engine.grpc.GrpcService;
import dev.tallyman.engine.grpc.GrpcStatus;
import dev.tallyman.engine.grpc.GrpcTable;
import dev.tallyman.engine.grpc.Invocation;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The gateway of a job: through it a client says what is to be built, when its Solve waits already. */
@Singleton
class GatewayService implements GrpcService {
  private static final String BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/";
  private static final String BUILD_ID = "buildkit-controlapi-buildid";
  private static final List<String> CAPABILITIES = List.of("solve.base", "return", "proto.refarray", "reference.output", "frontend.inputs", "gateway.evaluate");
  private static final int MOST_INPUTS = 64;
  private static final List<String> REFUSED =
      List.of(
          "ResolveImageConfig", "ResolveSourceMeta", "ReadFile", "ReadDir", "StatFile", "Inputs", "NewContainer", "ReleaseContainer", "ExecProcess", "ReadFileContainer",
          "ReadDirContainer", "StatFileContainer", "Warn");

  private final Jobs jobs;
  private final Workers workers;
  private final Linter linter;
  private final WaitingThreads threads;

  @Inject
  GatewayService(Jobs jobs, Workers workers, Linter linter, WaitingThreads threads) {
    this.threads = threads;
    this.linter = linter;
    this.jobs = jobs;
    this.workers = workers;
  }

  @Override
  public void register(GrpcTable table) {
    table.add(BRIDGE + "Ping", this::ping);
    table.add(BRIDGE + "Solve", this::solve);
    table.add(BRIDGE + "Evaluate", this::evaluate);
    table.add(BRIDGE + "Return", this::giveBack);
    REFUSED.forEach(each -> table.refuse(BRIDGE + each, "the gateway's call " + each + " is not supported by this server: it builds whole Dockerfiles only"));
  }

  private Job job(Invocation call) {
    return jobs.find(call, call.metadata(BUILD_ID));
  }

  private void ping(Invocation call, ProtoReader request) throws IOException {
    job(call);
    ProtoWriter pong = new ProtoWriter();
    CAPABILITIES.forEach(each -> pong.message(1, new ProtoWriter().text(1, each).number(2, 1)));
    // Of low-level builds nothing; without an entry clients would take that for an old server which has most of it.
    pong.message(2, new ProtoWriter().text(1, "source.local").number(2, 1));
    call.send(pong.message(3, workers.record(call.caller())));
  }

  private void solve(Invocation call, ProtoReader request) throws IOException {
    Job job = job(call);
    String frontend = "";
    Map<String, String> attributes = new LinkedHashMap<>();
    Map<String, Result> inputs = new LinkedHashMap<>();
    for (int field = request.next(); field != 0; field = request.next()) {
      switch (field) {
        case 1 -> Messages.refuseUnlessEmpty(request.message(), "a build definition (LLB) of the client's own is");
        case 2 -> frontend = request.text();
        case 3 -> Messages.entry(request.message(), attributes);
        // How the answer may look.
        case 5, 6 -> request.skip();
        case 13 -> input(call, request.message(), job, inputs);
        default -> throw Messages.unsupported("field " + field + " of a gateway's request is");
      }
    }
    Frontend wish = Frontend.read(frontend, attributes);
    ProtoWriter result = new ProtoWriter();
    if (wish.asked().isEmpty()) {
      int length = attributes.entrySet().stream().mapToInt(each -> each.getKey().length() + each.getValue().length()).sum();
      String id = job.add(new Result(wish, inputs), length);
      result.message(3, new ProtoWriter().text(1, id).message(2, new ResultReference(call.metadata(BUILD_ID), id).definition()));
    } else {
      Messages.entries(result, 10, lint(call, wish, job));
    }
    call.send(new ProtoWriter().message(3, result));
  }

  /** A result of another job of the account, on which this one stands. */
  private void input(Invocation call, ProtoReader entry, Job job, Map<String, Result> inputs) throws IOException {
    String key = "";
    Result result = null;
    for (int field = entry.next(); field != 0; field = entry.next()) {
      switch (field) {
        case 1 -> key = entry.text();
        case 2 -> result = jobs.result(call.caller(), ResultReference.read(entry.message()));
        default -> entry.skip();
      }
    }
    if (result == null || job.has(result)) {
      throw Messages.invalid("the input " + key + " of a build must be the result of another one");
    }
    inputs.put(key, result);
    if (inputs.size() > MOST_INPUTS) {
      throw Messages.invalid("a build may stand on " + MOST_INPUTS + " others");
    }
  }

  /** What it asks for comes to pass when the result is returned: then it is built, and its errors are told. */
  private void evaluate(Invocation call, ProtoReader request) throws IOException {
    String id = "";
    for (int field = request.next(); field != 0; field = request.next()) {
      if (field == 1) {
        id = request.text();
      } else {
        request.skip();
      }
    }
    job(call).require(id);
    call.send(new ProtoWriter());
  }

  /** Ends with its call or its job, whichever ends first. */
  private Map<String, String> lint(Invocation call, Frontend wish, Job job) {
    Cancellation cancellation = new Cancellation();
    call.window().whenClosed(() -> threads.execute(cancellation::cancel));
    Cancellation.Registration end = job.cancellation.on(cancellation::cancel);
    try {
      return linter.lint(call.caller(), wish, job, cancellation);
    } finally {
      end.close();
    }
  }

  private void giveBack(Invocation call, ProtoReader request) throws IOException {
    Job job = job(call);
    String id = "";
    GrpcFailure failure = null;
    for (int field = request.next(); field != 0; field = request.next()) {
      switch (field) {
        case 1 -> id = result(request.message());
        case 2 -> failure = failure(request.message());
        default -> request.skip();
      }
    }
    if (failure != null) {
      job.fail(failure);
    } else {
      job.deliver(id);
    }
    call.send(new ProtoWriter());
  }

  /** @return id of the result; empty for none */
  private static String result(ProtoReader result) throws IOException {
    String id = "";
    for (int field = result.next(); field != 0; field = result.next()) {
      switch (field) {
        case 1 -> id = result.text();
        case 3 -> id = id(result.message());
        case 2, 4 -> throw Messages.unsupported("several results of a build are");
        case 12 -> throw Messages.unsupported("an attestation of the client's own is");
        // Facts that this server told itself, or that nobody asks for.
        default -> result.skip();
      }
    }
    return id;
  }

  private static String id(ProtoReader ref) throws IOException {
    String id = "";
    for (int field = ref.next(); field != 0; field = ref.next()) {
      switch (field) {
        case 1 -> id = ref.text();
        case 2 -> ResultReference.read(ref.message());
        default -> ref.skip();
      }
    }
    return id;
  }

  /** Of the client itself, which its Solve answers with. */
  private static GrpcFailure failure(ProtoReader status) throws IOException {
    int code = GrpcStatus.UNKNOWN;
    String message = "";
    for (int field = status.next(); field != 0; field = status.next()) {
      switch (field) {
        case 1 -> code = (int) Math.max(1, Math.min(16, status.number()));
        case 2 -> message = status.text();
        default -> status.skip();
      }
    }
    GrpcStatus told = new GrpcStatus(code, message);
    return new GrpcFailure(told, new IOException("told by the client"));
  }
}
