package dev.tallyman.dashboard.audit;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the audit page. Other languages: src/main/resources/messages/aud_*.properties. */
@MessageBundle("aud")
public interface AuditTexts {
  @Message("Who did what, when, and by which way in. Refusals too.")
  String intro();

  @Message("Verify the chain")
  String verify();

  @Message("The trail is whole: every row fits to the one before it.")
  String whole();

  @Message("The trail was changed: {what}")
  String broken(String what);

  @Message("Filters")
  String filters();

  @Message("Account")
  String account();

  @Message("Action")
  String action();

  @Message("Object")
  String object();

  @Message("Way in")
  String way();

  @Message("Way in")
  String wayIn();

  @Message("Outcome")
  String outcome();

  @Message("any")
  String any();

  @Message("From day")
  String from();

  @Message("To day")
  String to();

  @Message("Filter")
  String apply();

  @Message("Clear")
  String clear();

  @Message("When")
  String when();

  @Message("token {name}")
  String byToken(String name);

  @Message("Nothing happened yet")
  String none();

  @Message("Every change, command and login will be listed here.")
  String noneHint();

  @Message("Nothing found")
  String nothingFound();

  @Message("No row matches these filters.")
  String nothingFoundHint();

  @Message("Newest")
  String newest();

  @Message("Older")
  String older();
}
