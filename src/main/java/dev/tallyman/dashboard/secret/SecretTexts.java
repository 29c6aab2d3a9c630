package dev.tallyman.dashboard.secret;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the page of secrets. Other languages: src/main/resources/messages/sec_*.properties. */
@MessageBundle("sec")
public interface SecretTexts {
  @Message("Secrets")
  String secrets();

  @Message("Values that containers get as files of /run/secrets. They are stored encrypted and never shown again.")
  String intro();

  @Message("No secrets yet")
  String none();

  @Message("An administrator stores them; containers name them by the label tallyman.secret.NAME.")
  String noneHint();

  @Message("Name")
  String name();

  @Message("Letters, digits, . _ and -")
  String nameHint();

  @Message("Value")
  String value();

  @Message("Up to 500 KiB of text; bytes can be stored by REST.")
  String valueHint();

  @Message("Bytes")
  String bytes();

  @Message("Version")
  String version();

  @Message("Changed")
  String changed();

  @Message("Used by")
  String users();

  @Message("nobody")
  String unused();

  @Message("New secret")
  String newSecret();

  @Message("Store")
  String store();

  @Message("New value")
  String rotate();

  @Message("Secret")
  String secret();

  @Message("Containers get it with their next start.")
  String rotateHint();

  @Message("Remove")
  String remove();

  @Message("Remove the secret {name}")
  String removeOne(String name);

  @Message("Remove the secret {name}? Its value cannot be brought back.")
  String confirmRemove(String name);

  @Message("The secret {name} was stored.")
  String stored(String name);

  @Message("The secret {name} has its new value. Containers get it with their next start.")
  String rotated(String name);

  @Message("The secret {name} was removed.")
  String removed(String name);
}
