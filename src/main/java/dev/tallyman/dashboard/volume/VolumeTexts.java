package dev.tallyman.dashboard.volume;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the pages of volumes. Other languages: src/main/resources/messages/vol_*.properties. */
@MessageBundle("vol")
public interface VolumeTexts {
  @Message("Files that outlive containers; each belongs to your team.")
  String intro();

  @Message("No volumes yet")
  String none();

  @Message("A volume keeps files when its containers go.")
  String noneHint();

  @Message("Nothing found")
  String nothingFound();

  @Message("No volume has this in its name or labels.")
  String nothingFoundHint();

  @Message("Show all")
  String showAll();

  @Message("Name or label")
  String search();

  @Message("Name")
  String name();

  @Message("Driver")
  String driver();

  @Message("Size")
  String size();

  @Message("Size limit")
  String limit();

  @Message("For example 10g; empty = none. Needs a file system with project quotas.")
  String limitHint();

  @Message("of {limit}")
  String ofLimit(String limit);

  @Message("counting…")
  String counting();

  @Message("not in the store")
  String elsewhere();

  @Message("files and folders: {count}")
  String files(long count);

  @Message("Used by")
  String usedBy();

  @Message("unused")
  String unused();

  @Message("anonymous")
  String anonymous();

  @Message("Created by")
  String creator();

  @Message("New volume")
  String newVolume();

  @Message("Create")
  String create();

  @Message("Letters, digits, dots, lines; empty = a name is made up.")
  String nameHint();

  @Message("Options of the driver")
  String options();

  @Message("One on a line; empty = files in the store. For files in memory: type=tmpfs, device=tmpfs, o=size=64m")
  String optionsHint();

  @Message("One NAME=VALUE on a line.")
  String labelsHint();

  @Message("Volume {name} was created.")
  String created(String name);

  @Message("Volume {name} was removed.")
  String removed(String name);

  @Message("The volume is called {name} now.")
  String renamed(String name);

  @Message("Volume {copy} has the files of {name} now.")
  String cloned(String name, String copy);

  @Message("Volume {name} was made from the archive.")
  String imported(String name);

  @Message("{removed} of {asked} volumes were removed.")
  String pruned(long removed, long asked);

  @Message("Remove volume {name}")
  String removeOne(String name);

  @Message("Remove volume {name} with all its files? They cannot be brought back.")
  String confirmRemove(String name);

  @Message("Clean up")
  String cleanUp();

  @Message("Volumes that no container has, running or not.")
  String cleanUpHint();

  @Message("Every volume has a container.")
  String nothingUnused();

  @Message("Remove unused anonymous ones ({count})")
  String pruneAnonymous(int count);

  @Message("Remove all unused ones ({count})")
  String pruneAll(int count);

  @Message("Remove these {count} volumes with all their files? They cannot be brought back: {names}")
  String confirmPrune(int count, String names);

  @Message("Remove them")
  String pruneYes();

  @Message("Volume from an archive")
  String importTitle();

  @Message("Archive")
  String archive();

  @Message("An uncompressed tar, such as a download of another volume.")
  String archiveHint();

  @Message("Choose an archive first.")
  String chooseFile();

  @Message("Upload")
  String send();

  @Message("Download as tar")
  String download();

  @Message("Containers that have it")
  String containers();

  @Message("None at present.")
  String noContainers();

  @Message("Container")
  String container();

  @Message("Place in the container")
  String target();

  @Message("State")
  String state();

  @Message("running")
  String running();

  @Message("not running")
  String notRunning();

  @Message("Details")
  String details();

  @Message("Place on this host")
  String mountpoint();

  @Message("Rename")
  String rename();

  @Message("New name")
  String newName();

  @Message("It can be renamed when no container has it.")
  String renameInUse();

  @Message("Clone")
  String clone();

  @Message("A new volume with the same files, options and labels.")
  String cloneHint();
}
