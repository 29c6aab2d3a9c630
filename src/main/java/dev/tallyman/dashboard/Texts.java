package dev.tallyman.dashboard;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the frame around every page. Other languages: src/main/resources/messages/msg_*.properties. */
@MessageBundle("msg")
public interface Texts {
  @Message("Skip to content")
  String skipToContent();

  @Message("Main")
  String mainNavigation();

  @Message("Containers")
  String containers();

  @Message("Images")
  String images();

  @Message("Volumes")
  String volumes();

  @Message("Networks")
  String networks();

  @Message("Audit")
  String audit();

  @Message("Accounts")
  String accounts();

  @Message("Tokens")
  String tokens();

  @Message("Change password")
  String changePassword();

  @Message("Log out")
  String logOut();

  @Message("Keyboard shortcuts")
  String keyboardShortcuts();

  @Message("Search")
  String keySearch();

  @Message("New container, or upload")
  String keyNew();

  @Message("Next and previous row")
  String keyRows();

  @Message("This help")
  String keyHelp();

  @Message("Close what is open")
  String keyClose();

  @Message("Dismiss")
  String dismiss();

  @Message("Cancel")
  String cancel();

  @Message("Confirm")
  String confirm();

  @Message("Close")
  String close();

  @Message("Copy")
  String copy();

  @Message("Copied")
  String copied();

  @Message("Working…")
  String working();

  @Message("The server does not answer. The page goes on by itself when it is back.")
  String offline();

  @Message("Actions")
  String actions();

  @Message("More actions")
  String more();

  @Message("none")
  String none();

  @Message("Live")
  String live();

  @Message("Not connected")
  String notLive();

  @Message("To the containers")
  String toContainers();
}
