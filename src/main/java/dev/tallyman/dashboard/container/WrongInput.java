package dev.tallyman.dashboard.container;

/** Something in one field; its message is shown beside that field. */
final class WrongInput extends RuntimeException {
  private static final long serialVersionUID = 1;

  WrongInput(String message) {
    super(message);
  }
}
