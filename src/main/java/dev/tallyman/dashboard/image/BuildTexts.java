package dev.tallyman.dashboard.image;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the page of Dockerfiles. Other languages: src/main/resources/messages/bld_*.properties. */
@MessageBundle("bld")
public interface BuildTexts {
  @Message("Dockerfile")
  String dockerfile();

  @Message("Build an image")
  String open();

  @Message("Check what is wrong or unwise without building anything, or build it.")
  String lead();

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

  @Message("Build an image")
  String buildTitle();

  @Message("Build")
  String build();

  @Message("Stop")
  String stop();

  @Message("Target stage")
  String target();

  @Message("Empty: the last one.")
  String targetHint();

  @Message("Context")
  String context();

  @Message("A tar, plain or packed, with a Dockerfile of its own. Without one the Dockerfile above is built.")
  String contextHint();

  @Message("Or its address")
  String remote();

  @Message("A repository of git, https://host/path.git#ref:directory, an archive or a Dockerfile. The server fetches it.")
  String remoteHint();

  @Message("Dockerfile in the context")
  String file();

  @Message("Its path, when it is not Dockerfile.")
  String fileHint();

  @Message("Make every step anew")
  String noCache();

  @Message("Output of the build")
  String output();

  @Message("Open the image")
  String done();

  @Message("The build failed.")
  String failed();

  @Message("The build was stopped.")
  String stopped();

  @Message("Building from here needs scripts; docker build and REST do not.")
  String needsScript();

  @Message("Builds")
  String history();

  @Message("What was built in this team, the newest first, and by whom.")
  String historyLead();

  @Message("Nothing was built yet")
  String noBuilds();

  @Message("Builds by docker, by REST and from these pages are listed here.")
  String noBuildsHint();

  @Message("Image")
  String image();

  @Message("State")
  String state();

  @Message("Built by")
  String who();

  @Message("Began")
  String when();

  @Message("Took")
  String took();

  @Message("Steps")
  String steps();

  @Message("Step")
  String step();

  @Message("Instruction")
  String instruction();

  @Message("Began after")
  String after();

  @Message("Stages over time")
  String graph();

  @Message("Each stage as a line of bars, one for each step; the table below says the same in words.")
  String graphLabel();

  @Message("needs stages")
  String needs();

  @Message("What it was made of")
  String input();

  @Message("running")
  String stateRunning();

  @Message("done")
  String stateDone();

  @Message("failed")
  String stateFailed();

  @Message("cancelled")
  String stateCancelled();

  @Message("cut off")
  String stateInterrupted();

  @Message("The build was cut off.")
  String cutOff();

  @Message("from the cache")
  String stateCached();

  @Message("made")
  String stateMade();

  @Message("stopped")
  String stateStopped();

  @Message("What it wrote")
  String written();

  @Message("Forget this build? The audit trail still has it.")
  String confirmForget();

  @Message("The build is forgotten.")
  String forgotten();

  @Message("{count} from the cache")
  String fromCache(int count);

  @Message("Stage {number}")
  String stageNumber(int number);
}
