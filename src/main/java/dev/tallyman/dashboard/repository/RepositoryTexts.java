package dev.tallyman.dashboard.repository;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the pages of the Index. Other languages: src/main/resources/messages/rep_*.properties. */
@MessageBundle("rep")
public interface RepositoryTexts {
  @Message("Repositories")
  String title();

  @Message("What registry clients push to and pull from this server.")
  String intro();

  @Message("Name, description or label…")
  String search();

  @Message("No repositories yet")
  String none();

  @Message("The first push makes one. The first part of its name is your team.")
  String noneHint();

  @Message("Members of the team make one by the first push to it.")
  String noneHintViewer();

  @Message("Nothing found")
  String nothingFound();

  @Message("No repository that you may see matches.")
  String nothingFoundHint();

  @Message("Show all")
  String showAll();

  @Message("First page")
  String first();

  @Message("Next page")
  String next();

  @Message("Name")
  String name();

  @Message("Tags")
  String tags();

  @Message("Visibility")
  String visibility();

  @Message("public")
  String isPublic();

  @Message("private")
  String isPrivate();

  @Message("Team")
  String team();

  @Message("Size")
  String size();

  @Message("Last push")
  String pushed();

  @Message("Pulls")
  String pulls();

  @Message("Last pull")
  String pulled();

  @Message("never")
  String never();

  @Message("Push an image")
  String howTo();

  @Message("Log in with your account's name, and its password or one of your tokens; then name the image after this server and your team:")
  String howToLogin();

  @Message("Over plain HTTP docker speaks to this machine's own addresses only, or to those of insecure-registries in its configuration.")
  String howToPlain();

  @Message("Pull it")
  String pull();

  @Message("Copy the command that pulls {name}")
  String copyPull(String name);

  @Message("Readme")
  String readme();

  @Message("Nothing is written about it yet.")
  String noReadme();

  @Message("No tags yet")
  String noTags();

  @Message("Push an image:")
  String noTagsHint();

  @Message("Nothing was pushed here, or every tag was deleted.")
  String noTagsHintViewer();

  @Message("Tag")
  String tag();

  @Message("Platforms")
  String platforms();

  @Message("no image")
  String noPlatform();

  @Message("Pushed")
  String pushedBy();

  @Message("Referrers: {count}")
  String referrers(long count);

  @Message("Signatures and the like that name it as their subject. Nobody here has checked them.")
  String referrersHint();

  @Message("About this image")
  String referrersTitle();

  @Message("Kind")
  String kind();

  @Message("Digest")
  String digest();

  @Message("Details")
  String details();

  @Message("Made by")
  String createdBy();

  @Message("Manifests")
  String manifests();

  @Message("Stored")
  String stored();

  @Message("layers that other repositories have too are counted in each")
  String storedHint();

  @Message("Make public")
  String makePublic();

  @Message("Make private")
  String makePrivate();

  @Message("Let every account of this server pull {name}?")
  String confirmPublic(String name);

  @Message("Only the team pulls {name} from now on?")
  String confirmPrivate(String name);

  @Message("{name} is public now.")
  String madePublic(String name);

  @Message("{name} is private now.")
  String madePrivate(String name);

  @Message("Edit")
  String edit();

  @Message("Description and readme")
  String editTitle();

  @Message("Description")
  String description();

  @Message("One line, at most 500 characters; shown in lists and by docker search.")
  String descriptionHint();

  @Message("Markdown, at most 65,536 characters. HTML is shown as text.")
  String readmeHint();

  @Message("Save")
  String save();

  @Message("{name} was changed.")
  String changed(String name);

  @Message("Delete")
  String delete();

  @Message("Delete repository")
  String deleteRepository();

  @Message("Delete the repository {name} with all its tags and images? They cannot be brought back.")
  String confirmDelete(String name);

  @Message("The repository {name} was deleted.")
  String deleted(String name);

  @Message("Delete tag")
  String deleteTag();

  @Message("Delete the tag {name}")
  String deleteTagOne(String name);

  @Message("Delete the tag {name}? The image stays as long as something else names it.")
  String confirmDeleteTag(String name);

  @Message("Delete image")
  String deleteImage();

  @Message("Delete this image with all its tags ({tags})? It cannot be brought back.")
  String confirmDeleteImage(String tags);

  @Message("Delete this image? It has no tags, and it cannot be brought back.")
  String confirmDeleteUntagged();

  @Message("{name} was deleted.")
  String deletedImage(String name);

  @Message("It has no tags.")
  String noTagsOfImage();

  @Message("Made")
  String made();

  @Message("About")
  String subject();

  @Message("Images for platforms")
  String children();

  @Message("Platform")
  String platform();

  @Message("not named")
  String anyPlatform();

  @Message("not here")
  String isAbsent();

  @Message("This is no image of a container; its maker calls it {kind}.")
  String noConfiguration(String kind);

  @Message("Its maker wrote no history.")
  String noHistory();

  @Message("no layer")
  String noLayer();

  @Message("Layers")
  String layers();

  @Message("It has no layers.")
  String noLayers();

  @Message("Custody")
  String custody();

  @Message("Through whose hands it went, from the audit trail.")
  String custodyHint();

  @Message("reading…")
  String reading();

  @Message("The trail tells nothing of it that you may see.")
  String noCustody();

  @Message("Step")
  String step();

  @Message("By")
  String by();

  @Message("When")
  String when();

  @Message("Under the name")
  String under();

  @Message("imported")
  String didImport();

  @Message("loaded")
  String didLoad();

  @Message("committed")
  String didCommit();

  @Message("built")
  String didBuild();

  @Message("pulled")
  String didPull();

  @Message("pulled from a registry")
  String didPullHere();

  @Message("pushed")
  String didPush();

  @Message("Run as")
  String runs();

  @Message("No container of your team was made from it.")
  String noRuns();

  @Message("Container")
  String container();

  @Message("State")
  String state();

  @Message("Started by")
  String startedBy();

  @Message("ended")
  String ended();
}
