package dev.tallyman.dashboard.container;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the tab with a container's files. Other languages: src/main/resources/messages/fil_*.properties. */
@MessageBundle("fil")
public interface FileTexts {
  @Message("Files")
  String files();

  @Message("Folder")
  String folder();

  @Message("Name")
  String name();

  @Message("Size")
  String size();

  @Message("Owner")
  String owner();

  @Message("Permissions")
  String permissions();

  @Message("Changed")
  String changed();

  @Message("Download this folder")
  String downloadFolder();

  @Message("Download {name}")
  String download(String name);

  @Message("Nothing in here")
  String empty();

  @Message("This folder has no files.")
  String emptyHint();

  @Message("There are more files than are shown; download the folder to see all.")
  String cut();

  @Message("Put a file in here")
  String upload();

  @Message("File")
  String file();

  @Message("It will belong to root. A file of the same name is replaced.")
  String uploadHint();

  @Message("Choose a file first.")
  String chooseFile();

  @Message("Send")
  String send();

  @Message("{name} was written.")
  String written(String name);
}
