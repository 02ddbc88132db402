/** The room of what users write: platform settings, base images and applications, checked before anything is declared. */
export * from "./model";
export { SpecError, formatProblem, type Problem } from "./problem";
export { type Refusal, type Rule } from "./rule";
export { loadApps, loadBaseImages, loadSpecs, type SpecFolders, type Specs } from "./load";
export { indexUrl, readSettings, type ConfigReader } from "./settings";
export { CONFIG_KEYS } from "./settings-schema";
export { renderJsonSchemas } from "./json-schemas";
export {
  appImages,
  applicationFolder,
  baseImageFolder,
  builderRepository,
  dependencyRepository,
  imageName,
  runtimeRepository,
  upstreamImageOf,
  type AppImage,
} from "./images";
export * from "./names";
export { findCredential, isSecretName } from "./credentials";
export { indexSecret } from "./package-indexes";
export { isLoopback } from "./addresses";
export { cronLine } from "./schedule";
export {
  FACTS_KEY,
  readRecipeFacts,
  recipeFacts,
  type ApplicationFacts,
  type BaseImageFacts,
  type ImageFacts,
  type IndexFacts,
  type OwnDockerfileFacts,
  type PackageSetFacts,
  type RecipeFacts,
} from "./recipe-facts";
