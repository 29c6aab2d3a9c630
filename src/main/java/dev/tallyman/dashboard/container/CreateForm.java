package dev.tallyman.dashboard.container;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  @RestForm @Nullable String memory;
  @RestForm @Nullable String cpus;
  @RestForm @Nullable String pids;
  @RestForm @Nullable String restart;
  @RestForm @Nullable String retries;
  @RestForm @Nullable String user;
  @RestForm @Nullable String workdir;
  @RestForm @Nullable String hostname;
  @RestForm @Nullable String labels;
  @RestForm @Nullable String mounts;
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
    put(values, "memory", memory);
    put(values, "cpus", cpus);
    put(values, "pids", pids);
    put(values, "restart", restart);
    put(values, "retries", retries);
    put(values, "user", user);
    put(values, "workdir", workdir);
    put(values, "hostname", hostname);
    put(values, "labels", labels);
    put(values, "mounts", mounts);
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

  /** What a template needs to show a field: its text and what is wrong with it. @param networks names of the reader's own */
  record Shown(Map<String, String> values, Map<String, String> errors, List<String> images, List<String> networks, List<String> restarts) {
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

    /** True if something is wrong in the part about health. */
    public boolean isLifeOpen() {
      return List.of("healthCommand", "healthInterval", "healthTimeout", "healthStart", "healthRetries", "maxRuntime").stream().anyMatch(errors::containsKey);
    }

    /** True if something is wrong in the part that is folded away. */
    public boolean isMoreOpen() {
      return List.of("entrypoint", "user", "workdir", "hostname", "labels", "pids", "retries").stream().anyMatch(errors::containsKey);
    }
  }
}
