package dev.tallyman.dashboard.repository;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the pages with what teams lay down for the Index: rules, storage, robots. Other languages: src/main/resources/messages/idx_*.properties. */
@MessageBundle("idx")
public interface IndexTexts {
  @Message("Rules")
  String rules();

  @Message("Rules of {name}")
  String rulesOf(String name);

  @Message("Which tags nobody may move, and which go by themselves.")
  String rulesIntro();

  @Message("Immutable tags")
  String immutable();

  @Message("Names of tags, one on a line; * stands for any text")
  String patterns();

  @Message("Such a tag can be pushed once; then nobody moves or deletes it, its image, or the repository.")
  String immutableHint();

  @Message("No tag is immutable.")
  String immutableNone();

  @Message("Save")
  String save();

  @Message("The rules of {name} were changed.")
  String rulesChanged(String name);

  @Message("Retention")
  String retention();

  @Message("A tag stays if one of these keeps it, or if it is immutable; the others go every day. Leave all empty to keep everything.")
  String retentionHint();

  @Message("Every tag stays.")
  String retentionNone();

  @Message("Keep the last pushed")
  String keepLast();

  @Message("How many tags.")
  String keepLastHint();

  @Message("Keep what was pushed within")
  String keepPushed();

  @Message("Keep what was pulled within")
  String keepPulled();

  @Message("Days.")
  String inDays();

  @Message("Keep tags like")
  String keepTags();

  @Message("Try out")
  String tryOut();

  @Message("Clean up now")
  String cleanUp();

  @Message("Take away every tag of {name} that the rule does not keep, with images that have no tag left by it? They cannot be brought back.")
  String confirmCleanUp(String name);

  @Message("Tags that went: {removed}; that stay: {kept}.")
  String cleanedUp(long removed, long kept);

  @Message("What would go")
  String preview();

  @Message("Nothing was changed. Tags that would go: {removed}, with {manifests} manifests; that would stay: {kept}.")
  String previewCounts(long removed, long manifests, long kept);

  @Message("Nothing would go.")
  String previewNone();

  @Message("The first {count} of them:")
  String previewFirst(int count);

  @Message("Why")
  String why();

  @Message("Storage")
  String storage();

  @Message("What teams keep in the Index, and may. What several repositories of a team share is counted once.")
  String storageIntro();

  @Message("Used")
  String used();

  @Message("Arriving")
  String arriving();

  @Message("Limit")
  String limit();

  @Message("Limit of {team}")
  String limitOf(String team);

  @Message("no limit")
  String noLimit();

  @Message("{percent} % of the limit of {team} are used")
  String usedOf(long percent, String team);

  @Message("full")
  String full();

  @Message("A number with k, m, g or t, e.g. 10g; empty = no limit. Less than is used refuses further pushes and takes nothing away.")
  String limitHint();

  @Message("Set")
  String set();

  @Message("The limit of {team} was set.")
  String limitSet(String team);

  @Message("{team} has no limit now.")
  String limitLifted(String team);

  @Message("Garbage")
  String garbage();

  @Message("Blobs that no manifest has. They are collected by themselves from time to time, while pushes go on; what was pushed or pulled a short time ago stays.")
  String garbageHint();

  @Message("Also manifests without a tag that are in no index and about no other manifest")
  String untagged();

  @Message("Collect now")
  String collect();

  @Message("Collect the garbage of all teams? What goes does not come back.")
  String confirmCollect();

  @Message("Nothing was changed. Manifests that would go: {manifests}; blobs: {blobs}; the disk would have {freed} more.")
  String wouldGo(long manifests, long blobs, String freed);

  @Message("Manifests that went: {manifests}; blobs: {blobs}; the disk has {freed} more.")
  String collected(long manifests, long blobs, String freed);

  @Message("Robots")
  String robots();

  @Message("What programs log in to the Index as, with rights of their own; good for nothing else.")
  String robotsIntro();

  @Message("No robots yet")
  String noRobots();

  @Message("Make one for a pipeline that pushes or pulls, instead of lending it an account.")
  String noRobotsHint();

  @Message("Administrators make them.")
  String noRobotsHintOthers();

  @Message("Rights")
  String rights();

  @Message("all of the team")
  String all();

  @Message("Secret ends")
  String ends();

  @Message("expired")
  String expired();

  @Message("disabled")
  String disabled();

  @Message("Last log-in")
  String lastUsed();

  @Message("{robot} can log in")
  String made(String robot);

  @Message("Copy it now: this secret is shown only this once.")
  String once();

  @Message("Secret")
  String secret();

  @Message("Log in with docker")
  String loginLine();

  @Message("Actions for {robot}")
  String actionsFor(String robot);

  @Message("Disable")
  String disable();

  @Message("Enable")
  String enable();

  @Message("Disable {robot}? It is out at once, also in the middle of a push.")
  String confirmDisable(String robot);

  @Message("New secret…")
  String renew();

  @Message("New secret for {robot}")
  String renewOf(String robot);

  @Message("The present one ends at once.")
  String renewHint();

  @Message("Make new secret")
  String renewDo();

  @Message("Remove")
  String remove();

  @Message("Remove the robot {robot}? It is out at once; what it pushed stays.")
  String confirmRemove(String robot);

  @Message("{robot} was changed.")
  String robotChanged(String robot);

  @Message("{robot} was removed.")
  String robotRemoved(String robot);

  @Message("New robot")
  String newRobot();

  @Message("Team")
  String team();

  @Message("Name")
  String name();

  @Message("It logs in as TEAM+NAME. Lower-case letters, digits, dot, dash; at most 32.")
  String nameHint();

  @Message("Description")
  String description();

  @Message("What it may do with each repository: names with their team, at most 20, there or to come; * for all of the team. Lines without a name do not count.")
  String rightsHint();

  @Message("Repository")
  String repository();

  @Message("Another repository")
  String addRepository();

  @Message("Description and rights…")
  String editRights();

  @Message("Rights of {robot}")
  String rightsOf(String robot);

  @Message("Changes hold at once, also for pushes and pulls under way.")
  String rightsIntro();

  @Message("It may")
  String may();

  @Message("pull")
  String mayPull();

  @Message("pull and push")
  String mayPush();

  @Message("pull and delete")
  String mayPullDelete();

  @Message("pull, push and delete")
  String mayDelete();

  @Message("in {count} days")
  String days(int count);

  @Message("never")
  String never();

  @Message("Make robot")
  String make();
}
