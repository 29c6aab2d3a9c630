package dev.tallyman.dashboard.account;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of login, password, tokens and accounts. Other languages: src/main/resources/messages/acc_*.properties. */
@MessageBundle("acc")
public interface AccountTexts {
  @Message("Log in")
  String logIn();

  @Message("Log in to Tallyman")
  String welcome();

  @Message("Account")
  String account();

  @Message("Password")
  String password();

  @Message("You are logged out.")
  String loggedOut();

  @Message("This account still has its first password. Choose your own to go on.")
  String firstPassword();

  @Message("Present password")
  String oldPassword();

  @Message("New password")
  String newPassword();

  @Message("New password again")
  String repeatPassword();

  @Message("At least 10 characters.")
  String passwordHint();

  @Message("The new password was not the same both times.")
  String passwordsDiffer();

  @Message("Your password was changed.")
  String passwordChanged();

  @Message("A token lets docker and other programs act as you.")
  String tokensIntro();

  @Message("Token {name}")
  String tokenMade(String name);

  @Message("Copy it now: this secret is shown only this once.")
  String secretOnce();

  @Message("Secret")
  String secret();

  @Message("With docker")
  String useWithDocker();

  @Message("With REST")
  String useWithRest();

  @Message("No tokens yet")
  String noTokens();

  @Message("Make one to use the docker command or REST from another machine.")
  String noTokensHint();

  @Message("Name")
  String tokenName();

  @Message("Where it will be used; it stands in the audit trail.")
  String tokenNameHint();

  @Message("Expires")
  String expires();

  @Message("After this time it is worth nothing.")
  String expiresHint();

  @Message("Last used")
  String lastUsed();

  @Message("never")
  String never();

  @Message("in {count} days")
  String days(int count);

  @Message("New token")
  String newToken();

  @Message("Create token")
  String createToken();

  @Message("Revoke")
  String revoke();

  @Message("Revoke the token {name}? Programs that use it lose access at once.")
  String confirmRevoke(String name);

  @Message("The token was revoked.")
  String tokenRevoked();

  @Message("Who may come in, and what they may do.")
  String accountsIntro();

  @Message("Role")
  String role();

  @Message("Role of {name}")
  String roleOf(String name);

  @Message("Viewers look, members run containers, administrators do everything.")
  String roleHint();

  @Message("viewer")
  String viewer();

  @Message("member")
  String member();

  @Message("administrator")
  String administrator();

  @Message("Host user id")
  String hostUser();

  @Message("you")
  String you();

  @Message("disabled")
  String disabled();

  @Message("Disable")
  String disable();

  @Message("Enable")
  String enable();

  @Message("Set")
  String set();

  @Message("Set password")
  String resetPassword();

  @Message("New password for {name}")
  String resetPasswordOf(String name);

  @Message("Disable {name}? Its sessions end at once and its tokens stop working.")
  String confirmDisable(String name);

  @Message("Remove the account {name}, its sessions and its tokens?")
  String confirmRemove(String name);

  @Message("New account")
  String newAccount();

  @Message("Name")
  String accountName();

  @Message("Lower-case letters, digits, dot, dash.")
  String accountNameHint();

  @Message("Password")
  String firstPasswordOf();

  @Message("Create account")
  String createAccount();

  @Message("The account {name} was created.")
  String accountCreated(String name);

  @Message("The account {name} was changed.")
  String accountChanged(String name);

  @Message("The account {name} was removed.")
  String accountRemoved(String name);

  @Message("Registry log-ins")
  String registryLogins();

  @Message("Stored for you alone: your pulls, pushes and builds log in with them where docker or a form brings nothing else. Nobody else uses or sees them.")
  String registryLoginsIntro();

  @Message("No log-ins stored")
  String noLogins();

  @Message("Store one to use private images of a registry elsewhere.")
  String noLoginsHint();

  @Message("Members store log-ins for the images that they pull and push.")
  String noLoginsHintViewers();

  @Message("Registry")
  String registry();

  @Message("As names of images begin: docker.io or host:port. Each host and port has its own.")
  String registryHint();

  @Message("User")
  String registryUser();

  @Message("Password or access token")
  String registryPassword();

  @Message("Stored encrypted once the registry has accepted it, and never shown again.")
  String registryPasswordHint();

  @Message("Stored")
  String stored();

  @Message("Test")
  String test();

  @Message("Test the log-in to {registry}")
  String testLogin(String registry);

  @Message("Remove")
  String forget();

  @Message("Remove the log-in to {registry}")
  String forgetLogin(String registry);

  @Message("Remove your log-in to {registry}? Pulls and pushes that bring none lose access to private images there.")
  String confirmForget(String registry);

  @Message("Store a log-in")
  String newLogin();

  @Message("Check and store")
  String storeLogin();

  @Message("{registry} accepted {user}; the log-in is stored.")
  String loginStored(String registry, String user);

  @Message("{registry} accepts the log-in.")
  String loginAccepted(String registry);

  @Message("The log-in to {registry} was removed.")
  String loginRemoved(String registry);
}
