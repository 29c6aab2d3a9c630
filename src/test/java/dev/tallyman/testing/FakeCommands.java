package dev.tallyman.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The programs of every image in the {@link FakeKernel}. One that is not known prints its arguments. */
final class FakeCommands {
  static final Map<String, Integer> SIGNALS =
      Map.of("HUP", 1, "INT", 2, "QUIT", 3, "KILL", 9, "USR1", 10, "USR2", 12, "TERM", 15, "WINCH", 28);

  private final FakeProcess process;
  private @Nullable ByteArrayOutputStream captured;

  FakeCommands(FakeProcess process) {
    this.process = process;
  }

  int runInto(List<String> words, String file, boolean appends) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    captured = out;
    int status = run(words, false);
    captured = null;
    if (!file.startsWith("/dev/")) {
      String path = absolute(file);
      byte[] before = appends ? content(path) : null;
      byte[] now = out.toByteArray();
      byte[] all = before == null ? now : Arrays.copyOf(before, before.length + now.length);
      if (before != null) {
        System.arraycopy(now, 0, all, before.length, now.length);
      }
      process.container.copied.remove(path);
      process.container.upper.put(path, all);
    }
    return status;
  }

  int run(List<String> words, boolean toErrors) {
    String first = words.get(0).substring(words.get(0).lastIndexOf('/') + 1);
    List<String> args = words.subList(1, words.size());
    switch (first) {
      case "exec" -> throw new FakeProcess.Exited(new FakeShell(process).run(args));
      case "exit" -> throw new FakeProcess.Exited(args.isEmpty() ? 0 : Integer.parseInt(args.get(0)) & 255);
      case "true", ":", "wait" -> {
        return 0;
      }
      case "false" -> {
        return 1;
      }
      case "sh", "bash", "ash" -> {
        return new FakeShell(process).run(words);
      }
      case "echo" -> say(args.isEmpty() ? "\n" : args.get(0).equals("-n") ? join(args.subList(1, args.size())) : join(args) + "\n", toErrors);
      case "printf" -> say(args.get(0).replace("\\n", "\n").replace("\\t", "\t").replace("%s", args.size() > 1 ? args.get(1) : ""), toErrors);
      case "sleep" -> process.sleep(args.get(0).equals("infinity") ? Long.MAX_VALUE / 2_000_000 : (long) (Double.parseDouble(args.get(0)) * 1000));
      case "env" -> process.setup.environment().forEach((name, value) -> say(name + "=" + value + "\n", toErrors));
      case "pwd" -> say(process.setup.workdir() + "\n", toErrors);
      case "id" -> say(args.contains("-u") ? user() + "\n" : "uid=" + user() + " gid=" + user() + "\n", toErrors);
      case "hostname" -> say(process.container.spec.hostname() + "\n", toErrors);
      case "stty" -> say(process.size() + "\n", toErrors);
      case "tty" -> {
        say(process.setup.isTty() ? "/dev/pts/0\n" : "not a tty\n", toErrors);
        return process.setup.isTty() ? 0 : 1;
      }
      case "yes" -> {
        byte[] lines = ((args.isEmpty() ? "y" : join(args)) + "\n").repeat(512).getBytes(StandardCharsets.UTF_8);
        while (true) {
          process.write(toErrors, lines);
        }
      }
      case "seq" -> {
        for (int i = 1; i <= Integer.parseInt(args.get(0)); i++) {
          say(i + "\n", toErrors);
        }
      }
      case "wc" -> say(count() + "\n", toErrors);
      case "cat" -> {
        return cat(args, toErrors);
      }
      case "touch" -> args.forEach(each -> process.container.upper.putIfAbsent(absolute(each), new byte[0]));
      case "mkdir" -> args.stream().filter(each -> !each.startsWith("-")).forEach(each -> process.container.upper.put(absolute(each), null));
      case "trap" -> args.subList(1, args.size()).forEach(each -> process.traps.put(signal(each), args.get(0)));
      case "kill" -> process.signal(args.size() > 1 ? signal(args.get(0).substring(1)) : 15);
      default -> say(join(words) + "\n", toErrors);
    }
    return 0;
  }

  private String user() {
    return process.setup.user().isEmpty() || process.setup.user().equals("root") ? "0" : process.setup.user().split(":")[0];
  }

  private int cat(List<String> files, boolean toErrors) {
    if (files.isEmpty()) {
      byte[] bytes;
      while ((bytes = process.read()) != null) {
        put(bytes, toErrors);
      }
      return 0;
    }
    int status = 0;
    for (String file : files) {
      byte[] bytes = content(absolute(file));
      if (bytes == null) {
        process.write(true, ("cat: can't open '" + file + "': No such file or directory\n").getBytes(StandardCharsets.UTF_8));
        status = 1;
      } else {
        put(bytes, toErrors);
      }
    }
    return status;
  }

  private long count() {
    long bytes = 0;
    byte[] next;
    while ((next = process.read()) != null) {
      bytes += next.length;
    }
    return bytes;
  }

  private byte @Nullable [] content(String path) {
    return switch (path) {
      case "/etc/hosts" -> bytes(process.container.spec.hosts());
      case "/etc/resolv.conf" -> bytes(process.container.spec.resolv());
      case "/etc/hostname" -> bytes(process.container.spec.hostname() + "\n");
      case "/proc/self/uid_map" -> bytes("         0     100000      65536\n");
      default -> process.container.secrets.containsKey(path) ? process.container.secrets.get(path) : process.container.upper.get(path);
    };
  }

  private String absolute(String path) {
    return path.startsWith("/") ? path : (process.setup.workdir().equals("/") ? "/" : process.setup.workdir() + "/") + path;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String join(List<String> words) {
    return String.join(" ", words);
  }

  private static int signal(String name) {
    String plain = name.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
    return plain.matches("\\d+") ? Integer.parseInt(plain) : SIGNALS.getOrDefault(plain, 0);
  }

  private void say(String text, boolean toErrors) {
    put(bytes(text), toErrors);
  }

  private void put(byte[] bytes, boolean toErrors) {
    if (captured != null) {
      captured.writeBytes(bytes);
    } else if (bytes.length > 0) {
      process.write(toErrors, bytes);
    }
  }
}
