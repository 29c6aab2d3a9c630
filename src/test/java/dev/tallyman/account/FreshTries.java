package dev.tallyman.account;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** For tests of other packages that log in with wrong secrets: all tests come from one address, and the next shall not have to wait. */
@ApplicationScoped
public class FreshTries {
  @Inject LoginBrake brake;

  public void grant() {
    brake.forgetAll();
  }
}
