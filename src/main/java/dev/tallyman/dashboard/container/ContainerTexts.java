package dev.tallyman.dashboard.container;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the pages of containers. Other languages: src/main/resources/messages/ctr_*.properties. */
@MessageBundle("ctr")
public interface ContainerTexts {
  @Message("New container")
  String newContainer();

  @Message("Search name, image, label…")
  String search();

  @Message("Which containers")
  String whichContainers();

  @Message("All")
  String all();

  @Message("Running")
  String running();

  @Message("Removed")
  String removed();

  @Message("Name")
  String name();

  @Message("State")
  String state();

  @Message("Image")
  String image();

  @Message("Image id")
  String imageId();

  @Message("Ports")
  String ports();

  @Message("Created by")
  String createdBy();

  @Message("Created")
  String created();

  @Message("{rows} of {matching} shown")
  String shown(int rows, int matching);

  @Message("Nothing found")
  String nothingFound();

  @Message("Nothing here matches the search.")
  String nothingFoundHint();

  @Message("Show all")
  String showAll();

  @Message("Nothing is running")
  String noneRunning();

  @Message("Start a container, and it appears here at once.")
  String noneRunningHint();

  @Message("Nothing was removed yet")
  String noneRemoved();

  @Message("Removed containers leave their record here: what they were, who ran them, how they ended.")
  String noneRemovedHint();

  @Message("No containers yet")
  String none();

  @Message("Make one here, or point the docker command at this server: both end up in this list.")
  String noneHint();

  @Message("Start")
  String start();

  @Message("Start {name}")
  String startOne(String name);

  @Message("Stop")
  String stop();

  @Message("Stop {name}")
  String stopOne(String name);

  @Message("Restart")
  String restart();

  @Message("Pause")
  String pause();

  @Message("Resume")
  String resume();

  @Message("Resume {name}")
  String resumeOne(String name);

  @Message("Kill")
  String kill();

  @Message("Remove")
  String remove();

  @Message("Remove {name}")
  String removeOne(String name);

  @Message("More actions for {name}")
  String moreFor(String name);

  @Message("Kill {name}? Its process ends at once, without a chance to clean up.")
  String confirmKill(String name);

  @Message("Remove {name}? Its files and its log are deleted; its record stays.")
  String confirmRemove(String name);

  @Message("{name} is running. Stop and remove it? Its files and its log are deleted; its record stays.")
  String confirmRemoveRunning(String name);

  @Message("{name} was started.")
  String started(String name);

  @Message("{name} was stopped.")
  String stopped(String name);

  @Message("{name} was restarted.")
  String restarted(String name);

  @Message("{name} was killed.")
  String killed(String name);

  @Message("{name} was paused.")
  String paused(String name);

  @Message("{name} goes on.")
  String resumed(String name);

  @Message("{name} was removed.")
  String removedOne(String name);

  @Message("It is called {name} now.")
  String renamed(String name);

  @Message("created")
  String stateCreated();

  @Message("running")
  String stateRunning();

  @Message("paused")
  String statePaused();

  @Message("restarting")
  String stateRestarting();

  @Message("removing")
  String stateRemoving();

  @Message("removed")
  String stateRemoved();

  @Message("exited · {code}")
  String stateExited(int code);

  @Message("exited, code unknown")
  String stateEndUnknown();

  @Message("out of memory")
  String stateOutOfMemory();

  @Message("Parts of this container")
  String parts();

  @Message("Overview")
  String overview();

  @Message("Configuration")
  String configuration();

  @Message("Processes")
  String processes();

  @Message("Run a command")
  String command();

  @Message("Console")
  String console();

  @Message("Open")
  String consoleOpen();

  @Message("Close")
  String consoleClose();

  @Message("What runs in the terminal: a shell of the image.")
  String consoleCommandHint();

  @Message("Ended with exit code %s.")
  String consoleEnded();

  @Message("The connection broke.")
  String consoleBroken();

  @Message("A console needs JavaScript.")
  String consoleNeedsScript();

  @Message("History")
  String history();

  @Message("CPU")
  String cpu();

  @Message("Memory")
  String memory();

  @Message("Use")
  String use();

  @Message("Received")
  String received();

  @Message("Sent")
  String sent();

  @Message("Read")
  String read();

  @Message("Written")
  String written();

  @Message("Log")
  String log();

  @Message("Search in log")
  String searchLog();

  @Message("Times")
  String times();

  @Message("Wrap")
  String wrap();

  @Message("Follow")
  String follow();

  @Message("Download")
  String download();

  @Message("No output.")
  String noOutput();

  @Message("No output yet.")
  String noOutputYet();

  @Message("Not running")
  String resting();

  @Message("Older lines are left out; download the log for all of them.")
  String logCut();

  @Message("Command")
  String commandLine();

  @Message("Address")
  String address();

  @Message("Gateway")
  String gateway();

  @Message("Started")
  String startedAt();

  @Message("Ended")
  String endedAt();

  @Message("Engine API")
  String engineSocket();

  @Message("its programs may use it, in the name of {creator}")
  String engineSocketOf(String creator);

  @Message("Restarts")
  String restarts();

  @Message("Id")
  String id();

  @Message("Process")
  String process();

  @Message("Stop signal")
  String stopSignal();

  @Message("Options")
  String switchedOn();

  @Message("a free one")
  String freePort();

  @Message("no limit of its own")
  String noLimit();

  @Message("default")
  String defaultLimit();

  @Message("Origin")
  String origin();

  @Message("Rename")
  String rename();

  @Message("New name")
  String newName();

  @Message("It is not running")
  String notRunning();

  @Message("Start the container to see its processes or run a command in it.")
  String notRunningHint();

  @Message("Run")
  String run();

  @Message("Name or number; empty: the container's own user.")
  String commandUserHint();

  @Message("The command is written to the audit trail.")
  String commandAudited();

  @Message("exit code {code}")
  String exitCode(Integer code);

  @Message("still running")
  String stillRunning();

  @Message("There was more output than is shown here.")
  String outputCut();

  @Message("No history")
  String noHistory();

  @Message("Nothing has happened to this container yet.")
  String noHistoryHint();
}
