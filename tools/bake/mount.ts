/** Gives a repository the layers that another one of the same registry has, so that a push finds them there. */
import { forEach } from "./for-each";
import type { Job } from "./job";
import type { Ground } from "./look-up";

/**
 * Without it, the first push of a base image's layers into a repository takes them through this machine. Where the
 * registry does not do it, the push does what it would have done, so that no failure here counts.
 * @param repositories names without host.
 */
export async function mountLayers(
  { client, options }: Pick<Job, "client" | "options">,
  images: readonly Ground[],
  repositories: readonly string[],
): Promise<void> {
  const { registry } = options;
  const wanted = images.filter(({ reference }) => reference.registry === registry);
  const layers = [...new Set(repositories)].flatMap((repository) =>
    wanted.flatMap(({ reference, layers }) =>
      layers.map((digest) => ({ repository, from: reference.repository, digest })),
    ),
  );
  await forEach(layers, async ({ repository, from, digest }) => {
    const target = { registry, repository };
    try {
      if (!(await client.hasBlob(target, digest))) await client.mountBlob(target, digest, from);
    } catch {
      // What cannot be mounted is pushed.
    }
  });
}
