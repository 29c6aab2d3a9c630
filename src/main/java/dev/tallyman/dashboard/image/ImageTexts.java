package dev.tallyman.dashboard.image;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the pages of images. Other languages: src/main/resources/messages/img_*.properties. */
@MessageBundle("img")
public interface ImageTexts {
  @Message("No images yet")
  String none();

  @Message("Upload an archive below, or use docker load and docker import.")
  String noneHint();

  @Message("Nothing found")
  String nothingFound();

  @Message("Search tag or id…")
  String search();

  @Message("Download")
  String download();

  @Message("Pull an image")
  String pullTitle();

  @Message("Pull")
  String pull();

  @Message("As for docker pull: name, name:tag or registry/name:tag.")
  String pullHint();

  @Message("Account at the registry")
  String registryUser();

  @Message("Empty: your stored log-in for that registry, or as nobody.")
  String registryUserHint();

  @Message("Password or token")
  String registryPassword();

  @Message("Used once, not stored.")
  String registryPasswordHint();

  @Message("Pulled: {name}")
  String pulled(String name);

  @Message("Push to its registry")
  String pushTitle();

  @Message("Push")
  String push();

  @Message("Pushed: {name} as {digest}")
  String pushed(String name, String digest);

  @Message("Digests in registries")
  String repoDigests();

  @Message("Tags")
  String tags();

  @Message("Size")
  String size();

  @Message("untagged")
  String untaggedImage();

  @Message("Run")
  String run();

  @Message("Run {name}")
  String runOne(String name);

  @Message("Remove {name}")
  String removeOne(String name);

  @Message("Remove the image {name} with all its tags?")
  String confirmRemove(String name);

  @Message("Upload an image")
  String upload();

  @Message("Kind of archive")
  String kind();

  @Message("Load")
  String load();

  @Message("an archive of docker save, or an OCI layout")
  String loadHint();

  @Message("Import")
  String importTar();

  @Message("a root file system; becomes an image of one layer")
  String importHint();

  @Message("Archive")
  String archive();

  @Message("tar, plain or with gzip or zstd")
  String archiveHint();

  @Message("Name")
  String reference();

  @Message("name:tag of the new image")
  String referenceHint();

  @Message("Command")
  String defaultCommand();

  @Message("What its containers run unless told otherwise.")
  String defaultCommandHint();

  @Message("Choose a file first.")
  String chooseFile();

  @Message("Upload")
  String send();

  @Message("It has no tags.")
  String noTags();

  @Message("Remove the tag {name}")
  String untagOne(String name);

  @Message("New tag")
  String newTag();

  @Message("Add tag")
  String addTag();

  @Message("Volumes")
  String volumes();

  @Message("Author")
  String author();

  @Message("Comment")
  String comment();

  @Message("History")
  String history();

  @Message("Step")
  String step();

  @Message("Layers")
  String layers();

  @Message("Containers made from it")
  String usedBy();

  @Message("None at present.")
  String usedByNone();

  @Message("The image has the tag {name} now.")
  String tagged(String name);

  @Message("Tag removed: {names}")
  String untagged(String names);

  @Message("The image was removed. {names}")
  String removedOne(String names);

  @Message("Loaded: {names}")
  String loaded(String names);

  @Message("Imported: {name}")
  String imported(String name);
}
