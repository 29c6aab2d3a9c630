package dev.tallyman.dashboard.container;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words about health, run time and mounts of a container. Other languages: src/main/resources/messages/lif_*.properties. */
@MessageBundle("lif")
public interface LifeTexts {
  @Message("Health")
  String health();

  @Message("healthy")
  String healthHealthy();

  @Message("unhealthy")
  String healthUnhealthy();

  @Message("health: starting")
  String healthStarting();

  @Message("Last checks")
  String checks();

  @Message("No check has run yet.")
  String noChecks();

  @Message("When")
  String checkedAt();

  @Message("Exit code")
  String checkCode();

  @Message("Output")
  String checkOutput();

  @Message("did not run, or took too long")
  String checkTooLate();

  @Message("Failures in a row")
  String failingStreak();

  @Message("Checked every")
  String checkEvery();

  @Message("When unhealthy")
  String whenUnhealthy();

  @Message("Maximum run time")
  String maxRuntime();

  @Message("Mounts")
  String mounts();

  @Message("Files of other images")
  String imageMounts();

  @Message("One on a line: IMAGE:/place. Only readable.")
  String imageMountsHint();

  @Message("What")
  String mountSource();

  @Message("Place in the container")
  String mountTarget();

  @Message("Kind")
  String mountKind();

  @Message("only readable")
  String readOnly();

  @Message("writable")
  String writable();

  @Message("None.")
  String noMounts();
}
