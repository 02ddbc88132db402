/** Declares one file in a repository of Azure Repos. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { fileName } from "./naming";

export interface RepositoryFileArgs {
  readonly repositoryId: pulumi.Input<string>;
  /** Full name of the branch; it must exist. Default `refs/heads/main`. */
  readonly branch?: pulumi.Input<string> | undefined;
  /** Path in the repository, not starting with `/`. Replaces on change. */
  readonly path: string;
  readonly content: pulumi.Input<string>;
}

/**
 * Files that belong to the platform: what is there is overwritten, and whoever edits one is overruled by the next `up`.
 * Each is named by the last part of its path. The commit message is read back from the last commit, whoever made it, so
 * its changes are not looked at.
 */
export function platformFiles(
  name: string,
  repository: Pick<RepositoryFileArgs, "repositoryId" | "branch">,
  files: readonly Pick<RepositoryFileArgs, "path" | "content">[],
  options: pulumi.CustomResourceOptions,
): azuredevops.GitRepositoryFile[] {
  return files.map(({ path, content }) =>
    declare(`${name}-${fileName(path)}`, { ...repository, path, content }, `Update ${path}`, {
      ...options,
      ignoreChanges: ["commitMessage"],
    }),
  );
}

/**
 * A file of the platform that is one machine-made text: a preview says that it changes, and not how. As a diff it would be
 * longer than all else that a reviewer has to read, so its content is kept as secrets are.
 */
export function madeFile(
  name: string,
  args: RepositoryFileArgs,
  options: pulumi.CustomResourceOptions,
): azuredevops.GitRepositoryFile {
  const content = pulumi.secret(args.content);
  return declare(`${name}-${fileName(args.path)}`, { ...args, content }, `Update ${args.path}`, {
    ...options,
    additionalSecretOutputs: ["content"],
    ignoreChanges: ["commitMessage"],
  });
}

/**
 * A file that the platform writes once and then leaves to the team: later edits are no difference, a new first branch
 * does not bring it back, and it stays when the team leaves the platform.
 */
export function starterFile(
  name: string,
  args: RepositoryFileArgs,
  options: pulumi.CustomResourceOptions,
): azuredevops.GitRepositoryFile {
  return declare(name, args, "Start building on the platform", {
    ...options,
    ignoreChanges: ["commitMessage", "content", "branch"],
    retainOnDelete: true,
  });
}

function declare(
  name: string,
  { repositoryId, branch, path, content }: RepositoryFileArgs,
  commitMessage: string,
  options: pulumi.CustomResourceOptions,
): azuredevops.GitRepositoryFile {
  return new azuredevops.GitRepositoryFile(
    name,
    {
      repositoryId,
      branch: branch ?? "refs/heads/main",
      file: path,
      content,
      commitMessage,
      // A push whose answer got lost must not make the next `up` stumble over its own file.
      overwriteOnCreate: true,
    },
    options,
  );
}
