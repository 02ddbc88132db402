/** All rules, in the order of their names. */
import type { Rule } from "../finding";
import { contextCredentialFile } from "./context-credential-file";
import { copiedCredentialFile } from "./copied-credential-file";
import { extraIndexUrl } from "./extra-index-url";
import { missingSecretMount } from "./missing-secret-mount";
import { missingUser } from "./missing-user";
import { noDockerfile } from "./no-dockerfile";
import { oldFrontend } from "./old-frontend";
import { secretInArgument } from "./secret-in-argument";
import { secretInEnvironment } from "./secret-in-environment";
import { secretInMetadata } from "./secret-in-metadata";
import { secretInRun } from "./secret-in-run";
import { secretMayBeEmpty } from "./secret-may-be-empty";
import { secretNotRequired } from "./secret-not-required";
import { secretShown } from "./secret-shown";
import { secretWrittenToFile } from "./secret-written-to-file";
import { trustedHost } from "./trusted-host";

export const rules: readonly Rule[] = [
  contextCredentialFile,
  copiedCredentialFile,
  extraIndexUrl,
  missingSecretMount,
  missingUser,
  noDockerfile,
  oldFrontend,
  secretInArgument,
  secretInEnvironment,
  secretInMetadata,
  secretInRun,
  secretMayBeEmpty,
  secretNotRequired,
  secretShown,
  secretWrittenToFile,
  trustedHost,
];
