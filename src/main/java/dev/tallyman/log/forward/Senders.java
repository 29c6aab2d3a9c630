package dev.tallyman.log.forward;

import dev.tallyman.container.Container;
import dev.tallyman.container.ForwardList;
import dev.tallyman.container.LogReceiver;
import dev.tallyman.container.LogTag;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Connects to receivers. */
@Singleton
public class Senders {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int ANSWER_MILLIS = 10_000;

  private final ForwardList list;
  private final Authorities authorities;

  @Inject
  Senders(ForwardList list, Authorities authorities) {
    this.list = list;
    this.authorities = authorities;
  }

  /** @throws IOException if the receiver cannot be reached, or must not be spoken to (any more) */
  public Sender open(Container container) throws IOException {
    LogReceiver receiver = LogReceiver.of(container.spec());
    if (receiver == null) {
      throw new IOException("the output of container " + container.id() + " is not to be forwarded");
    }
    try {
      list.require(receiver);
    } catch (TallymanException e) {
      throw new IOException(e.getMessage(), e);
    }
    Wire wire = connect(receiver);
    try {
      return sender(container, receiver, wire);
    } catch (IOException | RuntimeException e) {
      wire.close();
      throw e;
    }
  }

  private Wire connect(LogReceiver receiver) throws IOException {
    switch (receiver.transport()) {
      case "udp":
        return new DatagramWire(receiver.host(), receiver.port());
      case "unix":
        return new UnixWire(Path.of(receiver.host()));
      case "unixgram":
        return new UnixDatagramWire(receiver.host());
      default:
        Socket socket = new Socket();
        try {
          socket.connect(new InetSocketAddress(receiver.host(), receiver.port()), CONNECT_MILLIS);
          return receiver.transport().equals("tls")
              ? SocketWire.tls(socket, authorities.sockets(), receiver.host(), receiver.port(), ANSWER_MILLIS)
              : SocketWire.plain(socket);
        } catch (IOException | RuntimeException e) {
          socket.close();
          throw e;
        }
    }
  }

  private static Sender sender(Container container, LogReceiver receiver, Wire wire) throws IOException {
    Map<String, String> options = container.spec().logOptions();
    return switch (receiver.driver()) {
      case "syslog" -> {
        String format = options.getOrDefault("syslog-format", "");
        yield new SyslogSender(
            wire,
            new SyslogFormat(
                format, options.getOrDefault("syslog-facility", ""), hostname(), LogTag.of(container).replace(' ', '_'), ProcessHandle.current().pid(), ZoneId.systemDefault()),
            receiver.transport().equals("tls") && format.startsWith("rfc5424"));
      }
      case "gelf" ->
          new GelfSender(
              wire, hostname(), gelfFields(container),
              new GelfSender.Packing(options.getOrDefault("gelf-compression-type", "gzip"), Integer.parseInt(options.getOrDefault("gelf-compression-level", "-1"))));
      case "journald" -> new JournalSender(wire, journalFields(container), chosen(container));
      default ->
          new FluentdSender(
              (StreamWire) wire,
              new FluentdSender.Terms(
                  LogTag.of(container), fluentdRecord(container), isTrue(options.getOrDefault("fluentd-sub-second-precision", "false")),
                  isTrue(options.getOrDefault("fluentd-request-ack", "true"))),
              ANSWER_MILLIS);
    };
  }

  private static boolean isTrue(String flag) {
    return flag.equals("true") || flag.equals("1");
  }

  private static Map<String, String> chosen(Container container) {
    Map<String, String> chosen = new TreeMap<>(LogTag.details(container));
    chosen.remove("tag");
    return chosen;
  }

  private static Map<String, String> fluentdRecord(Container container) {
    Map<String, String> fields = new LinkedHashMap<>(chosen(container));
    List.of("log", "source", "partial_message").forEach(fields::remove); // names that the line has
    fields.put("container_id", container.id());
    fields.put("container_name", "/" + container.name());
    return fields;
  }

  private static Map<String, String> journalFields(Container container) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("CONTAINER_ID", container.shortId());
    fields.put("CONTAINER_ID_FULL", container.id());
    fields.put("CONTAINER_NAME", container.name());
    fields.put("CONTAINER_TAG", LogTag.of(container));
    fields.put("IMAGE_NAME", container.image());
    fields.put("SYSLOG_IDENTIFIER", LogTag.of(container));
    return fields;
  }

  private static Map<String, String> gelfFields(Container container) {
    Map<String, String> fields = new TreeMap<>();
    chosen(container).forEach((name, value) -> fields.put("_" + name, value));
    fields.put("_container_id", container.id());
    fields.put("_container_name", container.name());
    fields.put("_image_id", container.imageId());
    fields.put("_image_name", container.image());
    fields.put("_command", (container.path() + " " + String.join(" ", container.args())).strip());
    fields.put("_tag", LogTag.of(container));
    fields.put("_created", container.createdAt().toString());
    return fields;
  }

  private static String hostname() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }
}
