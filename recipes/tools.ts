/** The pinned packages of bindep, which every builder image carries to read bindep files. */

/**
 * bindep 2.14.0 and all that it needs, each with the SHA-256 of its wheel for every Python 3.
 * To update: resolve `bindep` anew and put the versions and hashes of the wheels here.
 */
const packages: readonly { readonly name: string; readonly version: string; readonly sha256: string }[] = [
  { name: "bindep", version: "2.14.0", sha256: "235181c6f79f3a3edb831a6ae55f61185bc1de0f7761904d906507e9a5d801c9" },
  { name: "distro", version: "1.9.0", sha256: "7bffd925d65168f85027d8da9af6bddab658135b840670a223589bc0c8ef02b2" },
  { name: "packaging", version: "26.3", sha256: "d7193f7c8e4e93f444fde0262bf90af30e16fa0ad0ad44cb553c87339b23cd1c" },
  { name: "parsley", version: "1.3", sha256: "c3bc417b8c7e3a96c87c0f2f751bfd784ed5156ffccebe2f84330df5685f8dc3" },
  { name: "pbr", version: "7.1.3", sha256: "6583e878a1d97cb135fdc509811f31b9235905cde8d4dacd3dbadf9efc45d745" },
  { name: "setuptools", version: "84.2.1", sha256: "ca140b45d5325a9478f880e351484f62fef15f336462e449ca0c03c873d589c2" },
];

/** As a requirements file with hashes, for `pip install --require-hashes`. */
export function toolRequirements(): string {
  return packages.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}`).join("\n");
}
