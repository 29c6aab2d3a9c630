package dev.tallyman.build;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.secret.Secrets;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Secrets of the team as those of a build, so that no value is in a request. */
@Singleton
class TeamSecrets {
  private final Secrets secrets;

  @Inject
  TeamSecrets(Secrets secrets) {
    this.secrets = secrets;
  }

  /**
   * @param wishes {@code id} or {@code id=name of the team's secret}
   * @throws TallymanException INVALID for one that the team does not have
   */
  BuildSecrets of(Caller caller, List<String> wishes) {
    Map<String, String> ids = new HashMap<>();
    for (String wish : wishes) {
      caller.require(Role.MEMBER, "build an image");
      int equals = wish.indexOf('=');
      String id = (equals < 0 ? wish : wish.substring(0, equals)).strip();
      String name = equals < 0 ? id : wish.substring(equals + 1).strip();
      if (id.isEmpty() || name.isEmpty()) {
        throw new TallymanException(ErrorKind.INVALID, "the secret '" + wish.strip() + "' must have the form id or id=name of a secret of the team");
      }
      ids.put(id, found(caller, name));
    }
    return id -> ids.containsKey(id) ? secrets.reveal(caller, ids.get(id)) : null;
  }

  private String found(Caller caller, String name) {
    try {
      return secrets.inspect(caller, name).id();
    } catch (TallymanException e) {
      throw e.kind() == ErrorKind.NOT_FOUND ? new TallymanException(ErrorKind.INVALID, "secret not found: " + name, e) : e;
    }
  }
}
