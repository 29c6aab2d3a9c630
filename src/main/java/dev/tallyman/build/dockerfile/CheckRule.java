package dev.tallyman.build.dockerfile;

import java.util.Locale;

/** The build checks, by the names that {@code check=skip=…} knows. Descriptions and addresses are those that Docker prints. */
enum CheckRule {
  CONSISTENT_INSTRUCTION_CASING("ConsistentInstructionCasing", "All commands within the Dockerfile should use the same casing (either upper or lower)"),
  COPY_IGNORED_FILE("CopyIgnoredFile", "Attempting to Copy file that is excluded by .dockerignore"),
  DUPLICATE_STAGE_NAME("DuplicateStageName", "Stage names should be unique"),
  EXPOSE_INVALID_FORMAT(
      "ExposeInvalidFormat", "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release"),
  EXPOSE_PROTO_CASING("ExposeProtoCasing", "Protocol in EXPOSE instruction should be lowercase"),
  FROM_AS_CASING("FromAsCasing", "The 'as' keyword should match the case of the 'from' keyword"),
  FROM_PLATFORM_FLAG_CONST_DISALLOWED("FromPlatformFlagConstDisallowed", "FROM --platform flag should not use a constant value"),
  INVALID_DEFAULT_ARG_IN_FROM("InvalidDefaultArgInFrom", "Default value for global ARG results in an empty or invalid base image name"),
  INVALID_DEFINITION_DESCRIPTION(
      "InvalidDefinitionDescription",
      "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an"
          + " empty line or comment between the instruction and the comment."),
  JSON_ARGS_RECOMMENDED("JSONArgsRecommended", "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals"),
  LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat", "Legacy key/value format with whitespace separator should not be used"),
  MAINTAINER_DEPRECATED("MaintainerDeprecated", "The MAINTAINER instruction is deprecated, use a label instead to define an image author"),
  MULTIPLE_INSTRUCTIONS_DISALLOWED("MultipleInstructionsDisallowed", "Multiple instructions of the same type should not be used in the same stage"),
  NO_EMPTY_CONTINUATION("NoEmptyContinuation", "Empty continuation lines will become errors in a future release"),
  REDUNDANT_TARGET_PLATFORM(
      "RedundantTargetPlatform", "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior"),
  RESERVED_STAGE_NAME("ReservedStageName", "Reserved words should not be used as stage names"),
  SECRETS_USED_IN_ARG_OR_ENV("SecretsUsedInArgOrEnv", "Sensitive data should not be used in the ARG or ENV commands"),
  STAGE_NAME_CASING("StageNameCasing", "Stage names should be lowercase"),
  UNDEFINED_ARG_IN_FROM("UndefinedArgInFrom", "FROM command must use declared ARGs"),
  UNDEFINED_VAR("UndefinedVar", "Variables should be defined before their use"),
  WORKDIR_RELATIVE_PATH(
      "WorkdirRelativePath",
      "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes");

  private final String title;
  private final String description;

  CheckRule(String title, String description) {
    this.title = title;
    this.description = description;
  }

  String title() {
    return title;
  }

  /** Runs only when asked for: what it finds is a matter of taste. */
  boolean isExperimental() {
    return this == INVALID_DEFINITION_DESCRIPTION;
  }

  Warning warning(int line, String detail) {
    String slug = name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new Warning(title, description, "https://docs.docker.com/go/dockerfile/rule/" + slug + "/", line, detail);
  }
}
