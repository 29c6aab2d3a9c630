package dev.tallyman.dashboard.account;

import dev.tallyman.identity.Role;
import io.quarkus.qute.TemplateExtension;
import io.quarkus.qute.i18n.Localized;
import io.quarkus.qute.i18n.MessageBundles;

/** How accounts look in pages. */
@TemplateExtension
final class AccountFormats {
  private AccountFormats() {}

  static String word(Role role, String language) {
    AccountTexts texts = MessageBundles.get(AccountTexts.class, Localized.Literal.of(language));
    return switch (role) {
      case VIEWER -> texts.viewer();
      case MEMBER -> texts.member();
      case ADMINISTRATOR -> texts.administrator();
    };
  }
}
