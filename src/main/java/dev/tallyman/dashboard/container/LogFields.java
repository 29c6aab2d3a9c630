package dev.tallyman.dashboard.container;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The form's fields about what is kept of the output. Their range is the service's to judge. All methods throw {@link WrongInput}. */
final class LogFields {
  /** In the order of the choice; forwarding drivers need an address and have many options, which docker and REST give. */
  static final List<String> DRIVERS = List.of("json-file", "local", "none");

  private final CreateTexts texts;

  LogFields(CreateTexts texts) {
    this.texts = texts;
  }

  /** Empty leaves it to the server. */
  String driver(String typed) {
    if (!typed.isEmpty() && !DRIVERS.contains(typed)) {
      throw new WrongInput(texts.logDriverWrong());
    }
    return typed;
  }

  /** With the driver none the service does not look at its options. */
  String option(String driver, String typed) {
    if (driver.equals("none") && !typed.isEmpty()) {
      throw new WrongInput(texts.logNotKept());
    }
    return typed;
  }

  Map<String, String> options(String size, String files) {
    Map<String, String> options = new LinkedHashMap<>();
    if (!size.isEmpty()) {
      options.put("max-size", size);
    }
    if (!files.isEmpty()) {
      options.put("max-file", files);
    }
    return options;
  }
}
