/** Containers of built images, run by the machine's own runtime in place of Docker. */
export type { ContainerMount, ContainerOptions } from "./configuration";
export type { Container, Ended, ExecOptions } from "./container";
export { ContainerError, HostileLayer } from "./errors";
export { startContainer, type StartOptions } from "./start";
