package dev.tallyman.dashboard.event;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the page of events. Other languages: src/main/resources/messages/evt_*.properties. */
@MessageBundle("evt")
public interface EventTexts {
  @Message("Events")
  String title();

  @Message("What happened to containers, images, volumes, networks and secrets, and who did it. The audit has refused attempts too.")
  String intro();

  @Message("Filters")
  String filters();

  @Message("Type")
  String type();

  @Message("any")
  String any();

  @Message("Action")
  String action();

  @Message("Name or id")
  String object();

  @Message("Account")
  String account();

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

  @Message("Object")
  String what();

  @Message("Details")
  String details();

  @Message("Nothing happened yet")
  String none();

  @Message("What happens from now on appears here by itself.")
  String noneHint();

  @Message("Nothing found")
  String nothingFound();

  @Message("No event matches these filters.")
  String nothingFoundHint();

  @Message("Newest")
  String newest();

  @Message("Older")
  String older();

  @Message("container")
  String container();

  @Message("image")
  String image();

  @Message("volume")
  String volume();

  @Message("network")
  String network();

  @Message("secret")
  String secret();
}
