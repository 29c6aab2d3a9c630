package dev.tallyman.build.dockerfile;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** What a stage knows at a place: its variables, whether all of them are known, and whether a shell or a folder to work in was set. */
final class StageVariables {
  /** What all names and values may have together: no process can be given more. */
  private static final long MOST_CHARACTERS = 2L << 20;

  private final Map<String, String> values;
  private final boolean isComplete;
  private long characters;
  private boolean hasShell;
  private boolean hasWorkdir;

  StageVariables(Map<String, String> values, boolean isComplete) {
    this.values = new TreeMap<>(values);
    this.isComplete = isComplete;
  }

  StageVariables child() {
    StageVariables child = new StageVariables(values, isComplete);
    child.hasShell = hasShell;
    child.hasWorkdir = hasWorkdir;
    return child;
  }

  Map<String, String> values() {
    return Collections.unmodifiableMap(values);
  }

  /** A value that finds no room is left out, as if it was empty. */
  void put(String name, String value) {
    characters += name.length() + value.length();
    values.put(name, characters > MOST_CHARACTERS ? "" : value);
  }

  /** False when the variables of the base image are not known. */
  boolean isComplete() {
    return isComplete;
  }

  boolean hasShell() {
    return hasShell;
  }

  void setShell() {
    hasShell = true;
  }

  boolean hasWorkdir() {
    return hasWorkdir;
  }

  void setWorkdir() {
    hasWorkdir = true;
  }
}
