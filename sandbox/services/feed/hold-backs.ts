/** Releases of the public index that the feed does not know yet: the index as it was before they were made. */
import { isPackageName, normalizedName } from "./address";
import { compareVersions, isVersion } from "./version-order";

/** What is held back lasts as long as the process: no packages are lost, and a new start sees the index as it is. */
export class HoldBacks {
  private readonly first = new Map<string, string>();

  /**
   * Hides a version of a package and all later ones. A package has one such mark; a new one takes the place of the old.
   * @throws RangeError for what is no package's name or no version
   */
  public add(name: string, version: string): void {
    if (!isPackageName(name)) throw new RangeError(`"${name}" can be no package's name`);
    if (!isVersion(version)) throw new RangeError(`"${version}" is no version of a package: write it like 2.31.0`);
    this.first.set(normalizedName(name), version);
  }

  /** Shows all of a package again. */
  public release(name: string): void {
    this.first.delete(normalizedName(name));
  }

  public covers(name: string, version: string): boolean {
    const first = this.first.get(normalizedName(name));
    return first !== undefined && compareVersions(version, first) >= 0;
  }
}
