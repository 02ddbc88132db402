/** The registry client: image references, credentials as docker keeps them, manifests and blobs. */
export { RegistryClient, digestOf, type Manifest, type RegistryClientOptions } from "./client";
export { type Credential, type HelperAnswer, type RunHelper } from "./credentials";
export { RegistryError } from "./errors";
export { type Patience, type Stream, type Transferred } from "./exchange";
export { InvalidReferenceError, formatReference, isDigest, parseReference, type Reference } from "./reference";
