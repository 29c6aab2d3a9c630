package dev.tallyman.engine.grpc;

import dev.tallyman.error.TallymanException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * How a call ended.
 *
 * @param code as gRPC numbers them
 * @param details a google.rpc.Status with more than the message; empty = none
 */
public record GrpcStatus(int code, String message, byte[] details) {
  public static final int CANCELLED = 1;
  public static final int UNKNOWN = 2;
  public static final int INVALID_ARGUMENT = 3;
  private static final int DEADLINE_EXCEEDED = 4;
  private static final int NOT_FOUND = 5;
  public static final int ALREADY_EXISTS = 6;
  private static final int PERMISSION_DENIED = 7;
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int FAILED_PRECONDITION = 9;
  static final int UNIMPLEMENTED = 12;
  private static final int INTERNAL = 13;
  public static final int UNAVAILABLE = 14;
  private static final int UNAUTHENTICATED = 16;
  private static final int LONGEST = 8 << 10;

  public GrpcStatus(int code, String message) {
    this(code, message, new byte[0]);
  }

  static GrpcStatus ok() {
    return new GrpcStatus(0, "");
  }

  static GrpcStatus late(String message) {
    return new GrpcStatus(DEADLINE_EXCEEDED, message);
  }

  static GrpcStatus exhausted(String message) {
    return new GrpcStatus(RESOURCE_EXHAUSTED, message);
  }

  /** Of a failure that may be told as it is. */
  public static GrpcStatus of(TallymanException failure) {
    int code =
        switch (failure.kind()) {
          case NOT_FOUND -> NOT_FOUND;
          case ALREADY_EXISTS -> ALREADY_EXISTS;
          case CONFLICT -> FAILED_PRECONDITION;
          case INVALID -> INVALID_ARGUMENT;
          case UNAUTHENTICATED -> UNAUTHENTICATED;
          case DENIED -> PERMISSION_DENIED;
          case EXHAUSTED, TOO_LARGE -> RESOURCE_EXHAUSTED;
          case UNAVAILABLE -> UNAVAILABLE;
          case UNSUPPORTED -> UNIMPLEMENTED;
          case INTERNAL -> INTERNAL;
        };
    return new GrpcStatus(code, String.valueOf(failure.getMessage()));
  }

  /** The message as a header holds it. */
  String encoded() {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(bytes.length, LONGEST); i++) {
      char each = (char) (bytes[i] & 0xff);
      if (each >= 0x20 && each < 0x7f && each != '%') {
        text.append(each);
      } else {
        text.append(String.format(Locale.ROOT, "%%%02X", (int) each));
      }
    }
    return text.toString();
  }
}
