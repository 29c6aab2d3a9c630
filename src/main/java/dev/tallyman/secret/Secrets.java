package dev.tallyman.secret;

import dev.tallyman.identity.Caller;
import java.util.List;
import java.util.Map;

/**
 * Secrets of a team. Administrators make, change and remove them; members give them to containers; everybody in the team sees that they are there.
 * No method but {@link #reveal} gives a value away.
 */
public interface Secrets {
  /** As many bytes as one may have: 500 KiB, as with Docker. */
  int MAX_BYTES = 500 << 10;

  /** ALREADY_EXISTS if the team has one of that name. @param value not kept */
  Secret create(Caller caller, String name, byte[] value, Map<String, String> labels);

  /** NOT_FOUND if the team has none of that name. */
  Secret inspect(Caller caller, String name);

  /** Of the caller's team, ascending by name. */
  List<Secret> list(Caller caller);

  /** Gives it another value; containers have it after their next start. @param value not kept */
  Secret rotate(Caller caller, String name, byte[] value);

  /** CONFLICT with the names of the containers that have it. */
  void remove(Caller caller, String name);

  /** The containers that have it, whether they run or not. */
  List<Users.User> users(Caller caller, String name);

  /** The secret, for a container that is about to be: nobody removes it until {@link #release}. */
  Secret use(Caller caller, String name, String container);

  /** The container is in the inventory now, or will never be. */
  void release(String container);

  /** The value, for a container of the caller's team that is being started; whoever gets it wipes it. UNAVAILABLE without the right key. */
  byte[] reveal(Caller caller, String id);

  /** Who has a secret; implemented by the container inventory. */
  interface Users {
    /** Containers that are not removed and have the secret. */
    List<User> usersOfSecret(String secretId);

    record User(String containerId, String name, boolean isRunning) {}
  }
}
