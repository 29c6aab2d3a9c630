package dev.tallyman.dashboard.container;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** The create form as it was typed, kept to show it again beside its errors. */
public class CreateForm {
  /** Names of restart policies, in the order of the choice. */
  static final List<String> RESTARTS = List.of("no", "on-failure", "unless-stopped", "always");

  @RestForm @Nullable String image;
  @RestForm @Nullable String name;
  @RestForm @Nullable String command;
  @RestForm @Nullable String entrypoint;
  @RestForm @Nullable String env;
  @RestForm @Nullable String ports;
  @RestForm @Nullable String network;
  @RestForm @Nullable String aliases;
  @RestForm @Nullable String address;
  @RestForm @Nullable String networks;
  @RestForm @Nullable List<String> secrets;
  @RestForm @Nullable String memory;
  @RestForm @Nullable String cpus;
  @RestForm @Nullable String pids;
  @RestForm @Nullable String reservation;
  @RestForm @Nullable String shares;
  @RestForm @Nullable String storage;
  @RestForm @Nullable String logDriver;
  @RestForm @Nullable String logSize;
  @RestForm @Nullable String logFiles;
  @RestForm @Nullable String restart;
  @RestForm @Nullable String retries;
  @RestForm @Nullable String user;
  @RestForm @Nullable String workdir;
  @RestForm @Nullable String hostname;
  @RestForm @Nullable String labels;
  @RestForm @Nullable String mounts;
  @RestForm @Nullable String imageMounts;
  @RestForm @Nullable String tmpfs;
  @RestForm @Nullable String healthCommand;
  @RestForm @Nullable String healthInterval;
  @RestForm @Nullable String healthTimeout;
  @RestForm @Nullable String healthStart;
  @RestForm @Nullable String healthRetries;
  @RestForm @Nullable String onUnhealthy;
  @RestForm @Nullable String maxRuntime;
  @RestForm @Nullable String tty;
  @RestForm @Nullable String input;
  @RestForm @Nullable String init;
  @RestForm @Nullable String readonly;
  @RestForm @Nullable String autoremove;
  @RestForm @Nullable String start;

  static CreateForm empty(@Nullable String image) {
    CreateForm form = new CreateForm();
    form.image = image;
    form.start = "on";
    return form;
  }

  /** What was typed, by field; empty fields are left out. */
  Map<String, String> values() {
    Map<String, String> values = new HashMap<>();
    put(values, "image", image);
    put(values, "name", name);
    put(values, "command", command);
    put(values, "entrypoint", entrypoint);
    put(values, "env", env);
    put(values, "ports", ports);
    put(values, "network", network);
    put(values, "aliases", aliases);
    put(values, "address", address);
    put(values, "networks", networks);
    put(values, "memory", memory);
    put(values, "cpus", cpus);
    put(values, "pids", pids);
    put(values, "reservation", reservation);
    put(values, "shares", shares);
    put(values, "storage", storage);
    put(values, "logDriver", logDriver);
    put(values, "logSize", logSize);
    put(values, "logFiles", logFiles);
    put(values, "restart", restart);
    put(values, "retries", retries);
    put(values, "user", user);
    put(values, "workdir", workdir);
    put(values, "hostname", hostname);
    put(values, "labels", labels);
    put(values, "mounts", mounts);
    put(values, "imageMounts", imageMounts);
    put(values, "tmpfs", tmpfs);
    put(values, "healthCommand", healthCommand);
    put(values, "healthInterval", healthInterval);
    put(values, "healthTimeout", healthTimeout);
    put(values, "healthStart", healthStart);
    put(values, "healthRetries", healthRetries);
    put(values, "onUnhealthy", onUnhealthy);
    put(values, "maxRuntime", maxRuntime);
    put(values, "tty", tty);
    put(values, "input", input);
    put(values, "init", init);
    put(values, "readonly", readonly);
    put(values, "autoremove", autoremove);
    put(values, "start", start);
    return values;
  }

  private static void put(Map<String, String> values, String field, @Nullable String text) {
    if (text != null && !text.isEmpty()) {
      values.put(field, text);
    }
  }

  /** Names of secrets that were ticked. */
  List<String> secrets() {
    return secrets == null ? List.of() : secrets.stream().filter(each -> !each.isEmpty()).distinct().toList();
  }

  /** What there is to choose from, each in ascending order: tags, and the names of networks and secrets of the reader's team. */
  record Choices(List<String> images, List<String> networks, List<String> secrets) {}

  /** What a template needs to show a field: its text and what is wrong with it. @param ticked names of secrets */
  record Shown(Map<String, String> values, List<String> ticked, Map<String, String> errors, Choices choices) {
    /** The parts that are folded away, with their fields. */
    private static final Map<String, List<String>> PARTS =
        Map.of(
            "networks", List.of("aliases", "address", "networks"),
            "secrets", List.of("secrets"),
            "limits", List.of("reservation", "shares", "pids", "storage"),
            "log", List.of("logDriver", "logSize", "logFiles"),
            "life", List.of("healthCommand", "healthInterval", "healthTimeout", "healthStart", "healthRetries", "onUnhealthy", "maxRuntime"),
            "more", List.of("entrypoint", "user", "workdir", "hostname", "labels", "tty", "input", "init", "readonly", "autoremove"));

    /** True if something is typed or wrong in a part. @param part networks, secrets, limits, log, life or more */
    public boolean isOpen(String part) {
      return PARTS.getOrDefault(part, List.of()).stream().anyMatch(field -> isFilled(field) || errors.containsKey(field));
    }

    private boolean isFilled(String field) {
      return switch (field) {
        case "secrets" -> !ticked.isEmpty();
        case "onUnhealthy" -> has(field) && !value(field).equals("none");
        default -> has(field);
      };
    }

    /** Those that the team has, and ticked ones that it has no more. */
    public List<String> secrets() {
      return Stream.concat(choices.secrets().stream(), ticked.stream()).distinct().toList();
    }

    public List<String> images() {
      return choices.images();
    }

    public List<String> networks() {
      return choices.networks();
    }

    public List<String> restarts() {
      return RESTARTS;
    }

    public List<String> logDrivers() {
      return LogFields.DRIVERS;
    }

    public String value(String field) {
      return values.getOrDefault(field, "");
    }

    public @Nullable String error(String field) {
      return errors.get(field);
    }

    public boolean has(String field) {
      return !value(field).isEmpty();
    }

    /** In the order of the choice. */
    public List<String> healthActions() {
      return List.of("none", "restart", "stop", "kill");
    }
  }
}
