/** Reading images: from a registry, an OCI layout or a docker archive, down to the members of their layers. */
export { allLayers } from "./layers";
export { LayoutSource, MissingContentError } from "./layout-source";
export {
  BrokenImageError,
  isManifestType,
  parseConfig,
  platformName,
  type Descriptor,
  type ImageConfig,
  type ImageSource,
  type ManifestDocument,
  type OtherFile,
} from "./model";
export { isAbsent, openImage, type OpenImageOptions } from "./open";
export { chooseManifest, readFileFromImage, whiteoutOf } from "./read-file";
export { TarWalker, cleanPath, type TarMember } from "./tar";
export { isTarHeader } from "./tar-header";
export { isPacked, unpacked, type UnpackOptions } from "./unpack";
export { Verification, readDocument, verified } from "./verify";
