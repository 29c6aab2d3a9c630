package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;

/** One container and the tab that is open. */
record Detail(Container c, Actions actions, String tab) {
  public String path() {
    return "/ui/containers/" + c.id();
  }

  public String here() {
    return tab.equals("overview") ? path() : path() + "/" + tab;
  }
}
