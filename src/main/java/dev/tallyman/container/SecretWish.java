package dev.tallyman.container;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A secret that the creator of a container wants in it; fixed at creation.
 *
 * @param name of the secret, in the container's team
 * @param target name of the file in /run/secrets, or its whole path there; empty = the secret's name
 * @param uid owner as the container sees it; gid likewise
 * @param mode permissions in octal; empty = 0444
 */
@Schema(name = "SecretWish", description = "The secret becomes the read-only file /run/secrets/TARGET. Only its name is required.")
public record SecretWish(String name, String target, int uid, int gid, String mode) {
  public SecretWish {
    name = name == null ? "" : name;
    target = target == null ? "" : target;
    mode = mode == null ? "" : mode;
  }
}
