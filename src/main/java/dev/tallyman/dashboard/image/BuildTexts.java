package dev.tallyman.dashboard.image;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the page of Dockerfiles. Other languages: src/main/resources/messages/bld_*.properties. */
@MessageBundle("bld")
public interface BuildTexts {
  @Message("Dockerfile")
  String dockerfile();

  @Message("Check a Dockerfile")
  String checkTitle();

  @Message("Reads it as a build does and says what is wrong or unwise. Nothing is built.")
  String checkLead();

  @Message("Check")
  String check();

  @Message(".dockerignore")
  String ignored();

  @Message("Its lines, when the context has one.")
  String ignoredHint();

  @Message("Build arguments")
  String arguments();

  @Message("NAME=value, one a line, as for --build-arg.")
  String argumentsHint();

  @Message("Findings")
  String findings();

  @Message("Nothing to remark.")
  String nothing();

  @Message("This cannot be built")
  String fault();

  @Message("The file says check=error=true: for these findings a build fails.")
  String refuses();

  @Message("Line")
  String line();

  @Message("Rule")
  String rule();

  @Message("Finding")
  String finding();

  @Message("Stages")
  String stages();

  @Message("Stage")
  String stage();

  @Message("Base image")
  String base();

  @Message("Instructions")
  String instructions();
}
