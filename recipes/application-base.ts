/** What the recipe of an application takes from its base image: so little that another stack can hand it over as data. */
import type { BaseImage } from "../spec";

export type ApplicationBase = Pick<BaseImage, "name" | "python" | "platforms" | "user">;
