package dev.tallyman.engine.control;

import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names a result of a job. Clients want it as a definition (LLB), which they hand on without understanding it; this one has a single source, which
 * means something to this server alone.
 *
 * @param job its ref; @param id of the result within it
 */
record ResultReference(String job, String id) {
  private static final String SCHEME = "tallyman-result://";
  private static final int INPUTS = 1;
  private static final int SOURCE = 3;
  private static final int PLATFORM = 10;
  private static final int CONSTRAINTS = 11;

  /** @return a pb.Definition: the source, and an end whose input it is */
  ProtoWriter definition() {
    byte[] source = new ProtoWriter().message(SOURCE, new ProtoWriter().text(1, SCHEME + id + "/" + job)).toBytes();
    String digest = digest(source);
    byte[] end = new ProtoWriter().message(INPUTS, new ProtoWriter().text(1, digest)).toBytes();
    ProtoWriter definition = new ProtoWriter().bytes(1, source).bytes(1, end);
    return definition.message(2, metadata(digest)).message(2, metadata(digest(end)));
  }

  /** Clients take an operation without metadata for damaged. */
  private static ProtoWriter metadata(String digest) {
    return new ProtoWriter().text(1, digest).message(2, new ProtoWriter());
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Reads a definition that this server gave; any other is refused. */
  static ResultReference read(ProtoReader definition) throws IOException {
    String source = "";
    for (int field = definition.next(); field != 0; field = definition.next()) {
      if (field != 1) {
        definition.skip();
        continue;
      }
      String found = source(definition.message());
      if (!found.isEmpty() && !source.isEmpty()) {
        throw foreign();
      }
      source = source + found;
    }
    int slash = source.indexOf('/', SCHEME.length());
    if (!source.startsWith(SCHEME) || slash < 0) {
      throw foreign();
    }
    return new ResultReference(source.substring(slash + 1), source.substring(SCHEME.length(), slash));
  }

  /** @return empty for an operation that only has inputs */
  private static String source(ProtoReader operation) throws IOException {
    String source = "";
    for (int field = operation.next(); field != 0; field = operation.next()) {
      switch (field) {
        case SOURCE -> {
          ProtoReader message = operation.message();
          for (int inner = message.next(); inner != 0; inner = message.next()) {
            if (inner != 1) {
              throw foreign();
            }
            source = message.text();
          }
        }
        case INPUTS, PLATFORM, CONSTRAINTS -> operation.skip();
        default -> throw foreign();
      }
    }
    return source;
  }

  private static RuntimeException foreign() {
    return Messages.unsupported("a build definition (LLB) of the client's own is");
  }
}
