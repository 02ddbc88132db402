/** The leak scan: images and folders, searched for given secrets and for credentials by their form. */
export { readAllowList, type AllowList } from "./allow";
export { addScanCommand } from "./command";
export { type Excluded, type Finding, type LayerPlace, type LayerUse, type ScanReport, type Scanned } from "./report";
export { scanFolder, type FolderScanOptions } from "./scan-folder";
export { UnfinishedScanError, scanImage, type ScanOptions } from "./scan-image";
export { hashOf } from "./search";
export { readSecrets, type LiteralSecret, type SecretSources } from "./secrets";
