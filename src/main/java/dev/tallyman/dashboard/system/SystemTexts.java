package dev.tallyman.dashboard.system;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the page of the system. Other languages: src/main/resources/messages/sys_*.properties. */
@MessageBundle("sys")
public interface SystemTexts {
  @Message("System")
  String title();

  @Message("The machine, and what images, containers, volumes and builds take up on it.")
  String intro();

  @Message("Machine")
  String machine();

  @Message("Host name")
  String host();

  @Message("Version")
  String version();

  @Message("Operating system")
  String operatingSystem();

  @Message("Kernel")
  String kernel();

  @Message("Architecture")
  String architecture();

  @Message("Processors")
  String processors();

  @Message("Memory")
  String memory();

  @Message("Server runs on")
  String server();

  @Message("Control groups")
  String cgroups();

  @Message("version {version}")
  String cgroupVersion(String version);

  @Message("Folder of the store")
  String folder();

  @Message("File system")
  String storage();

  @Message("{free} free of {all}")
  String free(String free, String all);

  @Message("Containers can be started.")
  String canStart();

  @Message("No container can be started: {reason}")
  String cannotStart(String reason);

  @Message("What the kernel and the policy allow")
  String facts();

  @Message("Disk use")
  String disk();

  @Message("A layer that several images have counts once.")
  String diskHint();

  @Message("Files are being counted…")
  String counting();

  @Message("Kind")
  String kind();

  @Message("Number")
  String count();

  @Message("In use")
  String active();

  @Message("Size")
  String size();

  @Message("Reclaimable")
  String reclaimable();

  @Message("Containers (files they wrote)")
  String written();

  @Message("Shared")
  String shared();

  @Message("Unique")
  String unique();

  @Message("Image")
  String image();

  @Message("no tag")
  String untagged();

  @Message("Container")
  String container();

  @Message("State")
  String state();

  @Message("Volume")
  String volume();

  @Message("anonymous")
  String anonymous();

  @Message("Containers")
  String usedBy();

  @Message("would go")
  String goes();

  @Message("unknown")
  String unknown();

  @Message("not in the store")
  String elsewhere();

  @Message("… and {count} smaller ones")
  String moreRows(int count);

  @Message("No images.")
  String noneImages();

  @Message("No containers.")
  String noneContainers();

  @Message("No volumes.")
  String noneVolumes();

  @Message("Remove images without a tag ({count}, {bytes})")
  String pruneDangling(int count, String bytes);

  @Message("Remove all unused images ({count}, {bytes})")
  String pruneImages(int count, String bytes);

  @Message("Remove stopped containers ({count}, {bytes})")
  String pruneContainers(int count, String bytes);

  @Message("Remove unused anonymous volumes ({count}, {bytes})")
  String pruneAnonymous(int count, String bytes);

  @Message("Remove all unused volumes ({count}, {bytes})")
  String pruneVolumes(int count, String bytes);

  @Message("Nothing to clean up: all of them are in use.")
  String nothingToPrune();

  @Message("Remove exactly these {count} images with all their tags? {bytes} are given back. {names}")
  String confirmImages(int count, String bytes, String names);

  @Message("Remove exactly these {count} containers with the files they wrote? {bytes} are given back. {names}")
  String confirmContainers(int count, String bytes, String names);

  @Message("Remove exactly these {count} volumes with all their files? The files cannot be restored; {bytes} are given back. {names}")
  String confirmVolumes(int count, String bytes, String names);

  @Message("Build cache")
  String cache();

  @Message("No build has kept anything.")
  String noneCache();

  @Message("Step")
  String step();

  @Message("Last used")
  String lastUsed();

  @Message("Uses")
  String uses();

  @Message("… and {count} older ones")
  String moreSteps(int count);

  @Message("Forget steps that no named image and no container has ({count}, {bytes})")
  String pruneCache(long count, String bytes);

  @Message("Forget these {count} steps? The next build runs them again; {bytes} are given back.")
  String confirmCache(long count, String bytes);

  @Message("{count} steps were forgotten, {bytes} given back.")
  String prunedCache(int count, String bytes);

  @Message("Remove all")
  String pruneYes();

  @Message("{removed} of {asked} were removed, {bytes} given back.")
  String pruned(long removed, int asked, String bytes);
}
