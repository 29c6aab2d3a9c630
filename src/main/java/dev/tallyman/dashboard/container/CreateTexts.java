package dev.tallyman.dashboard.container;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the create form. Other languages: src/main/resources/messages/new_*.properties. */
@MessageBundle("new")
public interface CreateTexts {
  @Message("New container")
  String title();

  @Message("There are no images")
  String noImages();

  @Message("A container is made from an image. Upload one first.")
  String noImagesHint();

  @Message("Upload an image")
  String uploadImage();

  @Message("Nothing was created: please look at the marked fields.")
  String checkFields();

  @Message("What runs")
  String what();

  @Message("Choose an image…")
  String chooseImage();

  @Message("Choose an image.")
  String imageMissing();

  @Message("Empty: a name is made up.")
  String nameHint();

  @Message("Command")
  String command();

  @Message("Empty: the image's own. Quotes keep blanks together, as in a shell.")
  String commandHint();

  @Message("Environment")
  String env();

  @Message("One KEY=value a line.")
  String envHint();

  @Message("This line has no KEY=value: {line}")
  String pairWrong(String line);

  @Message("Network and limits")
  String networkAndLimits();

  @Message("Network")
  String network();

  @Message("bridge – own address, reaches the outside")
  String networkBridge();

  @Message("none – no network")
  String networkNone();

  @Message("One a line: 8081:80, 127.0.0.1:8081:80, 53:53/udp, or 80 for a free host port.")
  String portsHint();

  @Message("This is no port: {line}")
  String portWrong(String line);

  @Message("Memory")
  String memory();

  @Message("With k, m or g. Empty: no limit of its own.")
  String memoryHint();

  @Message("CPUs")
  String cpus();

  @Message("0.5 is half of one. Empty: no limit.")
  String cpusHint();

  @Message("Write a number of CPUs, e.g. 0.5 or 2.")
  String cpusWrong();

  @Message("Restart")
  String restart();

  @Message("never")
  String restartNo();

  @Message("after a failure")
  String restartOnFailure();

  @Message("always, unless stopped by hand")
  String restartUnlessStopped();

  @Message("always")
  String restartAlways();

  @Message("Retries")
  String retries();

  @Message("After a failure only. Empty: without end.")
  String retriesHint();

  @Message("Write a whole number.")
  String retriesWrong();

  @Message("More options")
  String more();

  @Message("Entrypoint")
  String entrypoint();

  @Message("Program before the command. Empty: the image's own.")
  String entrypointHint();

  @Message("User")
  String user();

  @Message("Name or number, with :group if needed.")
  String userHint();

  @Message("Working directory")
  String workdir();

  @Message("Host name")
  String hostname();

  @Message("Processes at most")
  String pids();

  @Message("Empty: the server's default.")
  String pidsHint();

  @Message("Write a whole number.")
  String pidsWrong();

  @Message("Labels")
  String labels();

  @Message("One key=value a line.")
  String labelsHint();

  @Message("Options")
  String switches();

  @Message("Terminal (tty)")
  String tty();

  @Message("Keep standard input open")
  String input();

  @Message("A small init process that reaps children")
  String init();

  @Message("Read-only file system")
  String readonly();

  @Message("Remove it when it ends")
  String autoremove();

  @Message("Start it at once")
  String start();

  @Message("Create container")
  String submit();

  @Message("The container was created.")
  String created();

  @Message("The container was created and started.")
  String createdAndStarted();

  @Message("Files")
  String files();

  @Message("Volumes and directories")
  String mounts();

  @Message("One on a line: VOLUME:/place, /directory/of/the/host:/place, or /place for an anonymous volume; :ro at the end = only readable. Directories of the host only where the server's policy has them.")
  String mountsHint();

  @Message("Write VOLUME:/place or /place, not {line}")
  String mountWrong(String line);

  @Message("Write IMAGE:/place, not {line}")
  String imageMountWrong(String line);

  @Message("Directories in memory")
  String tmpfs();

  @Message("One on a line, with a size if wanted.")
  String tmpfsHint();

  @Message("Health check and run time")
  String life();

  @Message("Command of the check")
  String healthCommand();

  @Message("Run by the shell of the image; healthy if it ends with 0. Empty = the image's.")
  String healthCommandHint();

  @Message("Interval")
  String healthInterval();

  @Message("Timeout")
  String healthTimeout();

  @Message("Start period")
  String healthStart();

  @Message("Failures do not count in it.")
  String healthStartHint();

  @Message("Failures until unhealthy")
  String healthRetries();

  @Message("E.g. 30s or 1m30s")
  String timeHint();

  @Message("Write a time such as 30s, 1m30s or 500ms.")
  String timeWrong();

  @Message("When unhealthy")
  String onUnhealthy();

  @Message("Nothing")
  String actionNone();

  @Message("Restart it")
  String actionRestart();

  @Message("Stop it")
  String actionStop();

  @Message("Kill it")
  String actionKill();

  @Message("Maximum run time")
  String maxRuntime();

  @Message("It is stopped then. Empty = no limit.")
  String maxRuntimeHint();

  @Message("Names, addresses and further networks")
  String moreNetworks();

  @Message("Further names")
  String aliases();

  @Message("Between commas; other containers of the network find it by them. Only on networks of your own.")
  String aliasesHint();

  @Message("Fixed address")
  String address();

  @Message("IPv4 or IPv6, on networks with a subnet of your choice.")
  String addressHint();

  @Message("Further networks")
  String networks();

  @Message("One on a line, with names and an address if wanted.")
  String networksHint();

  @Message("There are:")
  String networkChoice();

  @Message("Write NETWORK or NETWORK,alias=NAME,ip=ADDRESS, not {line}")
  String networkWrong(String line);

  @Message("Without a network there is nothing to set here; choose one above.")
  String networkNeeded();

  @Message("Secrets")
  String secrets();

  @Message("Each ticked one becomes the read-only file /run/secrets/NAME.")
  String secretsHint();

  @Message("Your team has no secrets.")
  String noSecrets();

  @Message("Secrets of the team")
  String manageSecrets();

  @Message("Output that is kept")
  String log();

  @Message("Log driver")
  String logDriver();

  @Message("the server's default (json-file)")
  String logDriverDefault();

  @Message("none – output is not kept")
  String logDriverNone();

  @Message("Output is forwarded elsewhere with docker or REST.")
  String logDriverHint();

  @Message("Choose one of the list.")
  String logDriverWrong();

  @Message("Size of one file")
  String logSize();

  @Message("With k, m or g, at least 4k. Empty: the server's default.")
  String logSizeHint();

  @Message("Files")
  String logFiles();

  @Message("1 to 100; the oldest goes first.")
  String logFilesHint();

  @Message("Write a whole number.")
  String logFilesWrong();

  @Message("With the driver none nothing is kept; leave this empty.")
  String logNotKept();

  @Message("Further limits")
  String moreLimits();

  @Message("Memory reservation")
  String reservation();

  @Message("Kept for it when memory is short; with k, m or g.")
  String reservationHint();

  @Message("CPU shares")
  String shares();

  @Message("2 to 262144, beside other containers. Empty: the default.")
  String sharesHint();

  @Message("Write a whole number from 2 to 262144.")
  String sharesWrong();

  @Message("Size of its own files")
  String storage();

  @Message("What it may write on disk beside volumes; with m or g. The server's file system must keep project quotas.")
  String storageHint();
}
