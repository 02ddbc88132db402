/** The pinned uv, with which runs resolve. */

export const uvVersion = "0.13.8";

/**
 * SHA-256 of its wheels for Linux: x86_64 (glibc 2.17 and newer), aarch64 (glibc 2.28 and newer), aarch64 (2.17 and newer).
 * To update: download the wheels of the new version and put their hashes here.
 */
const wheels = [
  "e18a57b8b352eb7c8feb317b9f6f533c8f0ad9673fd6cf34bbe3cf1a9f6a8984",
  "5337c30bb893b4f9ce0ceb921ba2da0d13f649da644f40ad3bef84083bef0203",
  "0b3e8b1a4f5e405e31e2ff33de8af4744831e9f7338539671efbd8c3c94e791d",
] as const;

/** As one line of a requirements file, for `pip install --require-hashes`. */
export const uvRequirement = [`uv==${uvVersion}`, ...wheels.map((sha256) => `--hash=sha256:${sha256}`)].join(" ");
