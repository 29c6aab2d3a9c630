package dev.tallyman.dashboard.network;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Words of the pages of networks. Other languages: src/main/resources/messages/net_*.properties. */
@MessageBundle("net")
public interface NetworkTexts {
  @Message("No networks of your own yet")
  String none();

  @Message("Subnet")
  String subnet();

  @Message("Gateway")
  String gateway();

  @Message("IPv6 subnet")
  String subnet6();

  @Message("IPv6 gateway")
  String gateway6();

  @Message("Its containers have IPv6 addresses too")
  String ipv6Box();

  @Message("They have IPv6 addresses alone, and none of IPv4")
  String withoutIpv4Box();

  @Message("Kind")
  String kind();

  @Message("Containers on it now")
  String members();

  @Message("None at present.")
  String noMembers();

  @Message("no way out")
  String internal();

  @Message("containers apart")
  String isolated();

  @Message("always there")
  String everybodys();

  @Message("configuration only")
  String configOnly();

  @Message("Made from")
  String configFrom();

  @Message("Networks are made from it; it is none itself")
  String configOnlyHint();

  @Message("Options of addresses")
  String addressOptions();

  @Message("own")
  String own();

  @Message("New network")
  String newNetwork();

  @Message("Create")
  String create();

  @Message("Name")
  String name();

  @Message("Containers on it find each other by name.")
  String nameHint();

  @Message("Left empty, one is chosen. e.g. 172.30.0.0/24")
  String subnetHint();

  @Message("Left empty, the first address.")
  String gatewayHint();

  @Message("No way out: its containers reach only each other")
  String internalBox();

  @Message("Its containers do not reach each other")
  String isolatedBox();

  @Message("Remove the network {name}")
  String removeOne(String name);

  @Message("Remove the network {name}?")
  String confirmRemove(String name);

  @Message("The network {name} was created.")
  String created(String name);

  @Message("The network {name} was removed.")
  String removed(String name);

  @Message("The container {name} is on the network now.")
  String connected(String name);

  @Message("The container {name} is off the network now.")
  String disconnected(String name);

  @Message("Put a container on it")
  String connect();

  @Message("Connect")
  String connectButton();

  @Message("Take {name} off this network")
  String disconnectOne(String name);

  @Message("Take {name} off this network? Its connections there break.")
  String confirmDisconnect(String name);

  @Message("Container")
  String container();

  @Message("Address")
  String address();

  @Message("Only where the network has a subnet of your choice.")
  String addressHint();

  @Message("Further names")
  String aliases();

  @Message("With blanks in between.")
  String aliasesHint();

  @Message("Names")
  String names();

  @Message("Options")
  String options();

  @Message("Created by")
  String creator();
}
