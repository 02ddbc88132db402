/** Starts the services that image builds need on this machine: a registry, a package feed, builders and an upstream image. */
export type * from "./types";
