/** How reading, unpacking and starting an image fail. */

/** An image or a container that cannot be used, and what to do about it. */
export class ContainerError extends Error {
  /** @param mend What the reader can do. */
  constructor(
    message: string,
    readonly mend: string,
    options?: ErrorOptions,
  ) {
    super(`${message}\n  ${mend}`, options);
    this.name = "ContainerError";
  }
}

/** A layer whose members would write where they may not, or that is more than a layer may be. */
export class HostileLayer extends ContainerError {
  constructor(member: string, why: string) {
    super(
      `the layer's member ${JSON.stringify(member.slice(0, 200))} ${why}`,
      "Do not start this image; find out who made it and how.",
    );
    this.name = "HostileLayer";
  }
}
